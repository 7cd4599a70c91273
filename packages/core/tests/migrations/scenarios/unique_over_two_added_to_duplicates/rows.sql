INSERT INTO "Article" VALUES (1, 1, 1), (2, 1, 1), (3, 1, NULL), (4, 1, NULL);
