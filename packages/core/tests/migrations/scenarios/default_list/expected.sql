-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "tags" SET DEFAULT ARRAY['a', 'b']::TEXT[];
