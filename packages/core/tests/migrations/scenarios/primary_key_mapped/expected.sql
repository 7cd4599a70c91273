-- AlterTable
ALTER TABLE "Article" RENAME CONSTRAINT "Article_pkey" TO "the_key";
