INSERT INTO "Article" VALUES (1, '{}');
