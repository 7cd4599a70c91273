-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "code" SET DEFAULT md5('x'::text);
