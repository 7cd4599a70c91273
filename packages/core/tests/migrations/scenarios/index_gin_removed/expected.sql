-- DropIndex
DROP INDEX "Article_tags_idx";
