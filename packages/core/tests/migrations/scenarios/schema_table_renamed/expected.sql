-- Rename
ALTER TABLE "shop"."Item" RENAME TO "items";

-- AlterTable
ALTER TABLE "shop"."items" RENAME CONSTRAINT "Item_pkey" TO "items_pkey";
