/*
  Warnings:

  - The values [B] on the enum `Kind` will be removed. If these variants are still used in the database, this will fail.

*/
-- AlterEnum
CREATE TYPE "Kind_new" AS ENUM ('A');
ALTER TABLE "Article" ALTER COLUMN "kind" TYPE "Kind_new" USING ("kind"::text::"Kind_new");
ALTER TYPE "Kind" RENAME TO "Kind_old";
ALTER TYPE "Kind_new" RENAME TO "Kind";
DROP TYPE "Kind_old";

-- AlterTable
ALTER TABLE "Article" ADD COLUMN     "more" "Kind";
