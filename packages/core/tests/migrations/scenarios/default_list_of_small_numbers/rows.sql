INSERT INTO "Article" VALUES (1, '{1}', '{x}');
