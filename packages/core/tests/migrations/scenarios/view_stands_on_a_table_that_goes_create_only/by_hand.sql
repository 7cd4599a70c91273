CREATE VIEW titles AS SELECT id, title FROM "Article";
CREATE VIEW loud AS SELECT id, upper(title) AS title FROM titles;
