-- AddForeignKey
ALTER TABLE "Article" ADD CONSTRAINT "Article_first_last_fkey" FOREIGN KEY ("first", "last") REFERENCES "Author"("first", "last") ON DELETE SET NULL ON UPDATE CASCADE;
