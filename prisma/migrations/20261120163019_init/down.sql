-- The way back from migration.sql, made by berceau. It was made for the script with the sha256
-- 1709f6e565d20f918d57168707ab1dc3eb70d96216bc1e25f5fa1fe143593dad
-- Lost: DemoPost: the table is dropped
-- Lost: DemoUser: the table is dropped

-- DropForeignKey
ALTER TABLE "DemoPost" DROP CONSTRAINT "DemoPost_authorId_fkey";

-- DropTable
DROP TABLE "DemoUser";

-- DropTable
DROP TABLE "DemoPost";

-- DropEnum
DROP TYPE "DemoPostStatus";
