"""The copies: each worker's own PostgreSQL schema `test_<run>_<worker>`, exactly as the template is."""

from __future__ import annotations

from dataclasses import dataclass

from berceau.testing import locks
from berceau.testing.kinds import Kind, all_kinds
from berceau.testing.server import Server
from berceau.testing.template import Template, with_search_path
from berceau_engine.postgres import Connection, DatabaseUrl, connect


@dataclass(frozen=True)
class Copy:
    """One copy, locked by the connection that it was made with.

    Attributes:
        kind: what it is.
        name: its schema, and its database if it is one.
        url: its address.
    """

    kind: Kind
    name: str
    url: DatabaseUrl


async def make_copy(connection: Connection, template: Template, name: str) -> Copy:
    """Make a copy, and lock it. `connection` is one to the server's given database."""
    kind = template.kind
    await locks.alone(connection, name)
    await kind.drop(connection, name)
    await kind.make_copy(connection, template.name, name)
    url = kind.url(name)
    inside = await connect(url)
    try:
        await kind.fill_copy(inside, template.name, name)
        extensions = [row["name"] for row in await inside.fetch(_EXTENSIONS, name)]
    finally:
        await inside.close()
    return Copy(kind, name, with_search_path(url, [name, *extensions]) if extensions else url)


async def drop_copy(connection: Connection, copy: Copy) -> None:
    """Drop a copy and let go of its lock."""
    await copy.kind.drop(connection, copy.name)
    await locks.let_go(connection, copy.name)


async def drop_dead(connection: Connection, server: Server) -> None:
    """Drop the copies that nobody holds."""
    for kind in await all_kinds(connection, server):
        for name in await kind.marked(connection, locks.COPY_MARK):
            if await locks.try_alone(connection, name):
                try:
                    await kind.drop(connection, name)
                finally:
                    await locks.let_go(connection, name)


_EXTENSIONS = """
SELECT DISTINCT nspname::text AS name FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE nspname NOT IN ('pg_catalog', $1)
"""
