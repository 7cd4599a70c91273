INSERT INTO "Article" VALUES (1, ARRAY['A', 'it''s "b"']::"Kind"[]);
