-- AlterEnum
CREATE TYPE "Kind_new" AS ENUM ('A', 'B', 'C');
ALTER TABLE "Article" ALTER COLUMN "kind" DROP DEFAULT;
ALTER TABLE "Article" ALTER COLUMN "kind" TYPE "Kind_new" USING ("kind"::text::"Kind_new");
ALTER TYPE "Kind" RENAME TO "Kind_old";
ALTER TYPE "Kind_new" RENAME TO "Kind";
DROP TYPE "Kind_old";
ALTER TABLE "Article" ALTER COLUMN "kind" SET DEFAULT 'A'::"Kind";

-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "kind" SET DEFAULT 'C';
