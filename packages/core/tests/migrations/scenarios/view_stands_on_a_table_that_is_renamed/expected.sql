-- Rename
ALTER TABLE "Article" RENAME TO "articles";

-- AlterTable
ALTER TABLE "articles" RENAME CONSTRAINT "Article_pkey" TO "articles_pkey";
