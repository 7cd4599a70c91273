-- CreateIndex
CREATE INDEX "Article_address_idx" ON "Article" USING SPGIST ("address" inet_ops);
