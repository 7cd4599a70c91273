-- CreateIndex
CREATE INDEX "newest" ON "Article"("a", "b" DESC);
