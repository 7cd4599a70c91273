-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "kind" SET DEFAULT 'B';
