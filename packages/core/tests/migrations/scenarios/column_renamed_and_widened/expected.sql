-- Rename
ALTER TABLE "Article" RENAME COLUMN "title" TO "headline";

-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "headline" SET DATA TYPE VARCHAR(9);
