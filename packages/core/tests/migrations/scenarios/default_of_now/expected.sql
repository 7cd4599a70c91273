/*
  Warnings:

  - Made the column `made` on table `Article` required. This step will fail if there are existing NULL values in that column.

*/
-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "made" SET NOT NULL,
ALTER COLUMN "made" SET DEFAULT CURRENT_TIMESTAMP;
