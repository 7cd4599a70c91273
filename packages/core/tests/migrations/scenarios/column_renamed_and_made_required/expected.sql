-- Rename
ALTER TABLE "Article" RENAME COLUMN "title" TO "headline";

/*
  Warnings:

  - Made the column `headline` on table `Article` required. This step will fail if there are existing NULL values in that column.

*/
-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "headline" SET NOT NULL;
