INSERT INTO "Article" (id, title, note) VALUES (1, 'one', 'x'), (2, 'two', NULL);
