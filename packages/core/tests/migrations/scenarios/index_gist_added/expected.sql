-- CreateIndex
CREATE INDEX "Article_address_idx" ON "Article" USING GIST ("address" inet_ops);
