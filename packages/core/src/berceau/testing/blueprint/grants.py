"""Owners and rights of a blueprint.

Rights that were never touched are left to PostgreSQL's defaults; others are taken from everybody and then given as the
original has them, in its order.
"""

from __future__ import annotations

# `{role}` is who makes the copy.
OWNERS = """
SELECT format('ALTER %s %s OWNER TO %I', kind, name, pg_get_userbyid(owner)) AS sql FROM (
  SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                      ELSE 'TABLE' END AS kind, c.oid::regclass::text AS name, relowner AS owner
  FROM pg_class c
  WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
      AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
  UNION ALL
  SELECT CASE WHEN typtype = 'd' THEN 'DOMAIN' ELSE 'TYPE' END, quote_ident(typname), typowner
  FROM pg_type t
  WHERE typnamespace = $1 AND typtype IN ('e', 'd', 'r', 'c')
    AND (typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = typrelid AND relkind = 'c'))
  UNION ALL
  SELECT CASE prokind WHEN 'a' THEN 'AGGREGATE' ELSE 'ROUTINE' END, p.oid::regprocedure::text, proowner
  FROM pg_proc p WHERE pronamespace = $1
  UNION ALL
  SELECT 'SCHEMA', '{copy}', nspowner FROM pg_namespace WHERE oid = $1
) owned
WHERE pg_get_userbyid(owner) <> '{role}'
"""

RIGHTS = """
WITH objects AS (
  SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, c.oid::regclass::text AS name,
         NULL::text AS part, relowner AS owner, relacl AS acl, 1 AS step
  FROM pg_class c WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL
  SELECT 'TABLE', attrelid::regclass::text, quote_ident(attname), NULL, attacl, 2
  FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = $1
  UNION ALL
  SELECT 'ROUTINE', p.oid::regprocedure::text, NULL, proowner, proacl, 1 FROM pg_proc p WHERE pronamespace = $1
  UNION ALL
  SELECT 'TYPE', quote_ident(typname), NULL, typowner, typacl, 1 FROM pg_type WHERE typnamespace = $1
  UNION ALL
  SELECT 'SCHEMA', '{copy}', NULL, nspowner, nspacl, 1 FROM pg_namespace WHERE oid = $1
), grants AS (
  SELECT kind, name, part, step, grantee, privilege_type, is_grantable, place
  FROM objects, aclexplode(acl) WITH ORDINALITY g(grantor, grantee, privilege_type, is_grantable, place)
  WHERE acl IS NOT NULL
)
SELECT sql FROM (
  SELECT 0 AS step, 0::bigint AS place, format('REVOKE ALL ON %s %s FROM %s', kind, name, who) AS sql
  FROM objects, LATERAL (VALUES ('PUBLIC'), (quote_ident(pg_get_userbyid(owner)))) r(who)
  WHERE acl IS NOT NULL AND part IS NULL
  UNION ALL
  SELECT step, min(place), format('GRANT %s ON %s %s TO %s%s',
           string_agg(privilege_type || coalesce(' (' || part || ')', ''), ', ' ORDER BY place), kind, name,
           CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
           CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM grants GROUP BY step, kind, name, part, grantee, is_grantable
) s ORDER BY step, place
"""

DEFAULT_RIGHTS = """
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA {copy} GRANT %s ON %s TO %s%s',
  pg_get_userbyid(defaclrole), string_agg(privilege_type, ', ' ORDER BY privilege_type),
  CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' ELSE 'TYPES' END,
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS sql
FROM pg_default_acl, aclexplode(defaclacl)
WHERE defaclnamespace = $1
GROUP BY defaclrole, defaclobjtype, grantee, is_grantable
"""
