"""What is added to the tables once they are filled: indexes, constraints, triggers, policies, comments, owners, grants.

Statements are ordered as a database wants them: partitions before the indexes over them, unique indexes before the
foreign keys that rest on them, owners before the rights that they give.
"""

from __future__ import annotations

from dataclasses import dataclass

from berceau.testing.blueprint.catalog import Catalog
from berceau.testing.blueprint.comments import COMMENTS
from berceau.testing.blueprint.grants import DEFAULT_RIGHTS, OWNERS, RIGHTS
from berceau.testing.blueprint.objects import without_schema


@dataclass(frozen=True)
class Additions:
    """Statements, and those in which `{copy}` stands for the copy's schema."""

    statements: tuple[str, ...]
    finishing: tuple[str, ...]


async def read(catalog: Catalog) -> Additions:
    """All additions, in order."""
    statements: list[str] = []
    for sql in (_PARTITIONS, _INDEXES, _KEYS, _ATTACHED_INDEXES, _INDEX_STATE, _CHECKS, _FOREIGN_KEYS):
        statements += [row["sql"] for row in await catalog.rows(sql)]
    for row in await catalog.rows(_STATISTICS):
        statements.append(without_schema(row["sql"], catalog.schema))
    not_a_function = [_COLUMN_STATE, _OWNED, _RULES, _TRIGGERS, _POLICIES, _TABLE_STATE, COMMENTS]
    for sql in not_a_function:
        statements += [row["sql"] for row in await catalog.rows(sql)]
    finishing = [row["sql"] for row in await catalog.rows(_FUNCTIONS_WITH_PATH)]
    for sql in (OWNERS, RIGHTS, DEFAULT_RIGHTS):
        for row in await catalog.rows(sql.replace("{role}", catalog.role.replace("'", "''"))):
            (finishing if "{copy}" in row["sql"] else statements).append(row["sql"])
    return Additions(tuple(statements), tuple(finishing))


_PARTITIONS = """
SELECT format('ALTER TABLE %s ATTACH PARTITION %s %s', inhparent::regclass, c.oid::regclass,
              pg_get_expr(c.relpartbound, c.oid)) AS sql
FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid
WHERE relnamespace = $1 AND relkind IN ('r', 'p') AND relispartition ORDER BY c.oid
"""

# pg_get_indexdef names the table without its schema only when it writes for people, with `true`.
_INDEXES = """
SELECT pg_get_indexdef(indexrelid, 0, true) AS sql
FROM pg_index JOIN pg_class c ON c.oid = indrelid
WHERE relnamespace = $1 AND c.relkind <> 't'
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY indexrelid
"""

# Those that are no part of CREATE TABLE.
_KEYS = """
SELECT format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
              pg_get_constraintdef(k.oid, true)) AS sql
FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
WHERE relnamespace = $1 AND (contype = 'x' OR contype IN ('p', 'u') AND (c.relkind = 'p' OR c.relispartition))
ORDER BY c.oid, contype, conname
"""

_ATTACHED_INDEXES = """
SELECT format('ALTER INDEX %s ATTACH PARTITION %s', inhparent::regclass, c.oid::regclass) AS sql
FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid WHERE relnamespace = $1 AND relkind IN ('i', 'I')
ORDER BY c.oid
"""

_INDEX_STATE = """
SELECT format('ALTER INDEX %s SET (%s)', i.oid::regclass, array_to_string(i.reloptions, ', ')) AS sql
FROM pg_class i JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')
WHERE i.relnamespace = $1 AND i.reloptions IS NOT NULL
UNION ALL
SELECT format('ALTER TABLE %s CLUSTER ON %I', indrelid::regclass, i.relname)
FROM pg_index JOIN pg_class i ON i.oid = indexrelid
WHERE i.relnamespace = $1 AND indisclustered
UNION ALL
SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', i.oid::regclass, attnum, attstattarget)
FROM pg_class i JOIN pg_attribute ON attrelid = i.oid
WHERE i.relnamespace = $1 AND i.relkind IN ('i', 'I') AND attstattarget >= 0
"""

_CHECKS = """
SELECT format('ALTER %s %s ADD CONSTRAINT %I %s',
              CASE WHEN contypid <> 0 THEN 'DOMAIN' ELSE 'TABLE' END,
              CASE WHEN contypid <> 0 THEN contypid::regtype::text ELSE conrelid::regclass::text END,
              conname, pg_get_constraintdef(oid, true)) AS sql
FROM pg_constraint WHERE connamespace = $1 AND contype IN ('c', 'n') AND NOT convalidated AND conislocal
"""

