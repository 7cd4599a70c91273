-- DropIndex
DROP INDEX "chosen";

-- CreateIndex
CREATE INDEX "chosen" ON "Article"("b");
