-- DropView (they stand on what changes)
DROP VIEW "loud";
DROP VIEW "titles";

-- AlterTable
ALTER TABLE "Article" ALTER COLUMN "title" SET DATA TYPE VARCHAR(9);

-- CreateView
CREATE VIEW "titles" AS
SELECT id,
    title
   FROM "Article";

CREATE VIEW "loud" AS
SELECT id,
    upper((title)::text) AS title
   FROM titles;
