-- Rename
ALTER TYPE "Kind" RENAME TO "Sort";
ALTER TABLE "Article" RENAME COLUMN "kind" TO "sort";

/*
  Warnings:

  - The values [C] on the enum `Sort` will be removed. If these variants are still used in the database, this will fail.

*/
-- AlterEnum
CREATE TYPE "Sort_new" AS ENUM ('A', 'B', 'D');
ALTER TABLE "Article" ALTER COLUMN "sort" DROP DEFAULT;
ALTER TABLE "Article" ALTER COLUMN "sort" TYPE "Sort_new" USING ("sort"::text::"Sort_new");
ALTER TABLE "Article" ALTER COLUMN "kinds" DROP DEFAULT;
ALTER TABLE "Article" ALTER COLUMN "kinds" TYPE "Sort_new"[] USING ("kinds"::text[]::"Sort_new"[]);
ALTER TYPE "Sort" RENAME TO "Sort_old";
ALTER TYPE "Sort_new" RENAME TO "Sort";
DROP TYPE "Sort_old";
ALTER TABLE "Article" ALTER COLUMN "kinds" SET DEFAULT ARRAY['A', 'B']::"Sort"[];
ALTER TABLE "Article" ALTER COLUMN "sort" SET DEFAULT 'B';
