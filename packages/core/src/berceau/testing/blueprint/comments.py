"""Comments of a blueprint, on whatever carries one."""

from __future__ import annotations

COMMENTS = """
SELECT format('COMMENT ON %s IS %L', what, description) AS sql FROM (
  SELECT concat(CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                     WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
                ' ', quote_ident(relname)) AS what, description
  FROM pg_class c JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND objsubid = 0
  WHERE relnamespace = $1
  UNION ALL
  SELECT format('COLUMN %I.%I', relname, attname), description
  FROM pg_class c JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
  JOIN pg_attribute ON attrelid = c.oid AND attnum = objsubid
  WHERE relnamespace = $1 AND objsubid > 0
  UNION ALL
  SELECT format(CASE typtype WHEN 'd' THEN 'DOMAIN %s' ELSE 'TYPE %s' END, quote_ident(typname)), description
  FROM pg_type t JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid
  WHERE typnamespace = $1
  UNION ALL
  SELECT concat(CASE prokind WHEN 'a' THEN 'AGGREGATE ' ELSE 'ROUTINE ' END,
                CASE WHEN prokind = 'a' AND pronargs = 0 THEN quote_ident(proname) || '(*)'
                     ELSE p.oid::regprocedure::text END), description
  FROM pg_proc p JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid
  WHERE pronamespace = $1
  UNION ALL
  SELECT CASE WHEN contypid <> 0 THEN format('CONSTRAINT %I ON DOMAIN %s', conname, contypid::regtype)
              ELSE format('CONSTRAINT %I ON %s', conname, conrelid::regclass) END, description
  FROM pg_constraint k JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid
  WHERE connamespace = $1
  UNION ALL
  SELECT format('TRIGGER %I ON %s', tgname, tgrelid::regclass), description
  FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
  JOIN pg_description d ON d.classoid = 'pg_trigger'::regclass AND d.objoid = t.oid
  WHERE relnamespace = $1 AND tgparentid = 0
  UNION ALL
  SELECT format('POLICY %I ON %s', polname, polrelid::regclass), description
  FROM pg_policy p JOIN pg_class c ON c.oid = polrelid
  JOIN pg_description d ON d.classoid = 'pg_policy'::regclass AND d.objoid = p.oid
  WHERE relnamespace = $1
  UNION ALL
  SELECT format('RULE %I ON %s', rulename, ev_class::regclass), description
  FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class
  JOIN pg_description d ON d.classoid = 'pg_rewrite'::regclass AND d.objoid = r.oid
  WHERE relnamespace = $1 AND rulename <> '_RETURN'
  UNION ALL
  SELECT format('STATISTICS %I', stxname), description
  FROM pg_statistic_ext s JOIN pg_description d ON d.classoid = 'pg_statistic_ext'::regclass AND d.objoid = s.oid
  WHERE stxnamespace = $1
) commented
"""
