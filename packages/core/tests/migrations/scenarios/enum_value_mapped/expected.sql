-- Rename
ALTER TYPE "Kind" RENAME VALUE 'B' TO 'b b';
