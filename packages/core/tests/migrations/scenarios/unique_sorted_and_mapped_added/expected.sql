/*
  Warnings:

  - A unique constraint covering the columns `[a,b]` on the table `Article` will be added. If there are existing duplicate values, this will fail.

*/
-- CreateIndex
CREATE UNIQUE INDEX "a_and_b" ON "Article"("a" DESC, "b");
