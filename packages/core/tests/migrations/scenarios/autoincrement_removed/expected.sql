-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "number" DROP DEFAULT;
DROP SEQUENCE "Article_number_seq";
