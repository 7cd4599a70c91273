/*
  Warnings:

  - You are about to alter the column `price` on the `Article` table. The data in that column could be lost. The data in that column will be cast from `Decimal(8,3)` to `Decimal(8,1)`.

*/
-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "price" SET DATA TYPE DECIMAL(8,1);
