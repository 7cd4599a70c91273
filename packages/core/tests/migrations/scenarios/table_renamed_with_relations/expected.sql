-- Rename
ALTER TABLE "Author" RENAME TO "Writer";

-- AlterTable
ALTER TABLE "Writer" RENAME CONSTRAINT "Author_pkey" TO "Writer_pkey";
