INSERT INTO "Article" VALUES (1, 2), (2, 2);
