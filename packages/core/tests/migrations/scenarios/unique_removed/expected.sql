-- DropIndex
DROP INDEX "Article_title_key";
