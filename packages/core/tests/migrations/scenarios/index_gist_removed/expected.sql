-- DropIndex
DROP INDEX "Article_net_idx";
