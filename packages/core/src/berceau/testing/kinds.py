"""The two kinds of things that templates and copies are: databases of their own, or schemas in the given database.

PostgreSQL copies a database file by file or page by page, a schema is made again statement by statement; so databases
are for wherever they can be made. In each of them the tables are in a schema that has the database's name: names that
tests see are the same for both kinds. All locks are held in the server's given database.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from berceau.errors import ConfigurationError
from berceau.testing import locks
from berceau.testing.blueprint import Blueprint, read_blueprint
from berceau.testing.server import Server
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

_TRIES = 100
_LEAST_LIMIT = 1_000_000_000
_TABLES_AT_ONCE = 10


class Kind(Protocol):
    """What templates and copies are. Every connection but `inside` is one to the given database."""

    @property
    def word(self) -> str:
        """`database` or `schema`."""
        ...

    def template_name(self, contents: str) -> str:
        """What the template of some contents is called."""
        ...

    def url(self, name: str) -> DatabaseUrl:
        """The address of the schema `name`."""
        ...

    async def mark(self, connection: Connection, name: str) -> str | None:
        """The mark on it; empty if that is missing, None if there is nothing of that name. Raises ConfigurationError
        if it is not ours."""
        ...

    async def marked(self, connection: Connection, *marks: str) -> list[str]:
        """The names of all with one of the marks that this role may drop."""
        ...

    async def make_empty(self, connection: Connection, name: str, mark: str) -> None:
        """Make an empty one for a template to be made in."""
        ...

    async def finish(self, connection: Connection, name: str, mark: str) -> None:
        """The template is made: mark it."""
        ...

    async def make_copy(self, connection: Connection, template: str, name: str) -> None:
        """Make a marked one, to be filled."""
        ...

    async def fill_copy(self, inside: Connection, template: str, name: str) -> None:
        """Make it what the template is, on a connection to its database."""
        ...

    async def drop(self, connection: Connection, name: str) -> None:
        """Drop it, if it is there."""
        ...


async def best_kind(connection: Connection, server: Server) -> tuple[Kind, str]:
    """Databases; or schemas, and the reason."""
    reason = None if server.embedded else await connection.fetchval(_AGAINST_DATABASES)
    return (await Databases.on(connection, server), "") if reason is None else (Schemas(server), str(reason))


async def all_kinds(connection: Connection, server: Server) -> list[Kind]:
    """Those that earlier runs may have used."""
    databases = await Databases.on(connection, server)
    return [databases] if server.embedded else [databases, Schemas(server)]


@dataclass(frozen=True)
class Databases:
    """Databases like the given one.

    The comments on them say what they are. A database gets its comment only when it is there, but a limit of
    connections at once: ours have one that no server reaches, and that says in which database their locks are. So a
    run that is killed between the two leaves nothing unknown, and none is dropped whose locks cannot be seen from here.

    Attributes:
        server: where they are.
        identity: the numbers of the given database and of the role.
        limit: the limit of connections that marks what belongs to the given database.
        options: encoding and locale, as `CREATE DATABASE` takes them.
        settings: what `ALTER DATABASE` has set for the given one.
        strategy: how PostgreSQL is to copy. Files are quickest where nothing waits for the disk.
    """

    server: Server
    identity: str
    limit: int
    options: str
    settings: tuple[str, ...]
    strategy: str
    word = "database"

    @classmethod
    async def on(cls, connection: Connection, server: Server) -> Databases:
        """Those on a server."""
        row = await connection.fetchrow(_GIVEN)
        assert row is not None
        strategy = ""
        if connection.get_server_version() >= (15,):
            strategy = "STRATEGY WAL_LOG" if row["durable"] else "STRATEGY FILE_COPY"
        limit = _LEAST_LIMIT + row["oid"] % _LEAST_LIMIT
        return cls(server, f"{row['oid']}_{row['role']}", limit, row["options"], tuple(row["settings"]), strategy)

    def template_name(self, contents: str) -> str:
        """Each given database and role has its own: of another role's, no copies can be made."""
        return f"{contents}_{self.identity}"

    def url(self, name: str) -> DatabaseUrl:
        """The address."""
        return self.server.url.with_database(name).with_schema(name)

    async def mark(self, connection: Connection, name: str) -> str | None:
        """The first line of the comment."""
        row = await connection.fetchrow(_DATABASE, name)
        if row is None:
            return None
        if row["limit"] not in (self.limit, _INVALID):
            raise _not_ours(self.word, name)
        return str(row["comment"]).partition("\n")[0]

    async def reason(self, connection: Connection, name: str) -> str:
        """The reason that `fail` has left."""
        row = await connection.fetchrow(_DATABASE, name)
        return str(row["comment"]).partition("\n")[2] if row else ""

    async def marked(self, connection: Connection, *marks: str) -> list[str]:
        """And those that have not got their comment."""
        rows = await connection.fetch(_DATABASES, marks, self.limit, locks.COPY_MARK not in marks)
        return [row["name"] for row in rows]

    async def make_empty(self, connection: Connection, name: str, mark: str) -> None:
        """With the schema in it, and with the extensions of the given database as far as the role may make them."""
        extensions = await connection.fetch(_EXTENSIONS_OF_GIVEN)
        await connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 {self.options} CONNECTION LIMIT {self.limit}"
        )
        await self._mark(connection, name, mark)
        inside = await connect(self.url(name))
        try:
            await inside.execute(f"CREATE SCHEMA {name}")
            for row in extensions:
                try:
                    await inside.execute(row["sql"])
                except asyncpg.PostgresError:  # what needs it fails with a better message
                    continue
        finally:
            await inside.close()

    async def finish(self, connection: Connection, name: str, mark: str) -> None:
        """Nobody may connect to it any more, as that would be in the way of whoever copies it."""
        if not self.server.embedded:
            await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await connection.execute(_END_CONNECTIONS, name)
        await connection.execute(f"COMMENT ON DATABASE {name} IS {_text(mark)}")

    async def fail(self, connection: Connection, name: str, mark: str, reason: str) -> None:
        """No template could be made of it; it stays with the reason, for others not to try as well."""
        if await self.mark(connection, name) is not None:
            comment = f"{mark}\n{reason}"
            await connection.execute(f"COMMENT ON DATABASE {name} IS {_text(comment)}")

    async def make_copy(self, connection: Connection, template: str, name: str) -> None:
        """The schema in it has the template's name until it is filled."""
        quoted = quote_identifier(name)
        for tried in range(_TRIES):
            try:
                await connection.execute(
                    f"CREATE DATABASE {quoted} TEMPLATE {template} {self.strategy} CONNECTION LIMIT {self.limit}"
                )
                break
            except asyncpg.ObjectInUseError:  # the connection that filled the template is still going away
                if tried == _TRIES - 1:
                    raise
                await asyncio.sleep(0.05)
        await self._mark(connection, name, locks.COPY_MARK)

    async def fill_copy(self, inside: Connection, template: str, name: str) -> None:
        """Rename the schema. What functions say of their search path is a text, which does not follow."""
        quoted = quote_identifier(name)
        await inside.execute(f"ALTER SCHEMA {template} RENAME TO {quoted}")
        for row in await inside.fetch(_OLD_PATHS, name, template):
            await inside.execute(row["sql"].replace("{copy}", quoted))

    async def drop(self, connection: Connection, name: str) -> None:
        """With all connections to it."""
        await connection.execute(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")

    async def _mark(self, connection: Connection, name: str, mark: str) -> None:
        database = f"DATABASE {quote_identifier(name)}"
        statements = [f"ALTER {database} SET {setting}" for setting in self.settings]
        await connection.execute("; ".join([*statements, f"COMMENT ON {database} IS {_text(mark)}"]))


@dataclass(frozen=True)
class Schemas:
    """Schemas in the given database, copied by carrying out the template's blueprint, which stands in its comment."""

    server: Server
    word = "schema"

    def template_name(self, contents: str) -> str:
        """As the contents."""
        return contents

    def url(self, name: str) -> DatabaseUrl:
        """The address."""
        return self.server.url.with_schema(name)

    async def mark(self, connection: Connection, name: str) -> str | None:
        """The first line of the comment."""
        comment = await self._comment(connection, name)
        if comment == "":
            raise _not_ours(self.word, name)
        return comment and comment.partition("\n")[0]

    async def marked(self, connection: Connection, *marks: str) -> list[str]:
        """In the given database."""
        return [row["name"] for row in await connection.fetch(_SCHEMAS, marks)]

    async def make_empty(self, connection: Connection, name: str, mark: str) -> None:
        """Raises ConfigurationError if the role may not."""
        try:
            await self._make(connection, name, mark)
        except asyncpg.InsufficientPrivilegeError as error:
            url = self.server.url
            raise ConfigurationError(
                f"the role {url.user!r} may not make schemas in the database {url.database!r}: {error}",
                hint=f'Allow it: GRANT CREATE ON DATABASE "{url.database}" TO "{url.user}".\n'
                f"  The address comes from {self.server.source}.",
            ) from error

    async def finish(self, connection: Connection, name: str, mark: str) -> None:
        """The blueprint is read once, for all workers of all runs."""
        blueprint = await read_blueprint(connection, name)
        comment = f"{mark}\n{blueprint.to_json()}"
        await connection.execute(f"COMMENT ON SCHEMA {name} IS {_text(comment)}")

    async def make_copy(self, connection: Connection, template: str, name: str) -> None:
        """Empty."""
        await self._make(connection, name, locks.COPY_MARK)

    async def fill_copy(self, inside: Connection, template: str, name: str) -> None:
        """By the blueprint."""
        blueprint = Blueprint.from_json(str(await self._comment(inside, template)).partition("\n")[2])
        await inside.execute(blueprint.script(name))

    async def drop(self, connection: Connection, name: str) -> None:
        """In parts, as each table with its indexes takes places among the locks, and all workers share one room."""
        tables = [row["name"] for row in await connection.fetch(_TABLES, name)]
        await connection.execute("SET synchronous_commit = off")  # none of the parts has to outlive a crash
        for start in range(0, len(tables), _TABLES_AT_ONCE):
            part = ", ".join(tables[start : start + _TABLES_AT_ONCE])
            await connection.execute(f"DROP TABLE IF EXISTS {part} CASCADE")
        await connection.execute(f"DROP SCHEMA IF EXISTS {quote_identifier(name)} CASCADE")

    async def _make(self, connection: Connection, name: str, mark: str) -> None:
        schema = f"SCHEMA {quote_identifier(name)}"
        await connection.execute(f"CREATE {schema}; COMMENT ON {schema} IS {_text(mark)}")

    async def _comment(self, connection: Connection, name: str) -> str | None:
        comment: str | None = await connection.fetchval(_COMMENT, name)
        return comment


def _not_ours(word: str, name: str) -> ConfigurationError:
    return ConfigurationError(f"the {word} {name!r} was not made by the test kit", hint="Rename or drop it.")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_INVALID = -2  # what PostgreSQL sets when dropping has begun

# Default privileges would be those of the given database, which others do not have.
_AGAINST_DATABASES = """
SELECT CASE
  WHEN NOT (rolsuper OR rolcreatedb)
    THEN format('the role %L may make no databases (ALTER ROLE %1$I CREATEDB)', rolname)
  WHEN EXISTS (SELECT FROM pg_default_acl WHERE defaclrole = r.oid AND defaclnamespace = 0)
    THEN format('the database %L has default privileges for what the role %L makes', current_database(), rolname)
END FROM pg_roles r WHERE rolname = current_user
"""
# Columns that not all versions of PostgreSQL have are read by way of JSON.
_GIVEN = """
SELECT d.oid::bigint AS oid, (SELECT oid FROM pg_roles WHERE rolname = current_user)::bigint AS role,
  current_setting('fsync')::bool AS durable,
  concat_ws(' ', format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding), datcollate, datctype),
    CASE j->>'datlocprovider' WHEN 'c' THEN 'LOCALE_PROVIDER libc'
      WHEN 'i' THEN format('LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j->>'datlocale', j->>'daticulocale'))
      WHEN 'b' THEN format('LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j->>'datlocale') END,
    'ICU_RULES ' || quote_literal(j->>'daticurules')) AS options,
  array(SELECT format('%I TO %L', split_part(s, '=', 1), substr(s, strpos(s, '=') + 1))
        FROM pg_db_role_setting, unnest(setconfig) s WHERE setdatabase = d.oid AND setrole = 0
          AND split_part(s, '=', 1) NOT IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                            'session_preload_libraries')) AS settings
FROM pg_database d, to_jsonb(d) j WHERE datname = current_database()
"""
_DATABASE = """
SELECT coalesce(shobj_description(oid, 'pg_database'), '') AS comment, datconnlimit AS limit
FROM pg_database WHERE datname = $1
"""
_DATABASES = f"""
SELECT datname::text AS name FROM pg_database, split_part(shobj_description(oid, 'pg_database'), E'\\n', 1) mark
WHERE pg_has_role(datdba, 'USAGE')
  AND CASE WHEN mark IS NULL THEN datconnlimit = $2 AND (datname LIKE 'berceau\\_template\\_%') = $3
      ELSE datconnlimit IN ($2, {_INVALID}) AND mark = ANY($1::text[]) END
"""
_END_CONNECTIONS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
_EXTENSIONS_OF_GIVEN = """
SELECT format('CREATE SCHEMA IF NOT EXISTS %I; CREATE EXTENSION %I SCHEMA %1$I CASCADE', nspname, extname) AS sql
FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE nspname <> 'pg_catalog' ORDER BY pg_extension.oid
"""
_OLD_PATHS = """
SELECT format('ALTER ROUTINE %s SET search_path TO %s', p.oid::regprocedure,
  (SELECT string_agg(CASE trim(both ' "' FROM word) WHEN $2 THEN '{copy}' ELSE word END, ', ')
   FROM regexp_split_to_table(split_part(setting, '=', 2), ',\\s*') word)) AS sql
FROM pg_proc p, unnest(proconfig) setting
WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND setting LIKE 'search_path=%'
"""
_COMMENT = """
SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = $1
"""
_SCHEMAS = """
SELECT nspname::text AS name FROM pg_namespace
WHERE split_part(obj_description(oid, 'pg_namespace'), E'\\n', 1) = ANY($1::text[])
  AND pg_has_role(nspowner, 'USAGE')
"""
_TABLES = """
SELECT format('%I.%I', n.nspname, relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = $1 AND relkind IN ('r', 'p')
"""
