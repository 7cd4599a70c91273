-- What the twin databases hold at the start of each case. Ties, nulls, empty lists, wildcards of LIKE, letters beyond
-- ASCII and values at the edge of their types are there on purpose.

INSERT INTO customers (id, email, name, nickname, priority, score, created_at, updated_at, referrer_id, mentor_id)
SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, email, name, nickname, priority::"Priority", score,
       created_at::timestamp, created_at::timestamp + interval '1 day',
       ('00000000-0000-4000-8000-00000000000' || referrer)::uuid, ('00000000-0000-4000-8000-00000000000' || mentor)::uuid
FROM (VALUES
  (1, 'ada@example.com',   'Ada',        'al',   'high',   10, '2024-01-01 10:00:00',     NULL, NULL),
  (2, 'bob@example.com',   'Bob',        NULL,   'normal', 10, '2024-01-02 10:00:00.123', 1,    1),
  (3, 'cleo@example.org',  'Cleo',       'CC',   'low',     0, '2024-02-01 00:00:00',     1,    2),
  (4, 'dan@example.org',   'Dan',        '',     'normal', -5, '2024-02-01 00:00:00',     2,    NULL),
  (5, 'eve_%@example.net', 'Eve 100%',   'e_v%', 'high',   42, '2023-12-31 23:59:59.999', 2,    NULL),
  (6, 'Ada@Example.com',   'ada',        'AL',   'low',    10, '2024-03-10 08:30:00',     3,    5),
  (7, 'jose@example.net',  'José Ñandú', NULL,   'normal', 99, '2024-03-10 08:30:00',     NULL, NULL),
  (8, 'zoe@example.com',   'Zoë 🦋',      'z\z',  'normal', 2147483647, '2024-12-24 18:00:00', 7, 4)
) AS seed(n, email, name, nickname, priority, score, created_at, referrer, mentor);

INSERT INTO "_Friends" ("A", "B")
SELECT ('00000000-0000-4000-8000-00000000000' || a)::uuid, ('00000000-0000-4000-8000-00000000000' || b)::uuid
FROM (VALUES (1, 2), (1, 3), (2, 1), (2, 4), (3, 5), (5, 5), (6, 1), (7, 8)) AS seed(a, b);

INSERT INTO profiles (id, bio, website, avatar, settings, customer_id)
SELECT n, bio, website, avatar::bytea, settings::jsonb, ('00000000-0000-4000-8000-00000000000' || customer)::uuid
FROM (VALUES
  (1, 'Mathematician', 'https://ada.example', '\x00ff10', '{"theme": "dark", "sizes": [1, 2, 3], "deep": {"a": {"b": "c"}}}', 1),
  (2, NULL,            NULL,                  NULL,       '{}',                                                              2),
  (3, 'Reader',        NULL,                  '\x',       '{"theme": "light", "sizes": [], "n": null}',                       3),
  (4, 'Reader',        'https://eve.example', '\x6162',   '[1, "two", null, {"three": 3}]',                                  5)
) AS seed(n, bio, website, avatar, settings, customer);

INSERT INTO suppliers (country, code, name) VALUES
  ('DE', 'A1', 'Anvil'), ('DE', 'B2', 'Bolt'), ('FR', 'A1', 'Ancre'), ('US', 'Z9', 'Zip');

