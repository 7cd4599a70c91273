INSERT INTO "Article" (title) VALUES ('one');
