-- RenameForeignKey
ALTER TABLE "Article" RENAME CONSTRAINT "Article_authorId_fkey" TO "written_by";
