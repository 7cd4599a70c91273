"""Makes the two roles and the database, as often as one likes: what is there already is left, and said to be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import asyncpg

from berceau.address import parse_address
from berceau.errors import ConfigurationError
from berceau.migrations.record import Record
from berceau.roles.password import made_up, verifier
from berceau_engine.errors import DatabaseConnectionError
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

_MAINTENANCE = ("postgres", "template0", "template1")
_PLACEHOLDER = "PASSWORD"


@dataclass(frozen=True)
class Role:
    """A role to be made: its name, and the password it is to have; None: one is made up."""

    name: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Setup:
    """What is asked for.

    Attributes:
        url: the address of the database to make, for a role that may make databases and roles.
        migrate: the role that owns the tables.
        app: the role that reads and writes rows, and nothing else.
        reset_passwords: give roles that exist already new passwords, too.
    """

    url: str = field(repr=False)
    migrate: Role
    app: Role
    reset_passwords: bool = False


@dataclass(frozen=True)
class Done:
    """What was done.

    Attributes:
        changed: a sentence for each thing that was made or changed.
        kept: the same for what was there already.
        migration_url: address for migrations; `PASSWORD` stands for one that is not known here.
        running_url: address for running.
        foreign: tables that belong to neither of the two roles, so that migrations cannot change them.
    """

    changed: tuple[str, ...]
    kept: tuple[str, ...]
    migration_url: str = field(repr=False)
    running_url: str = field(repr=False)
    foreign: tuple[str, ...]


async def setup(wanted: Setup) -> Done:
    """Make both roles, the database, and their rights in it.

    Raises ConfigurationError: the address names no database or one that is the server's own, the server cannot be
    reached, or the role in the address lacks a right.
    """
    url = parse_address(wanted.url, "the address given")
    _refuse_maintenance(wanted.url, url)
    for role in (wanted.migrate, wanted.app):
        if role.name == url.user:
            raise ConfigurationError(
                f"the role {role.name!r} is the one of the address: an administrator's is needed to make the two",
                hint="Give the address for a role that may make databases and roles.",
            )
    told = _Told()
    try:
        server = await _connect(url.with_database("postgres"))
        try:
            passwords = [await _role(server, role, wanted, told) for role in (wanted.migrate, wanted.app)]
            await _database(server, url, told)
        finally:
            await server.close()
        inside = await _connect(url)
        try:
            async with inside.transaction():
                foreign = await _rights(inside, url, wanted, told)
        finally:
            await inside.close()
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(
            f"the role {url.user!r} may not set up a database: {error}",
            hint="Give the address for a superuser, or for a role with CREATEDB and CREATEROLE that owns the database.",
        ) from error
    addresses = [
        str(replace(url, user=role.name, password=password or _PLACEHOLDER))
        for role, password in zip((wanted.migrate, wanted.app), passwords, strict=True)
    ]
    return Done(tuple(told.changed), tuple(told.kept), addresses[0], addresses[1], foreign)


class _Told:
    """What was changed, and what was there."""

    def __init__(self) -> None:
        self.changed: list[str] = []
        self.kept: list[str] = []


def _refuse_maintenance(text: str, url: DatabaseUrl) -> None:
    """The default of an address without a database is the administrator's own: not what is meant here."""
    from urllib.parse import urlsplit

    if not urlsplit(text).path.strip("/") or url.database in _MAINTENANCE:
        raise ConfigurationError(
            "the address names no database to set up"
            if url.database == "postgres" and not urlsplit(text).path.strip("/")
            else f"the database {url.database!r} is the server's own",
            hint="Put the name of the database to make at its end: postgresql://admin@host:5432/shop",
        )


async def _connect(url: DatabaseUrl) -> Connection:
    try:
        return await connect(url)
    except DatabaseConnectionError as error:
        raise ConfigurationError(str(error), hint="It is the address for an administrator's role.") from error


async def _role(server: Connection, role: Role, wanted: Setup, told: _Told) -> str | None:
    """Make a role; its password, if it was set now."""
    name = quote_identifier(role.name)
    exists = await server.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role.name)
    if exists and not wanted.reset_passwords:
        told.kept.append(f"role {role.name}, with the password it has")
        return role.password
    password = role.password or made_up()
    what = "ALTER" if exists else "CREATE"
    await server.execute(f"{what} ROLE {name} LOGIN PASSWORD '{verifier(password)}'")
    told.changed.append(f"role {role.name}" if not exists else f"password of role {role.name}")
    return password


async def _database(server: Connection, url: DatabaseUrl, told: _Told) -> None:
    if await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", url.database):
        told.kept.append(f"database {url.database}")
        return
    await server.execute(f"CREATE DATABASE {quote_identifier(url.database)}")
    told.changed.append(f"database {url.database}")


async def _rights(inside: Connection, url: DatabaseUrl, wanted: Setup, told: _Told) -> tuple[str, ...]:
    """Grant what the two roles need and take it from all others; the tables that stand in the way."""
    database, schema = quote_identifier(url.database), quote_identifier(url.schema)
    migrate, app = quote_identifier(wanted.migrate.name), quote_identifier(wanted.app.name)
    if not await inside.fetchval(
        "SELECT rolsuper OR pg_has_role($1, 'USAGE') FROM pg_roles WHERE rolname = current_user", wanted.migrate.name
    ):
        await inside.execute(f"GRANT {migrate} TO CURRENT_USER")  # who gives something away must belong to the receiver
    before = await inside.fetch(_STATE, url.schema, url.database)
    await _run(
        inside,
        # Others are kept out altogether; with this also goes everyone's right to make temporary tables.
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {migrate}",
        f"GRANT CONNECT ON DATABASE {database} TO {app}",
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        f"ALTER SCHEMA {schema} OWNER TO {migrate}",
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {app}",
        # For every table that a migration will make.
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {migrate} IN SCHEMA {schema}"
        f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {migrate} IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        # For those that are there.
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {app}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {app}",
    )
    await Record(inside, schema).protect()
    after = await inside.fetch(_STATE, url.schema, url.database)
    rights = f"rights of both roles in schema {url.schema} of {url.database}"
    (told.kept if before == after else told.changed).append(rights)
    rows = await inside.fetch(_FOREIGN, url.schema, wanted.migrate.name)
    return tuple(row[0] for row in rows)


async def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        await connection.execute(statement)


_STATE = """
SELECT nspname::text, nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = $1
UNION ALL SELECT datname::text, '', datacl::text FROM pg_database WHERE datname = $2
UNION ALL SELECT defaclobjtype::text, defaclrole::regrole::text, defaclacl::text FROM pg_default_acl
UNION ALL SELECT relname::text, relowner::regrole::text, relacl::text FROM pg_class
  WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN ('r', 'p', 'v', 'm', 'S')
ORDER BY 1, 2, 3
"""
_FOREIGN = """
SELECT relname::text FROM pg_class
WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN ('r', 'p', 'v', 'm')
  AND relowner <> to_regrole(quote_ident($2))
ORDER BY 1
"""
