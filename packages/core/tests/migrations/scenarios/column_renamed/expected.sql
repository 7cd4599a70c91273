-- Rename
ALTER TABLE "Article" RENAME COLUMN "title" TO "headline";
