INSERT INTO "Article" (id, title) VALUES (1, 'same'), (2, 'same'), (3, 'other');
