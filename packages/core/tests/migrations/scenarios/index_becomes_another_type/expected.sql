-- DropIndex
DROP INDEX "Article_title_idx";

-- CreateIndex
CREATE INDEX "Article_title_idx" ON "Article" USING HASH ("title");
