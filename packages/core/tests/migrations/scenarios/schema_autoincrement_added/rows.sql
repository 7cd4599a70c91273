INSERT INTO shop."Item" VALUES (1);
