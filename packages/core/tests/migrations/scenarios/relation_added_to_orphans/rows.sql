INSERT INTO "Author" VALUES (1); INSERT INTO "Article" VALUES (1, 1), (2, 9);
