-- RenameIndex
ALTER INDEX "old" RENAME TO "new";
