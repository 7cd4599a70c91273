/*
  Warnings:

  - You are about to drop the column `n` on the `Item` table. All the data in the column will be lost.

*/
-- AlterTable
ALTER TABLE "shop"."Item" DROP COLUMN "n";
