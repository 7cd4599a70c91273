-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "title" SET DEFAULT 'some';
