INSERT INTO "Article" VALUES (1, 'de'), (2, 'fr');
