-- Rename
ALTER TABLE "Article" RENAME COLUMN "title" TO "headline";

-- RenameIndex
ALTER INDEX "Article_title_idx" RENAME TO "Article_headline_idx";

-- RenameIndex
ALTER INDEX "Article_title_key" RENAME TO "Article_headline_key";
