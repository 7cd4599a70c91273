-- AlterTable
CREATE SEQUENCE "shop"."Item_id_seq";
ALTER TABLE "shop"."Item" ALTER COLUMN "id" SET DEFAULT nextval('"shop"."Item_id_seq"');
ALTER SEQUENCE "shop"."Item_id_seq" OWNED BY "shop"."Item"."id";
