-- DropIndex
DROP INDEX "Article_n_idx";
