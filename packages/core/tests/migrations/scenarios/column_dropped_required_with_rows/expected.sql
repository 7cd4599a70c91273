/*
  Warnings:

  - You are about to drop the column `price` on the `Article` table. All the data in the column will be lost.
  - You are about to drop the column `title` on the `Article` table. All the data in the column will be lost.

*/
-- AlterTable
ALTER TABLE "Article" DROP COLUMN "price",
DROP COLUMN "title";
