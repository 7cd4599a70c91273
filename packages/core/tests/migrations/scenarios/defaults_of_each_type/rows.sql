INSERT INTO "Article" VALUES (1, 1, 'b', 2.5, '2020-01-01', '{}', 'x', false, 3, 4.5, '2020-01-01');
