/*
  Warnings:

  - The primary key for the `Article` table will be changed. If it partially fails, the table could be left without primary key constraint.
  - A unique constraint covering the columns `[id]` on the table `Article` will be added. If there are existing duplicate values, this will fail.

*/
-- DropIndex
DROP INDEX "Article_code_key";

-- AlterTable
ALTER TABLE "Article" DROP CONSTRAINT "Article_pkey",
ADD CONSTRAINT "Article_pkey" PRIMARY KEY ("code");

-- CreateIndex
CREATE UNIQUE INDEX "Article_id_key" ON "Article"("id");
