-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "title" DROP DEFAULT;
