INSERT INTO "Article" VALUES (1, '10.0.0.1');
