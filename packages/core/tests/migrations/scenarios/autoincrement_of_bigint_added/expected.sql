-- AlterTable
CREATE SEQUENCE article_number_seq;
ALTER TABLE "Article" ALTER COLUMN "number" SET DEFAULT nextval('article_number_seq'),
ALTER COLUMN "number" SET DATA TYPE BIGINT;
ALTER SEQUENCE article_number_seq OWNED BY "Article"."number";
