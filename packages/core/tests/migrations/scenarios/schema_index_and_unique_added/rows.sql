INSERT INTO shop."Item" VALUES (1, 'x', 2);
