-- CreateEnum
CREATE TYPE "Kind" AS ENUM ('A', 'B');

-- AlterTable
ALTER TABLE "Article" ADD COLUMN     "kind" "Kind" NOT NULL DEFAULT 'A';
