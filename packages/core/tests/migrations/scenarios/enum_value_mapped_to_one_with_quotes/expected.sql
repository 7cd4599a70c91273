-- Rename
ALTER TYPE "Kind" RENAME VALUE 'B' TO 'it''s "b"';
