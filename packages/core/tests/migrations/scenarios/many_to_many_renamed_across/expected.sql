-- Rename
ALTER TABLE "Post" RENAME TO "Writing";
ALTER TABLE "_PostToTag" RENAME TO "_TagToWriting";
ALTER TABLE "_TagToWriting" DROP CONSTRAINT "_PostToTag_AB_pkey"; DROP INDEX "_PostToTag_B_index";
ALTER TABLE "_TagToWriting" RENAME COLUMN "A" TO "C";
ALTER TABLE "_TagToWriting" RENAME COLUMN "B" TO "A";
ALTER TABLE "_TagToWriting" RENAME COLUMN "C" TO "B";
ALTER TABLE "_TagToWriting" ADD CONSTRAINT "_TagToWriting_AB_pkey" PRIMARY KEY ("A", "B"); CREATE INDEX "_TagToWriting_B_index" ON "_TagToWriting"("B");
ALTER TABLE "_TagToWriting" RENAME CONSTRAINT "_PostToTag_A_fkey" TO "_TagToWriting_B_fkey";
ALTER TABLE "_TagToWriting" RENAME CONSTRAINT "_PostToTag_B_fkey" TO "_TagToWriting_A_fkey";

-- AlterTable
ALTER TABLE "Writing" RENAME CONSTRAINT "Post_pkey" TO "Writing_pkey";
