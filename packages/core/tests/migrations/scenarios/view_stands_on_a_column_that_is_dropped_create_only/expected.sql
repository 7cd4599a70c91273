-- DropView (they stand on what changes)
DROP VIEW "titles";

/*
  Warnings:

  - You are about to drop the column `title` on the `Article` table. All the data in the column will be lost.

*/
-- AlterTable
ALTER TABLE "Article" DROP COLUMN "title";

-- CreateView
CREATE VIEW "titles" AS
SELECT title
   FROM "Article";
