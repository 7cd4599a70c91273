"""Views that stand on a table and keep PostgreSQL from changing it: they are named, and drafted around the change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from berceau_engine.postgres import Connection, quote_identifier

_BLOCKED = ("0A000", "2BP01")  # feature_not_supported (a column used by a view), dependent_objects_still_exist
_DEPENDENT = """
WITH RECURSIVE dependent (oid, depth) AS (
    SELECT r.ev_class, 1 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = ANY($1::bigint[]::oid[]) AND r.ev_class <> d.refobjid
  UNION
    SELECT r.ev_class, depth + 1 FROM dependent p JOIN pg_depend d ON d.refobjid = p.oid
    JOIN pg_rewrite r ON r.oid = d.objid
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND r.ev_class <> p.oid
)
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, pg_get_viewdef(c.oid) AS definition
FROM (SELECT oid, max(depth) AS depth FROM dependent GROUP BY oid) v
JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY depth, c.relname
"""
_CHANGED = re.compile(r'^(ALTER|DROP) TABLE (?:"([^"]+)"\.)?"([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class View:
    """A view that stands on others; `sql` is its name for use in SQL; `goes`: so does a table that it stands on."""

    name: str
    sql: str
    materialized: bool
    definition: str
    goes: bool

    @property
    def kind(self) -> str:
        """Its kind in SQL."""
        return "MATERIALIZED VIEW" if self.materialized else "VIEW"


def is_blocked(error: Exception) -> bool:
    """Whether PostgreSQL refuses because something depends on what is to change."""
    return getattr(error, "sqlstate", None) in _BLOCKED


async def views_upon(connection: Connection, script: str, schema: str) -> tuple[View, ...]:
    """The views that stand on the tables that a script changes, those that others stand on first."""
    oids: dict[str, list[int]] = {"ALTER": [], "DROP": []}
    for word, named, table in _CHANGED.findall(script):
        name = f"{quote_identifier(named or schema)}.{quote_identifier(table)}"
        oid = await connection.fetchval("SELECT to_regclass($1)::oid::bigint", name)
        if oid is not None:
            oids[word].append(oid)
    rows = await connection.fetch(_DEPENDENT, oids["ALTER"] + oids["DROP"])
    going = {row["oid"] for row in await connection.fetch(_DEPENDENT, oids["DROP"])}
    return tuple(
        View(
            row["relname"],
            quote_identifier(row["relname"])
            if row["nspname"] == schema
            else f"{quote_identifier(row['nspname'])}.{quote_identifier(row['relname'])}",
            row["relkind"] == "m",
            row["definition"].strip().rstrip(";"),
            row["oid"] in going,
        )
        for row in rows
    )


def dropped(views: Sequence[View]) -> str:
    """SQL that drops the views, those first that stand on others."""
    return "".join(f"DROP {view.kind} {view.sql};\n" for view in reversed(views))


def around(script: str, views: Sequence[View]) -> str:
    """The script with the views dropped before it, and made again after it if they can be: a draft, to be looked at."""
    drops = dropped(views)
    creates = "\n".join(f"CREATE {view.kind} {view.sql} AS\n{view.definition};\n" for view in views if not view.goes)
    again = f"\n\n-- CreateView\n{creates}" if creates else "\n"
    return f"-- DropView (they stand on what changes)\n{drops}\n{script.rstrip()}{again}"
