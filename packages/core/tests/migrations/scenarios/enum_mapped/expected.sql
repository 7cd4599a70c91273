-- Rename
ALTER TYPE "Kind" RENAME TO "article_kind";
