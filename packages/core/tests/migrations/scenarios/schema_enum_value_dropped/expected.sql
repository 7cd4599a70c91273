/*
  Warnings:

  - The values [B] on the enum `Kind` will be removed. If these variants are still used in the database, this will fail.

*/
-- AlterEnum
CREATE TYPE "shop"."Kind_new" AS ENUM ('A');
ALTER TABLE "shop"."Item" ALTER COLUMN "kind" TYPE "shop"."Kind_new" USING ("kind"::text::"shop"."Kind_new");
ALTER TYPE "shop"."Kind" RENAME TO "Kind_old";
ALTER TYPE "shop"."Kind_new" RENAME TO "Kind";
DROP TYPE "shop"."Kind_old";
