-- CreateEnum
CREATE TYPE "shop"."Kind" AS ENUM ('A', 'B');

-- AlterTable
ALTER TABLE "shop"."Item" ADD COLUMN     "kind" "shop"."Kind" NOT NULL DEFAULT 'B';
