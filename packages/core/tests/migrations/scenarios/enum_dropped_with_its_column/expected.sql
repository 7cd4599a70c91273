/*
  Warnings:

  - You are about to drop the column `kind` on the `Article` table. All the data in the column will be lost.

*/
-- AlterTable
ALTER TABLE "Article" DROP COLUMN "kind";

-- DropEnum
DROP TYPE "Kind";
