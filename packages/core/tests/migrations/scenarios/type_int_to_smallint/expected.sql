/*
  Warnings:

  - You are about to alter the column `value` on the `Article` table. The data in that column could be lost. The data in that column will be cast from `Integer` to `SmallInt`.

*/
-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "value" SET DATA TYPE SMALLINT;
