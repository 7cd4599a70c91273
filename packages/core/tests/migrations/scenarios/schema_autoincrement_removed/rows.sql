INSERT INTO shop."Item" VALUES (1, 2, 3);
