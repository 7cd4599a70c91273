"""The template: the schema of what is under test, made once, and kept for as long as nothing changes.

Its name is a hash of all that it is made from, so a run finds the one of the run before. On a server of ours it is a
database, from which PostgreSQL copies files; on a given one it is a schema in the given database.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import asyncpg

from berceau.errors import BerceauError, ConfigurationError
from berceau.testing import locks
from berceau.testing.blueprint import Blueprint, read_blueprint
from berceau.testing.sql_names import in_schema, makes_extensions
from berceau_engine.errors import DatabaseConnectionError
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.testing.server import Server
    from berceau_engine.migrate import MigrationList
    from berceau_engine.schema import SchemaFile

_VERSION = 1  # of how templates are made
_WRITTEN_FOR = "public"  # the schema that migrations and addresses mean where they name none


@dataclass(frozen=True)
class Contents:
    """What a template is made from: the composed schema, and the migrations if there are any.

    `family` stands for the project: a new template of one takes the place of its older ones.
    """

    schema: tuple[SchemaFile, ...]
    migrations: MigrationList
    family: str = ""

    @property
    def name(self) -> str:
        """The template's name."""
        scripts = [[one.name, one.sql] for one in self.migrations.migrations]
        files = [[path.rpartition("/")[2], text] for path, text in self.schema]
        hashed = hashlib.sha256(json.dumps([_VERSION, files, scripts]).encode())
        return f"berceau_template_{hashed.hexdigest()[:16]}"

    @property
    def mark(self) -> str:
        """The comment on the template when it is ready."""
        return f"{locks.TEMPLATE_MARK} {self.family}"

    @property
    def unfinished_mark(self) -> str:
        """The comment on it before."""
        return f"{locks.UNFINISHED_MARK} {self.family}"

    @property
    def way(self) -> str:
        """How it is made, for people."""
        number = len(self.migrations.migrations)
        return f"{number} migration{'s' if number > 1 else ''}" if number else "pushing the schema"


def read_contents(config: Config) -> Contents:
    """Read the composed schema and the migrations. Raises MigrationStateError."""
    from berceau.migrations.files import read_migrations, read_schema

    family = hashlib.sha256(str(config.root).encode()).hexdigest()[:12]
    return Contents(read_schema(config), read_migrations(config), family)


async def reach(url: DatabaseUrl, source: str) -> Connection:
    """A connection. Raises ConfigurationError that says where the address comes from."""
    try:
        return await connect(url)
    except DatabaseConnectionError as error:
        raise ConfigurationError(str(error), hint=f"The address comes from {source}.") from error


async def ensure_template(connection: Connection, server: Server, contents: Contents) -> str:
    """Make the template if it is not there, and hold its lock on `connection`, shared, so that nobody drops it.

    While another process makes it, wait for that. Returns its name. Raises ConfigurationError, MigrationStateError or
    MigrationError.
    """
    name = contents.name
    while True:
        await locks.shared(connection, name)
        if await _mark(connection, server, name) == contents.mark:
            return name
        await locks.let_go(connection, name, of_shared=True)
        if await locks.try_alone(connection, name):
            break
        await asyncio.sleep(locks.TRY_SECONDS)  # whoever has it makes the template, or has just looked as well
    try:
        mark = await _mark(connection, server, name)
        if mark != contents.mark:
            await _make(connection, server, contents, exists=mark is not None)
        await locks.shared(connection, name)
    finally:
        await locks.let_go(connection, name)
    return name


async def _make(connection: Connection, server: Server, contents: Contents, *, exists: bool) -> None:
    name = contents.name
    kind = "DATABASE" if server.embedded else "SCHEMA"
    if exists:  # half-made
        await connection.execute(f"DROP {kind} {name}" + (" WITH (FORCE)" if server.embedded else " CASCADE"))
    await _drop_others(connection, server, contents)
    try:
        await connection.execute(f"CREATE {kind} {name}" + (" TEMPLATE template0" if server.embedded else ""))
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(
            f"the role {server.url.user!r} may not make schemas in the database {server.url.database!r}: {error}",
            hint=f'Allow it: GRANT CREATE ON DATABASE "{server.url.database}" TO "{server.url.user}".\n'
            f"  The address comes from {server.source}.",
        ) from error
    await connection.execute(f"COMMENT ON {kind} {name} IS {_text(contents.unfinished_mark)}")
    url = server.url.with_database(name) if server.embedded else server.url
    if server.embedded:
        inside = await connect(url)
        await inside.execute(f"CREATE SCHEMA {name}")
        await inside.close()
    await _fill(url.with_schema(name), contents)
    comment = contents.mark
    if not server.embedded:  # read once, for all workers of all runs
        comment += "\n" + (await read_blueprint(connection, name)).to_json()
    await connection.execute(f"COMMENT ON {kind} {name} IS {_text(comment)}")


