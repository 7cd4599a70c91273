/*
  Warnings:

  - You are about to drop the column `title` on the `Article` table. All the data in the column will be lost.

*/
-- AlterTable
ALTER TABLE "Article" DROP COLUMN "title";

-- AlterTable
ALTER TABLE "Tag" ADD COLUMN     "title" TEXT;
