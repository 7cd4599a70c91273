-- CreateIndex
CREATE INDEX "Article_data_idx" ON "Article" USING GIN ("data" jsonb_path_ops);
