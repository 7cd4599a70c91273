-- Rename
ALTER TYPE "Kind" RENAME TO "Sort";
ALTER TYPE "Sort" RENAME VALUE 'C' TO 'D';
ALTER TABLE "Article" RENAME COLUMN "kind" TO "sort";
