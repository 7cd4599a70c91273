-- DropIndex
DROP INDEX "Article_title_idx";
