-- AlterTable
ALTER TABLE "Article" ADD COLUMN     "m" INTEGER;
