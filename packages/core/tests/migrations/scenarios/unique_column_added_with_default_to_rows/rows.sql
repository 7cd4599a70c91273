INSERT INTO "Article" VALUES (1), (2);
