-- Rename
ALTER TABLE "_ArticleToTag" RENAME TO "_labels";
ALTER TABLE "_labels" RENAME CONSTRAINT "_ArticleToTag_A_fkey" TO "_labels_A_fkey";
ALTER TABLE "_labels" RENAME CONSTRAINT "_ArticleToTag_B_fkey" TO "_labels_B_fkey";

-- AlterTable
ALTER TABLE "_labels" RENAME CONSTRAINT "_ArticleToTag_AB_pkey" TO "_labels_AB_pkey";

-- RenameIndex
ALTER INDEX "_ArticleToTag_B_index" RENAME TO "_labels_B_index";
