-- CreateIndex
CREATE INDEX "Article_n_idx" ON "Article" USING BRIN ("n");
