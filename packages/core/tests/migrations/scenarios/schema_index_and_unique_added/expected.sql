/*
  Warnings:

  - A unique constraint covering the columns `[name]` on the table `Item` will be added. If there are existing duplicate values, this will fail.

*/
-- CreateIndex
CREATE UNIQUE INDEX "Item_name_key" ON "shop"."Item"("name");

-- CreateIndex
CREATE INDEX "Item_price_idx" ON "shop"."Item"("price" DESC);
