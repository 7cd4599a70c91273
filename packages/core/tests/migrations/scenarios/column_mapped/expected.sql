-- Rename
ALTER TABLE "Article" RENAME COLUMN "title" TO "head_line";
