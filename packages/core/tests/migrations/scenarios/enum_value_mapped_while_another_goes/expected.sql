-- Rename
ALTER TYPE "Kind" RENAME VALUE 'B' TO 'b b';

/*
  Warnings:

  - The values [C] on the enum `Kind` will be removed. If these variants are still used in the database, this will fail.

*/
-- AlterEnum
CREATE TYPE "Kind_new" AS ENUM ('A', 'b b');
ALTER TABLE "Article" ALTER COLUMN "kinds" TYPE "Kind_new"[] USING ("kinds"::text[]::"Kind_new"[]);
ALTER TYPE "Kind" RENAME TO "Kind_old";
ALTER TYPE "Kind_new" RENAME TO "Kind";
DROP TYPE "Kind_old";
