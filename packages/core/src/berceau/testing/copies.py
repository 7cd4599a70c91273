"""The copies: each worker's own PostgreSQL schema `test_<run>_<worker>`, exactly as the template is.

On a server of ours, PostgreSQL copies the template's database, and the schema in the copy gets the worker's name; on a
given server the template's blueprint is carried out in the given database, which needs no right but that to make
schemas.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncpg

from berceau.testing import locks
from berceau.testing.server import Server
from berceau.testing.template import ALL_DATABASES, ALL_SCHEMAS, blueprint_of, drop, with_search_path
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

_TRIES = 100


@dataclass(frozen=True)
class Copy:
    """One copy, locked by the connection that it was made with.

    Attributes:
        name: its schema, and on a server of ours its database as well.
        url: its address.
    """

    name: str
    url: DatabaseUrl


async def make_copy(connection: Connection, server: Server, template: str, name: str) -> Copy:
    """Make a copy, lock it, and drop those of dead runs. `connection` is one to the server's database."""
    await drop_dead(connection, server)
    await locks.alone(connection, name)
    kind = "DATABASE" if server.embedded else "SCHEMA"
    await drop(connection, kind, name)
    if server.embedded:
        await _copy_database(connection, template, name)
        url = server.url.with_database(name)
    else:
        await connection.execute(
            f"CREATE SCHEMA {quote_identifier(name)}; COMMENT ON SCHEMA {quote_identifier(name)} IS '{locks.COPY_MARK}'"
        )
        url = server.url
    inside = await connect(url)
    try:
        if server.embedded:
            await _rename(inside, template, name)
        else:
            blueprint = await blueprint_of(inside, template)
            await inside.execute(blueprint.script(name))
        extensions = [row["name"] for row in await inside.fetch(_EXTENSIONS, name)]
    finally:
        await inside.close()
    url = url.with_schema(name)
    return Copy(name, with_search_path(url, [name, *extensions]) if extensions else url)


async def drop_copy(connection: Connection, server: Server, copy: Copy) -> None:
    """Drop a copy and let go of its lock."""
    await drop(connection, "DATABASE" if server.embedded else "SCHEMA", copy.name)
    await locks.let_go(connection, copy.name)


async def drop_dead(connection: Connection, server: Server) -> None:
    """Drop the copies that nobody holds."""
    kind, every = ("DATABASE", ALL_DATABASES) if server.embedded else ("SCHEMA", ALL_SCHEMAS)
    for row in await connection.fetch(every, [locks.COPY_MARK]):
        if await locks.try_alone(connection, row["name"]):
            try:
                await drop(connection, kind, row["name"])
            finally:
                await locks.let_go(connection, row["name"])


async def _copy_database(connection: Connection, template: str, name: str) -> None:
    for tried in range(_TRIES):
        try:
            await connection.execute(
                f"CREATE DATABASE {quote_identifier(name)} TEMPLATE {quote_identifier(template)} STRATEGY FILE_COPY"
            )
            break
        except asyncpg.ObjectInUseError:  # the connection that filled the template is still going away
            if tried == _TRIES - 1:
                raise
            await asyncio.sleep(0.05)
    await connection.execute(f"COMMENT ON DATABASE {quote_identifier(name)} IS '{locks.COPY_MARK}'")


async def _rename(inside: Connection, template: str, name: str) -> None:
    """Give the schema its name. What functions say of their search path is a text, which does not follow."""
    quoted = quote_identifier(name)
    await inside.execute(f"ALTER SCHEMA {quote_identifier(template)} RENAME TO {quoted}")
    for row in await inside.fetch(_OLD_PATHS, name, template):
        await inside.execute(row["sql"].replace("{copy}", quoted))


_OLD_PATHS = """
SELECT format('ALTER ROUTINE %s SET search_path TO %s', p.oid::regprocedure,
  (SELECT string_agg(CASE trim(both ' "' FROM word) WHEN $2 THEN '{copy}' ELSE word END, ', ')
   FROM regexp_split_to_table(split_part(setting, '=', 2), ',\\s*') word)) AS sql
FROM pg_proc p, unnest(proconfig) setting
WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND setting LIKE 'search_path=%'
"""
_EXTENSIONS = """
SELECT DISTINCT nspname::text AS name FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE nspname NOT IN ('pg_catalog', $1)
"""
