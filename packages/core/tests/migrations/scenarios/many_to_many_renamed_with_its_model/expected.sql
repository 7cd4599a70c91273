-- Rename
ALTER TABLE "Post" RENAME TO "Page";
ALTER TABLE "_PostToTag" RENAME TO "_PageToTag";
ALTER TABLE "_PageToTag" RENAME CONSTRAINT "_PostToTag_A_fkey" TO "_PageToTag_A_fkey";
ALTER TABLE "_PageToTag" RENAME CONSTRAINT "_PostToTag_B_fkey" TO "_PageToTag_B_fkey";

-- AlterTable
ALTER TABLE "Page" RENAME CONSTRAINT "Post_pkey" TO "Page_pkey";

-- AlterTable
ALTER TABLE "_PageToTag" RENAME CONSTRAINT "_PostToTag_AB_pkey" TO "_PageToTag_AB_pkey";

-- RenameIndex
ALTER INDEX "_PostToTag_B_index" RENAME TO "_PageToTag_B_index";
