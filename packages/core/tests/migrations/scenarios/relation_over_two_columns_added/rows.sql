INSERT INTO "Author" VALUES ('a', 'b');
INSERT INTO "Article" VALUES (1, 'a', 'b'), (2, NULL, 'c');
