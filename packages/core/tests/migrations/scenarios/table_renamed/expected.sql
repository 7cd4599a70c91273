-- Rename
ALTER TABLE "Article" RENAME TO "Story";

-- AlterTable
ALTER TABLE "Story" RENAME CONSTRAINT "Article_pkey" TO "Story_pkey";
