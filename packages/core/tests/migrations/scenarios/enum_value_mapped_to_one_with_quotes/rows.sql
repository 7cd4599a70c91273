INSERT INTO "Article" VALUES (1, '{A,B}');
