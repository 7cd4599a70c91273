-- AlterTable
ALTER TABLE "Article" ADD COLUMN     "note" TEXT;
