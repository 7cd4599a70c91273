-- Rename
ALTER TYPE "shop"."Kind" RENAME TO "Sort";
ALTER TYPE "shop"."Sort" RENAME VALUE 'B' TO 'Z';
