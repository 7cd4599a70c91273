/*
  Warnings:

  - You are about to alter the column `value` on the `Article` table. The data in that column could be lost. The data in that column will be cast from `VarChar(20)` to `VarChar(10)`.

*/
-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "value" SET DATA TYPE VARCHAR(10);
