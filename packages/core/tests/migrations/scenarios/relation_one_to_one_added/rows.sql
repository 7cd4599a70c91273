INSERT INTO "Author" VALUES (7);
INSERT INTO "Article" VALUES (1, 'x');
