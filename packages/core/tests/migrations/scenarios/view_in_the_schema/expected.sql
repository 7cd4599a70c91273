-- AlterTable
ALTER TABLE "Article" ADD COLUMN     "price" INTEGER;
