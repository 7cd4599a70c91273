INSERT INTO "Article" VALUES (1, '6f1c4d6e-7a0a-4c9b-9d53-0c7d3f7c0a01');
