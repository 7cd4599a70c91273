/*
  Warnings:

  - The values [B] on the enum `Kind` will be removed. If these variants are still used in the database, this will fail.
  - You are about to drop the column `old` on the `Article` table. All the data in the column will be lost.

*/
-- AlterEnum
CREATE TYPE "Kind_new" AS ENUM ('A');
ALTER TABLE "Article" ALTER COLUMN "kind" TYPE "Kind_new" USING ("kind"::text::"Kind_new");
ALTER TABLE "Article" ALTER COLUMN "old" TYPE TEXT USING ("old"::text);
ALTER TYPE "Kind" RENAME TO "Kind_old";
ALTER TYPE "Kind_new" RENAME TO "Kind";
DROP TYPE "Kind_old";

-- AlterTable
ALTER TABLE "Article" DROP COLUMN "old";
