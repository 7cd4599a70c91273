-- AlterTable
CREATE SEQUENCE "Article_number_seq";
ALTER TABLE "Article" ALTER COLUMN "number" SET DEFAULT nextval('"Article_number_seq"'),
ALTER COLUMN "number" SET DATA TYPE BIGINT;
ALTER SEQUENCE "Article_number_seq" OWNED BY "Article"."number";