async def _fill(url: DatabaseUrl, contents: Contents) -> None:
    from berceau_engine.migrate import SchemaEngine

    migrations = contents.migrations
    scripts = [replace(one, sql=in_schema(one.sql or "", _WRITTEN_FOR, url.schema)) for one in migrations.migrations]
    if any(makes_extensions(one.sql or "") for one in scripts) or "extensions" in "".join(
        text for _, text in contents.schema
    ):
        url = with_search_path(url, [url.schema, _WRITTEN_FOR])
    async with await SchemaEngine.open(contents.schema, url) as engine:
        if scripts:
            await engine.apply_migrations(replace(migrations, migrations=tuple(scripts)))
            return
        pushed = await engine.schema_push(contents.schema)
    if pushed.unexecutable:
        raise BerceauError("the schema cannot be pushed: " + "; ".join(pushed.unexecutable))


def with_search_path(url: DatabaseUrl, schemas: Sequence[str]) -> DatabaseUrl:
    """The address with these schemas in the search path, and not only its own."""
    path = ",".join(map(quote_identifier, schemas))
    options = f"{url.parameters.get('options', '')} -c search_path={path}".strip()
    return url.with_parameter("options", options)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


async def _mark(connection: Connection, server: Server, name: str) -> str | None:
    """The mark on the template; None if there is nothing of that name."""
    row = await connection.fetchrow(_OF_DATABASES if server.embedded else _OF_SCHEMAS, name)
    if row is None:
        return None
    if row["mark"] is None and not server.embedded:
        raise ConfigurationError(f"the schema {name!r} was not made by the test kit", hint="Rename or drop it.")
    return str(row["mark"])


async def _drop_others(connection: Connection, server: Server, contents: Contents) -> None:
    """Drop the project's templates that nobody uses: what is under test has changed since."""
    kind, every = ("DATABASE", ALL_DATABASES) if server.embedded else ("SCHEMA", ALL_SCHEMAS)
    for row in await connection.fetch(every, [contents.mark, contents.unfinished_mark]):
        other = str(row["name"])
        if other != contents.name and await locks.try_alone(connection, other):
            try:
                await drop(connection, kind, other)
            finally:
                await locks.let_go(connection, other)


async def blueprint_of(connection: Connection, template: str) -> Blueprint:
    """The blueprint of a template in a schema, which stands in its comment below the mark."""
    comment = await connection.fetchval(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1", template
    )
    return Blueprint.from_json(str(comment).partition("\n")[2])


async def drop(connection: Connection, kind: str, name: str) -> None:
    """Drop a database or schema; a large schema in parts, as each table takes a place among the server's locks."""
    quoted = quote_identifier(name)
    if kind == "DATABASE":
        await connection.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
        return
    tables = [row["name"] for row in await connection.fetch(_TABLES, name)]
    for start in range(0, len(tables) - 100, 100):
        await connection.execute(f"DROP TABLE IF EXISTS {', '.join(tables[start : start + 100])} CASCADE")
    await connection.execute(f"DROP SCHEMA IF EXISTS {quoted} CASCADE")


_OF_DATABASES = "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1"
_OF_SCHEMAS = """
SELECT split_part(obj_description(oid, 'pg_namespace'), E'\\n', 1) AS mark FROM pg_namespace WHERE nspname = $1
"""
ALL_DATABASES = """
SELECT datname::text AS name FROM pg_database WHERE shobj_description(oid, 'pg_database') = ANY($1::text[])
"""
ALL_SCHEMAS = """
SELECT nspname::text AS name FROM pg_namespace
WHERE split_part(obj_description(oid, 'pg_namespace'), E'\\n', 1) = ANY($1::text[])
  AND pg_has_role(nspowner, 'USAGE')
"""
_TABLES = """
SELECT format('%I.%I', n.nspname, relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = $1 AND relkind IN ('r', 'p')
"""
