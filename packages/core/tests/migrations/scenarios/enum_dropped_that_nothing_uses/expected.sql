-- DropEnum
DROP TYPE "Kind";