INSERT INTO products (id, sku, title, description, price, weight, active, stock, tags, sizes, attributes, supplier_country, supplier_code) VALUES
  (1, 'pen',    'Pen',         'Writes well',             1.50,  0.01,  true,  100, '{office,blue}',     '{1,2,3}', '{"color": "blue", "size": {"w": 1, "h": 14}, "tags": ["a", "b"]}', 'DE', 'A1'),
  (2, 'pencil', 'Pencil',      'Writes grey',             0.80,  0.008, true,  250, '{office}',          '{1}',     '{"color": "grey", "hard": 2, "tags": []}',                          'DE', 'A1'),
  (3, 'desk',   'Desk',        'Four legs',               199.00, 32.5, true,  3,   '{furniture,office}', '{}',      '{"color": null, "legs": 4, "tags": ["wood", "big"]}',              'DE', 'B2'),
  (4, 'lamp',   'Lamp',        NULL,                      45.99, 1.2,   false, 0,   '{}',                '{40,60}', 'null',                                                              'FR', 'A1'),
  (5, 'mug',    'Mug 50%',     'Holds_coffee',            7.25,  0.3,   true,  40,  '{kitchen,blue}',    '{3,2,1}', NULL,                                                                NULL, NULL),
  (6, 'mug2',   'mug',         'A "quoted" \ mug',        7.25,  NULL,  true,  40,  '{kitchen}',         '{3}',     '[1, 2, 3]',                                                         NULL, NULL),
  (7, 'chair',  'Chair',       'Vier Beine, Größe XL',    89.90, 7,     true,  12,  NULL,                NULL,      '"text"',                                                            'US', 'Z9'),
  (9007199254740993, 'vault', 'Vault', 'Very heavy',      9999999999.99, 1e3, false, 1, '{steel}',       '{2147483647,-2147483648}', '{"exact": 12345678901234567890.5, "list": [[1], {"a": []}]}', NULL, NULL);

INSERT INTO categories (id, slug, locale, title, "parentId") VALUES
  (1, 'office', 'en', 'Office', NULL), (2, 'buero', 'de', 'Büro', 1), (3, 'kitchen', 'en', 'Kitchen', NULL),
  (4, 'office', 'fr', 'Bureau', 1), (5, 'mugs', 'en', 'Mugs', 3), (6, 'big-mugs', 'en', 'Big mugs', 5),
  (7, 'empty', 'en', 'Empty', NULL);

INSERT INTO "_CategoryToProduct" ("A", "B") VALUES
  (1, 1), (1, 2), (1, 3), (2, 1), (2, 4), (3, 5), (3, 6), (5, 5), (5, 6), (6, 6), (4, 9007199254740993);

INSERT INTO orders (id, number, status, history, note, "placedAt", "customerId")
SELECT id, number, status::order_status, history::order_status[], note, placed::timestamptz,
       ('00000000-0000-4000-8000-00000000000' || customer)::uuid
FROM (VALUES
  ('o1', 1, 'OPEN',      '{}',               NULL,         '2024-05-01 12:00:00+00',        1),
  ('o2', 2, 'PAID',      '{OPEN}',           'gift',       '2024-05-01 14:00:00+02',        1),
  ('o3', 3, 'SHIPPED',   '{OPEN,PAID}',      'fast',       '2024-05-03 00:00:00.123+00',    2),
  ('o4', 4, 'CANCELLED', '{OPEN,CANCELLED}', '',           '2024-04-01 00:00:00+00',        2),
  ('o5', 5, 'OPEN',      NULL,               'Gift',       '2024-06-01 00:00:00+00',        3),
  ('o6', 6, 'PAID',      '{OPEN,OPEN}',      NULL,         '2024-06-02 00:00:00+00',        5),
  ('o7', 7, 'OPEN',      '{}',               'after 100%', '2024-06-02 00:00:00+00',        5),
  ('o8', 8, 'PAID',      '{OPEN}',           NULL,         '1999-12-31 23:59:59.999+00',    5),
  ('o9', 9, 'OPEN',      '{}',               NULL,         '2024-07-01 00:00:00+00',        8)
) AS seed(id, number, status, history, note, placed, customer);

INSERT INTO order_items ("orderId", "productId", quantity, "unitPrice") VALUES
  ('o1', 1, 10, 1.50), ('o1', 2, 5, 0.80), ('o2', 3, 1, 189.00), ('o2', 1, 2, 1.50), ('o3', 5, 4, 7.25),
  ('o3', 6, 1, 7.25), ('o4', 4, 1, 45.99), ('o5', 1, 1, 1.50), ('o6', 7, 6, 89.90), ('o6', 3, 1, 199.00),
  ('o7', 9007199254740993, 1, 9999999999.99), ('o8', 2, 100, 0.75);