# One statement a table: each command costs more than what it does.
_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %s %s', conrelid::regclass, string_agg(
         format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid, true)), ', ' ORDER BY conname)) AS sql
FROM pg_constraint WHERE connamespace = $1 AND contype = 'f' AND conparentid = 0
GROUP BY conrelid
"""

_STATISTICS = """
SELECT pg_get_statisticsobjdef(oid) AS sql FROM pg_statistic_ext WHERE stxnamespace = $1 ORDER BY stxname
"""

_COLUMN_STATE = """
SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', c.oid::regclass, attname, attstattarget) AS sql
FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'm') AND attnum > 0 AND attstattarget >= 0 AND NOT attisdropped
UNION ALL
SELECT format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', c.oid::regclass, attname, array_to_string(attoptions, ', '))
FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'm') AND attnum > 0 AND attoptions IS NOT NULL
UNION ALL
SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE %s', c.oid::regclass, attname, CASE attstorage
         WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END)
FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid JOIN pg_type t ON t.oid = atttypid
WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'm') AND attnum > 0 AND attstorage <> typstorage
"""

_OWNED = """
SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I', s.oid::regclass, refobjid::regclass, attname) AS sql
FROM pg_class s
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
  AND d.deptype = 'a'
JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
WHERE relnamespace = $1 AND relkind = 'S'
"""

_RULES = """
SELECT rtrim(pg_get_ruledef(r.oid, true), ';') AS sql
FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = $1 AND rulename <> '_RETURN'
UNION ALL
SELECT format('ALTER TABLE %s %s RULE %I', c.oid::regclass, CASE ev_enabled
         WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, rulename)
FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class
WHERE relnamespace = $1 AND rulename <> '_RETURN' AND ev_enabled <> 'O'
"""

_TRIGGERS = """
SELECT sql FROM (
  SELECT 1 AS step, t.oid, pg_get_triggerdef(t.oid, true) AS sql
  FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
  WHERE relnamespace = $1 AND NOT tgisinternal AND tgparentid = 0
  UNION ALL
  SELECT 2, t.oid, format('ALTER TABLE %s %s TRIGGER %I', tgrelid::regclass, CASE tgenabled
           WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END,
           tgname)
  FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
  WHERE relnamespace = $1 AND NOT tgisinternal AND tgenabled <> 'O'
) s ORDER BY step, oid
"""

_POLICIES = """
SELECT concat_ws(' ', format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', polname, polrelid::regclass,
         CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
         CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                     ELSE 'ALL' END,
         (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(role)::regrole::text END, ', ')
          FROM unnest(polroles) role)),
         'USING (' || pg_get_expr(polqual, polrelid) || ')',
         'WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')') AS sql
FROM pg_policy p JOIN pg_class c ON c.oid = polrelid WHERE relnamespace = $1 ORDER BY polname
"""

_TABLE_STATE = """
SELECT format('ALTER TABLE %s %s ROW LEVEL SECURITY', oid::regclass, action) AS sql
FROM pg_class, LATERAL (VALUES ('ENABLE', relrowsecurity), ('FORCE', relforcerowsecurity)) s(action, active)
WHERE relnamespace = $1 AND active
UNION ALL
SELECT format('ALTER TABLE %s REPLICA IDENTITY %s', c.oid::regclass, CASE relreplident
         WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL'
         ELSE 'USING INDEX ' || (SELECT quote_ident(i.relname) FROM pg_index JOIN pg_class i ON i.oid = indexrelid
                                 WHERE indrelid = c.oid AND indisreplident) END)
FROM pg_class c WHERE relnamespace = $1 AND relkind IN ('r', 'p') AND relreplident <> 'd'
"""

_FUNCTIONS_WITH_PATH = """
SELECT format('ALTER ROUTINE %s SET search_path TO %s', p.oid::regprocedure,
  (SELECT string_agg(CASE trim(both ' "' FROM word) WHEN nspname THEN '{copy}' ELSE word END, ', ')
   FROM regexp_split_to_table(split_part(setting, '=', 2), ',\\s*') word)) AS sql
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace, unnest(proconfig) setting
WHERE pronamespace = $1 AND setting LIKE 'search_path=%'
"""
