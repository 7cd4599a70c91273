INSERT INTO "Article" VALUES (1, 'one'), (2, 'one'), (3, 'two');