INSERT INTO reviews (id, rating, body, "productId", "customerId")
SELECT n, rating, body, product, ('00000000-0000-4000-8000-00000000000' || customer)::uuid
FROM (VALUES
  (1, 5, 'Great pen, writes like a dream', 1, 1), (2, 3, 'A pen', 1, 2), (3, 1, NULL, 1, 3), (4, 4, 'solid desk', 3, 1),
  (5, 4, 'Solid', 3, 5), (6, 2, 'chips', 5, 2), (7, 5, 'dream mug', 6, 5), (8, 5, NULL, 6, NULL), (9, -32768, 'min', 7, NULL)
) AS seed(n, rating, body, product, customer);

INSERT INTO scalars VALUES
  (1, 'text', 1, 1, 1.5, 1.5, true, '2024-01-01 00:00:00', '{"a": 1}', '\x01', '00000000-0000-4000-8000-0000000000a1', 'low',
   'opt', 2, 2, 2.5, 2.25, false, '2024-01-01 00:00:00.001', '{"b": [1, 2]}', '\x02', '00000000-0000-4000-8000-0000000000a2', 'high',
   '{a,b}', '{1,2}', '{1,2}', '{1.5,2.5}', '{1.5,2.5}', '{true,false}', '{2024-01-01,2024-06-30 12:00:00.5}', ARRAY['{"x": 1}', '[]']::jsonb[], ARRAY['\x01', '\xff']::bytea[], '{00000000-0000-4000-8000-0000000000a1}', '{low,high}'),
  (2, '', -2147483648, -9223372036854775808, -1.7976931348623157e308, -99999999999999999999999999999999999.999999999999999999999999999999, false, '0001-01-01 00:00:00', 'null', '\x', '00000000-0000-0000-0000-000000000000', 'normal',
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (3, 'ÄÖÜ ß 漢字 🦋', 2147483647, 9223372036854775807, 5e-324, 0.000000000000000000000000000001, true, '9999-12-31 23:59:59.999', '"string"', '\xdeadbeef', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'high',
   '', 0, 0, 0, 0, true, '1970-01-01 00:00:00', 'null', '\x', '00000000-0000-4000-8000-0000000000a2', 'low',
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'Text', 1, 9007199254740993, 0.1, 123456789.123456789, false, '2024-02-29 12:34:56.789', '[1, 2.5, "x", null, {"a": {"b": [true]}}]', '\x00', '00000000-0000-4000-8000-0000000000a3', 'low',
   'per_cent%', -1, 9007199254740993, 0.1, 0.1, true, '2024-02-29 12:34:56.789', '[]', '\x00', '00000000-0000-4000-8000-0000000000a3', 'normal',
   '{"","NULL"," ","a,b","q\"uote"}', '{2147483647,0,-1}', '{9007199254740993,-9223372036854775808}', '{0.1,-0,1e300}', '{0.1,123456789012345678901234567890.123456789}', '{false,true}', '{1970-01-01}', ARRAY['null', '"x"', '1.5']::jsonb[], ARRAY['\x', '\x00']::bytea[], '{00000000-0000-4000-8000-0000000000a1,00000000-0000-4000-8000-0000000000a2}', '{normal,normal}'),
  (5, 'text', 7, 7, 100, 100, true, '2024-01-01 00:00:00', '{"a": 2, "b": "B", "c": [3, 2, 1], "d": null}', '\x01', '00000000-0000-4000-8000-0000000000a4', 'low',
   'text', 7, 7, 100, 100, true, '2024-01-01 00:00:00', '"x"', '\x01', NULL, 'low',
   '{b,a}', '{2,1}', '{2}', '{100}', '{100}', '{true}', '{2024-01-01}', ARRAY['1']::jsonb[], ARRAY['\x01']::bytea[], '{}', '{high}');

INSERT INTO natives VALUES
  -- xml stays NULL: the embedded server is built without it
  ('00000000-0000-4000-8000-0000000000b1', 'ab', 'varchar', 'text', B'10101010', B'101', NULL, '192.168.0.1', 'MiXed', 32767, 4294967295, 1.5, 2.5, 12.34, 1234567890.0123456789, '2024-02-29', '12:34:56.789', '12:34:56.789+02', '2024-01-01 00:00:00.123', '2024-01-01 00:00:00.123+05:30', '{"b": 1, "a": 2}', '{"b": 1, "a": 2}'),
  ('00000000-0000-4000-8000-0000000000b2', 'abcd', '', '', B'00000000', B'', NULL, '10.0.0.0/8', '', -32768, 0, 0.1, 1e-300, -0.01, 0, '0001-01-01', '00:00', '00:00+00', '0001-01-01', '2024-01-01', '[]', '[]'),
  ('00000000-0000-4000-8000-0000000000b3', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('00000000-0000-4000-8000-0000000000b4', 'é   ', 'ü', 'long', B'11111111', B'1', NULL, '::1', 'mixed', 1, 1, 3.4028235e38, 1.7976931348623157e308, 92233720368547758.07, 9999999999.9999999999, '9999-12-31', '23:59:59.999', '23:59:59.999-12', '9999-12-31 23:59:59.999', '9999-12-31 00:00:00+00', 'null', 'null');

INSERT INTO awkward (id, class, "from", "not", "is", "in", copy, json, odd, schema) VALUES
  (1, 'c', 'f', 1, true, 'i', 'copy', 'json', 'None', 's'), (2, 'c', NULL, NULL, false, NULL, NULL, NULL, 'class', 's'),
  (3, 'd', 'g', 3, true, 'j', NULL, '{}', 'name', 't'), (4, 'e', 'f', 1, false, 'i', 'x', NULL, 'value', 'u');

INSERT INTO defaults (id, cuid, nanoid, uuid7) VALUES ('d1', 'c1', 'n1', 'u1'), ('d2', 'c2', 'n2', 'u2');

INSERT INTO markers VALUES (1), (2), (3);

CREATE VIEW customer_totals AS
  SELECT c.id AS customer_id, count(DISTINCT o.id)::int AS orders, sum(i.quantity * i."unitPrice") AS spent
  FROM customers c LEFT JOIN orders o ON o."customerId" = c.id LEFT JOIN order_items i ON i."orderId" = o.id
  GROUP BY c.id;

INSERT INTO shelves VALUES (1), (2), (3);

INSERT INTO samples VALUES
  (1, 1, 1, 1.5, '{1.50,0.1}', 1.5, '{1.5,2}', 0.1, true, '{true,false}', '2024-01-01 00:00:00.123456+05:30', '{2024-01-01 00:00:00.123456}', '2024-02-29', '{2024-02-29,1970-01-01}', '12:34:56.789012', '\x00ff', '{"\\x00","\\xff"}', '{00000000-0000-4000-8000-0000000000a1}', '{a,"b c","","NULL"}', 'low', '{low,high}', '{"a": [1, 2.5, null]}', ARRAY['{"x": 1}', '[]', '"s"']::jsonb[], 999.99, B'1010', 'ab'),
  (2, 1, 9007199254740993, 123456789012345678901234567890.123456789, '{0.1,99999999999999999999.0000000001}', -1.7976931348623157e308, '{5e-324,1e300}', 3.4028235e38, false, '{}', '1999-12-31 23:59:59.999999+00', '{}', '9999-12-31', '{}', '00:00', '\x', '{}', '{}', '{}', 'high', '{}', '{"big": 9007199254740993, "exact": 0.12345678901234567890}', '{}', 1234567.89, B'0000', 'ü'),
  (3, 2, -1, 0, NULL, 0, NULL, 0, true, NULL, '2024-06-01 00:00:00+00', NULL, '0001-01-01', NULL, '23:59:59.999999', '\x01', NULL, NULL, NULL, 'normal', NULL, 'null', NULL, -0.01, B'1111', 'abc');

INSERT INTO tallies VALUES (1, 1, '{1,2}'), (2, 1, '{9007199254740993,-9223372036854775808}'), (3, 2, '{}'), (4, 2, NULL);
