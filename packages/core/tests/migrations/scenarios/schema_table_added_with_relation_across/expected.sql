-- CreateTable
CREATE TABLE "Note" (
    "id" INTEGER NOT NULL,
    "itemId" INTEGER NOT NULL,
    "tags" TEXT[],

    CONSTRAINT "Note_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Note_itemId_idx" ON "Note"("itemId");

-- CreateIndex
CREATE INDEX "Note_tags_idx" ON "Note" USING GIN ("tags");

-- AddForeignKey
ALTER TABLE "Note" ADD CONSTRAINT "Note_itemId_fkey" FOREIGN KEY ("itemId") REFERENCES "shop"."Item"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
