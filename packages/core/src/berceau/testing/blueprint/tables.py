"""Tables of a blueprint: their columns, the constraints that are made with them, and the rows that they begin with."""

from __future__ import annotations

from dataclasses import dataclass

from berceau.testing.blueprint.catalog import Catalog, Item, Kind
from berceau.testing.blueprint.objects import SEQUENCE_OPTIONS
from berceau_engine.postgres import quote_identifier


@dataclass(frozen=True)
class Data:
    """What fills the tables as they are in the original.

    Attributes:
        rows: statements that copy the rows of the tables that have any.
        states: statements for the state of sequences, and for materialized views.
    """

    rows: tuple[str, ...]
    states: tuple[str, ...]


async def read(catalog: Catalog) -> list[Item]:
    """All tables, and the defaults that cannot be part of them."""
    named = "format('CONSTRAINT %I NOT NULL', n.conname)" if catalog.version >= 180000 else "'NOT NULL'"
    join = _NOT_NULL if catalog.version >= 180000 else ""
    tables = await catalog.rows(_TABLES.format(not_null=named, join=join, sequence=SEQUENCE_OPTIONS))
    made = [Item(Kind.TABLE, row["name"], ("pg_class", row["oid"]), row["sql"]) for row in tables]
    return made + [
        Item(Kind.DEFAULT, row["name"], ("pg_attrdef", row["oid"]), row["sql"]) for row in await catalog.rows(_DEFAULTS)
    ]


async def read_data(catalog: Catalog) -> Data:
    """The rows, as statements that take them from the original; the state of sequences."""
    rows, states = [], []
    original = quote_identifier(catalog.schema)
    tables = await catalog.rows(_COLUMNS)
    if tables:
        asked = " UNION ALL ".join(
            f"SELECT {number} AS n WHERE EXISTS (SELECT FROM ONLY {row['name']})" for number, row in enumerate(tables)
        )
        for found in await catalog.connection.fetch(asked):
            name, columns, values = tables[found["n"]]
            into = f"({columns}) OVERRIDING SYSTEM VALUE" if columns else ""
            rows.append(f"INSERT INTO {name} {into} SELECT {values or ''} FROM ONLY {original}.{name}")
    if sequences := await catalog.rows(_SEQUENCE_NAMES):
        asked = " UNION ALL ".join(
            f"SELECT {n} AS n, last_value, is_called FROM {row['name']}" for n, row in enumerate(sequences)
        )
        for state in await catalog.connection.fetch(asked):
            row = sequences[state["n"]]
            if state["is_called"] or state["last_value"] != row["start"]:
                called = str(state["is_called"]).lower()
                states.append(f"SELECT setval({row['literal']}::regclass, {state['last_value']}, {called})")
    states += [f"REFRESH MATERIALIZED VIEW {row['name']}" for row in await catalog.rows(_POPULATED)]
    return Data(tuple(rows), tuple(states))


_NOT_NULL = "LEFT JOIN pg_constraint n ON n.conrelid = c.oid AND n.contype = 'n' AND n.conkey[1] = a.attnum"

_TABLES = """
SELECT c.oid, c.relname::text AS name, concat(
  'CREATE ', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, 'TABLE ', quote_ident(c.relname),
  ' (', concat_ws(', ', columns.list, constraints.list), ')',
  CASE WHEN NOT c.relispartition THEN
    ' INHERITS (' || (SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
                      FROM pg_inherits WHERE inhrelid = c.oid) || ')' END,
  ' PARTITION BY ' || pg_get_partkeydef(c.oid),
  (SELECT ' USING ' || quote_ident(amname) FROM pg_am WHERE pg_am.oid = c.relam AND amname <> 'heap'),
  ' WITH (' || nullif(concat_ws(', ', array_to_string(c.reloptions, ', '), toast.options), '') || ')') AS sql
FROM pg_class c
LEFT JOIN LATERAL (
  SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
    CASE a.attcompression WHEN 'p' THEN 'COMPRESSION pglz' WHEN 'l' THEN 'COMPRESSION lz4' END,
    CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
      THEN 'COLLATE ' || a.attcollation::regcollation::text END,
    CASE WHEN a.attgenerated <> '' THEN format('GENERATED ALWAYS AS (%s) %s', pg_get_expr(d.adbin, d.adrelid),
                                               CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END)
         WHEN d.oid IS NOT NULL AND NOT d.later THEN 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
    CASE WHEN a.attidentity <> '' THEN (
      SELECT format('GENERATED %s AS IDENTITY (SEQUENCE NAME %I %s)',
        CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, q.relname, {sequence})
      FROM pg_depend p JOIN pg_class q ON q.oid = p.objid JOIN pg_sequence s ON s.seqrelid = q.oid
      WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass AND p.deptype = 'i'
        AND p.refobjid = c.oid AND p.refobjsubid = a.attnum) END,
    CASE WHEN a.attnotnull THEN {not_null} END), ', ' ORDER BY a.attnum) AS list
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN LATERAL (
    SELECT f.oid, f.adbin, f.adrelid, EXISTS (
      SELECT FROM pg_depend p WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = f.oid
        AND p.refclassid = 'pg_proc'::regclass) AS later
    FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) d ON true
  {join}
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition)
) columns ON true
LEFT JOIN LATERAL (
  SELECT string_agg(format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid, true)), ', '
                    ORDER BY k.contype <> 'p', k.conname) AS list
  FROM pg_constraint k
  WHERE k.conrelid = c.oid AND k.convalidated AND (k.contype = 'c' AND (k.conislocal OR c.relispartition)
     OR k.contype IN ('p', 'u') AND c.relkind = 'r' AND NOT c.relispartition)
) constraints ON true
LEFT JOIN LATERAL (
  SELECT string_agg('toast.' || option, ', ') AS options
  FROM pg_class s, unnest(s.reloptions) option WHERE s.oid = c.reltoastrelid
) toast ON true
WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND deptype = 'e')
"""

_DEFAULTS = """
SELECT d.oid, c.relname::text AS name, format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', c.relname, a.attname,
       pg_get_expr(d.adbin, d.adrelid)) AS sql
FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE c.relnamespace = $1 AND (c.relkind = 'v' OR a.attgenerated = '' AND EXISTS (
  SELECT FROM pg_depend p WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
    AND p.refclassid = 'pg_proc'::regclass))
"""

# Values of the original's own types become those of the copy's by way of text.
_COLUMNS = """
SELECT c.oid::regclass::text AS name, columns, vals
FROM pg_class c, LATERAL (
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns,
         string_agg(CASE WHEN typnamespace = $1 THEN format('%I::text::%s', attname, format_type(atttypid, atttypmod))
                         ELSE quote_ident(attname) END, ', ' ORDER BY attnum) AS vals
  FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') a
WHERE relnamespace = $1 AND relkind = 'r' AND pg_relation_size(c.oid) > 0 ORDER BY relname
"""

_SEQUENCE_NAMES = """
SELECT c.oid::regclass::text AS name, quote_literal(c.oid::regclass::text) AS literal, s.seqstart AS start
FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE relnamespace = $1 ORDER BY relname
"""

_POPULATED = """
SELECT c.oid::regclass::text AS name FROM pg_class c
WHERE relnamespace = $1 AND relkind = 'm' AND relispopulated ORDER BY c.oid
"""
