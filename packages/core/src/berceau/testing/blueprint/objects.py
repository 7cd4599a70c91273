"""Types, sequences, functions and views of a blueprint."""

from __future__ import annotations

from collections.abc import AsyncIterator

from berceau.testing.blueprint.catalog import Catalog, Item, Kind
from berceau_engine.postgres import quote_identifier

NOT_OF_AN_EXTENSION = """
NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {object} AND e.deptype = 'e')
"""


async def read(catalog: Catalog) -> list[Item]:
    """All of them."""
    return [item for part in (_types, _sequences, _functions, _views) async for item in part(catalog)]


async def _types(catalog: Catalog) -> AsyncIterator[Item]:
    for sql in (_ENUMS, _DOMAINS, _COMPOSITES, _RANGES):
        for row in await catalog.rows(sql):
            yield Item(Kind.TYPE, row["name"], ("pg_type", row["oid"]), row["sql"])


async def _sequences(catalog: Catalog) -> AsyncIterator[Item]:
    """Sequences that stand for themselves; those of identity columns are made with the columns."""
    for row in await catalog.rows(_SEQUENCES):
        yield Item(Kind.SEQUENCE, row["name"], ("pg_class", row["oid"]), row["sql"])


async def _functions(catalog: Catalog) -> AsyncIterator[Item]:
    """PostgreSQL writes the schema before a function's own name, whatever the search path is: it is cut out there."""
    for row in await catalog.rows(_FUNCTIONS):
        yield Item(Kind.FUNCTION, row["name"], ("pg_proc", row["oid"]), without_schema(row["sql"], catalog.schema))
    for row in await catalog.rows(_AGGREGATES):
        yield Item(Kind.FUNCTION, row["name"], ("pg_proc", row["oid"]), row["sql"])


def without_schema(sql: str, schema: str) -> str:
    """The statement without the schema before the name of what it makes: the first place where it can stand."""
    forms = (quote_identifier(schema) + ".", f"{schema}.")
    place, form = min((found, form) for form in forms if (found := sql.find(form)) >= 0)
    return sql[:place] + sql[place + len(form) :]


async def _views(catalog: Catalog) -> AsyncIterator[Item]:
    for row in await catalog.rows(_VIEWS):
        yield Item(Kind.VIEW, row["name"], ("pg_class", row["oid"]), row["sql"])


_ENUMS = f"""
SELECT t.oid, typname::text AS name, format('CREATE TYPE %I AS ENUM (%s)', typname,
       (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
        FROM pg_enum WHERE enumtypid = t.oid)) AS sql
FROM pg_type t
WHERE typnamespace = $1 AND typtype = 'e' AND {NOT_OF_AN_EXTENSION.format(catalog="pg_type", object="t.oid")}
"""

_DOMAINS = f"""
SELECT t.oid, typname::text AS name, concat_ws(' ', format('CREATE DOMAIN %I AS %s', typname,
           format_type(typbasetype, typtypmod)),
       CASE WHEN t.typcollation <> b.typcollation THEN (SELECT 'COLLATE ' || t.typcollation::regcollation::text) END,
       'DEFAULT ' || pg_get_expr(typdefaultbin, 0),
       CASE WHEN t.typnotnull AND NOT EXISTS (
           SELECT FROM pg_constraint n WHERE n.contypid = t.oid AND n.contype = 'n') THEN 'NOT NULL' END,
       (SELECT string_agg(format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid, true)), ' ' ORDER BY conname)
        FROM pg_constraint WHERE contypid = t.oid AND convalidated)) AS sql
FROM pg_type t JOIN LATERAL (SELECT typcollation FROM pg_type WHERE oid = t.typbasetype) b ON true
WHERE typnamespace = $1 AND typtype = 'd' AND {NOT_OF_AN_EXTENSION.format(catalog="pg_type", object="t.oid")}
"""

_COMPOSITES = f"""
SELECT t.oid, typname::text AS name, format('CREATE TYPE %I AS (%s)', typname,
       (SELECT string_agg(concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
               CASE WHEN attcollation <> y.typcollation THEN 'COLLATE ' || attcollation::regcollation::text END),
               ', ' ORDER BY attnum)
        FROM pg_attribute JOIN pg_type y ON y.oid = atttypid
        WHERE attrelid = t.typrelid AND NOT attisdropped)) AS sql
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
WHERE typnamespace = $1 AND {NOT_OF_AN_EXTENSION.format(catalog="pg_type", object="t.oid")}
"""

