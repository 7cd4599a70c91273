-- AlterTable
ALTER TABLE "articles" ADD COLUMN     "title" TEXT;
