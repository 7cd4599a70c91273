-- Rename
ALTER TABLE "Article" RENAME TO "Story";
ALTER TABLE "Story" RENAME COLUMN "title" TO "name";
ALTER SEQUENCE IF EXISTS "Article_id_seq" RENAME TO "Story_id_seq";

-- AlterTable
ALTER TABLE "Story" RENAME CONSTRAINT "Article_pkey" TO "Story_pkey";

-- RenameIndex
ALTER INDEX "Article_title_key" RENAME TO "Story_name_key";