_RANGES = f"""
SELECT t.oid, t.typname::text AS name, format('CREATE TYPE %I AS RANGE (%s)', t.typname, concat_ws(', ',
       'SUBTYPE = ' || format_type(rngsubtype, NULL),
       format('SUBTYPE_OPCLASS = %s.%I', o.opcnamespace::regnamespace, o.opcname),
       CASE WHEN rngcollation <> 0 THEN 'COLLATION = ' || rngcollation::regcollation::text END,
       CASE WHEN rngsubdiff <> 0 THEN 'SUBTYPE_DIFF = ' || rngsubdiff::regproc::text END,
       CASE WHEN rngmultitypid <> 0 THEN 'MULTIRANGE_TYPE_NAME = ' || quote_ident(m.typname) END)) AS sql
FROM pg_type t JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_opclass o ON o.oid = r.rngsubopc
LEFT JOIN pg_type m ON m.oid = rngmultitypid
WHERE t.typnamespace = $1 AND {NOT_OF_AN_EXTENSION.format(catalog="pg_type", object="t.oid")}
"""

SEQUENCE_OPTIONS = """
concat_ws(' ', 'START WITH', s.seqstart, 'INCREMENT BY', s.seqincrement, 'MINVALUE', s.seqmin, 'MAXVALUE', s.seqmax,
          'CACHE', s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' END)
"""

_SEQUENCES = f"""
SELECT c.oid, relname::text AS name, concat_ws(' ', 'CREATE', CASE WHEN relpersistence = 'u' THEN 'UNLOGGED' END,
       format('SEQUENCE %I AS %s', relname, format_type(s.seqtypid, NULL)), {SEQUENCE_OPTIONS}) AS sql
FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
WHERE relnamespace = $1 AND NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('i', 'e'))
"""

_FUNCTIONS = f"""
SELECT p.oid, format('%s(%s)', proname, pg_get_function_identity_arguments(p.oid)) AS name,
       pg_get_functiondef(p.oid) AS sql
FROM pg_proc p
WHERE pronamespace = $1 AND prokind IN ('f', 'p', 'w')
  AND {NOT_OF_AN_EXTENSION.format(catalog="pg_proc", object="p.oid")}
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid
                  AND i.deptype = 'i')
"""

_AGGREGATES = f"""
SELECT p.oid, proname::text AS name, format('CREATE AGGREGATE %I(%s) (%s)', proname,
       CASE WHEN pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END, concat_ws(', ',
       format('SFUNC = %s, STYPE = %s', aggtransfn::regproc, format_type(aggtranstype, NULL)),
       CASE WHEN aggtransspace <> 0 THEN format('SSPACE = %s', aggtransspace) END,
       CASE WHEN aggfinalfn <> 0 THEN format('FINALFUNC = %s', aggfinalfn::regproc) END,
       CASE WHEN aggfinalextra THEN 'FINALFUNC_EXTRA' END,
       CASE WHEN aggcombinefn <> 0 THEN format('COMBINEFUNC = %s', aggcombinefn::regproc) END,
       CASE WHEN agginitval IS NOT NULL THEN format('INITCOND = %L', agginitval) END,
       'PARALLEL = ' || CASE proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END)) AS sql
FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE pronamespace = $1 AND {NOT_OF_AN_EXTENSION.format(catalog="pg_proc", object="p.oid")}
"""

_VIEWS = f"""
SELECT c.oid, relname::text AS name, format('CREATE %sVIEW %I %sAS %s%s',
       CASE relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, relname,
       CASE WHEN reloptions IS NOT NULL THEN format('WITH (%s) ', array_to_string(reloptions, ', ')) ELSE '' END,
       rtrim(pg_get_viewdef(c.oid), ';'),
       CASE relkind WHEN 'm' THEN ' WITH NO DATA' ELSE '' END) AS sql
FROM pg_class c
WHERE relnamespace = $1 AND relkind IN ('v', 'm')
  AND {NOT_OF_AN_EXTENSION.format(catalog="pg_class", object="c.oid")}
"""
