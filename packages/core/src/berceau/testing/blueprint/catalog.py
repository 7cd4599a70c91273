"""Reading PostgreSQL's catalogs for one schema: the objects in it, and what depends on what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from berceau_engine.postgres import Connection

Node = tuple[str, int]
"""A catalog (`pg_class`, `pg_type`, `pg_proc`, `pg_attrdef`) and the number of an object in it."""


class Kind(IntEnum):
    """In which order objects are made where nothing else decides."""

    TYPE = 1
    SEQUENCE = 2
    FUNCTION = 3
    TABLE = 4
    DEFAULT = 5
    VIEW = 6


@dataclass(frozen=True)
class Item:
    """An object that others may depend on, and the SQL that makes it."""

    kind: Kind
    name: str
    node: Node
    sql: str


@dataclass(frozen=True)
class Catalog:
    """The catalogs as one transaction sees them.

    Attributes:
        connection: in a transaction, with the schema in front of the search path.
        schema: the schema's name.
        number: the schema's number.
        version: of the server, as 150004.
        role: whose objects need no owner.
    """

    connection: Connection
    schema: str
    number: int
    version: int
    role: str

    @classmethod
    async def read(cls, connection: Connection, schema: str) -> Catalog:
        """The catalogs for a schema."""
        row = await connection.fetchrow(
            "SELECT oid, current_setting('server_version_num')::int AS version, current_user::text AS role "
            "FROM pg_namespace WHERE nspname = $1",
            schema,
        )
        assert row is not None, schema
        return cls(connection, schema, row["oid"], row["version"], row["role"])

    async def rows(self, sql: str) -> Sequence[Any]:
        """The rows of a query in which `$1` is the schema's number."""
        return await self.connection.fetch(sql, self.number)

    async def dependencies(self) -> list[tuple[Node, Node]]:
        """Pairs of objects, the second of which must be made before the first."""
        return [
            ((row["of_class"], row["of_object"]), (row["on_class"], row["on_object"]))
            for row in await self.rows(_DEPENDENCIES)
        ]


# Row types stand for their tables, array types for their elements, rules for their views, and constraints and most
# defaults for the tables that they are made with.
_DEPENDENCIES = """
WITH edges AS (
  SELECT classid, objid, refclassid, refobjid FROM pg_depend
  WHERE deptype IN ('n', 'a', 'i') AND refobjid >= 16384
    AND NOT (classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
             AND EXISTS (SELECT FROM pg_class c WHERE c.oid = objid AND c.relkind = 'S'))
), nodes AS (
  SELECT 'pg_class'::regclass AS class, oid AS object, 'pg_class' AS as_class, oid AS as_object
  FROM pg_class WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL
  SELECT 'pg_class'::regclass, oid, 'pg_type', reltype FROM pg_class WHERE relnamespace = $1 AND relkind = 'c'
  UNION ALL
  SELECT 'pg_class'::regclass, indexrelid, 'pg_class', indrelid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = $1
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid,
         CASE WHEN c.relkind IN ('r', 'p', 'v', 'm') THEN 'pg_class' ELSE 'pg_type' END,
         CASE WHEN c.relkind IN ('r', 'p', 'v', 'm') THEN c.oid ELSE e.oid END
  FROM pg_type t
  CROSS JOIN LATERAL (
    SELECT CASE WHEN t.typtype = 'b' AND t.typelem <> 0 THEN t.typelem
                WHEN t.typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)
                ELSE t.oid END AS oid) e
  JOIN pg_type b ON b.oid = e.oid LEFT JOIN pg_class c ON c.oid = b.typrelid
  WHERE t.typnamespace = $1
  UNION ALL
  SELECT 'pg_proc'::regclass, oid, 'pg_proc', oid FROM pg_proc WHERE pronamespace = $1
  UNION ALL
  SELECT 'pg_rewrite'::regclass, r.oid, 'pg_class', r.ev_class
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = $1 AND r.rulename = '_RETURN'
  UNION ALL
  SELECT 'pg_constraint'::regclass, oid,
         CASE WHEN contypid <> 0 THEN 'pg_type' ELSE 'pg_class' END,
         CASE WHEN contypid <> 0 THEN contypid ELSE conrelid END
  FROM pg_constraint WHERE connamespace = $1 AND contype <> 'f'
  UNION ALL
  SELECT 'pg_attrdef'::regclass, d.oid, CASE WHEN later THEN 'pg_attrdef' ELSE 'pg_class' END,
         CASE WHEN later THEN d.oid ELSE d.adrelid END
  FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
  JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  CROSS JOIN LATERAL (
    SELECT c.relkind = 'v' OR a.attgenerated = '' AND EXISTS (
        SELECT FROM pg_depend p WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
          AND p.refclassid = 'pg_proc'::regclass) AS later) l
  WHERE c.relnamespace = $1
)
SELECT DISTINCT a.as_class AS of_class, a.as_object AS of_object, b.as_class AS on_class, b.as_object AS on_object
FROM edges
JOIN nodes a ON a.class = classid AND a.object = objid
JOIN nodes b ON b.class = refclassid AND b.object = refobjid
WHERE (a.as_class, a.as_object) <> (b.as_class, b.as_object)
"""
