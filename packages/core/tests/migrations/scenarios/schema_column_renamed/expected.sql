-- Rename
ALTER TABLE "shop"."Item" RENAME COLUMN "n" TO "m";
