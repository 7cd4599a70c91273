-- Rename
ALTER TYPE "Kind" RENAME VALUE 'B' TO 'C';
