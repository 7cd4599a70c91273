-- AlterTable
CREATE SEQUENCE "Article_number_seq";
ALTER TABLE "Article" ALTER COLUMN "number" SET DEFAULT nextval('"Article_number_seq"');
ALTER SEQUENCE "Article_number_seq" OWNED BY "Article"."number";
