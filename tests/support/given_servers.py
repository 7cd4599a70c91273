"""Given servers, as tests of the test kit make them: a database, a role with some rights, and copies there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from berceau.testing.background import Background
from berceau.testing.server import Server
from berceau.testing.template import Contents
from berceau.testing.worker import WorkerDatabase
from berceau_engine.migrate import Migration, MigrationList
from berceau_engine.postgres import DatabaseUrl, connect

MAIN = 'datasource db {\n  provider = "postgresql"\n}\n'
TABLE = "CREATE TABLE post (id INT PRIMARY KEY);\n"

Given = Callable[..., Server]


@contextmanager
def given_on(url: DatabaseUrl, background: Background) -> Iterator[Given]:
    """Makes given servers on the one at `url`, each a database with a role; they are gone after the block."""
    names = []

    def make(role: str = "CREATEDB", *, database: str = "") -> Server:
        name = f"given_{secrets.token_hex(4)}"
        names.append(name)
        background.run(execute(url, f"CREATE DATABASE {name} TEMPLATE template0 {database}"))
        background.run(execute(url, f"CREATE ROLE {name} LOGIN {role}; GRANT CREATE ON DATABASE {name} TO {name}"))
        return Server(replace(url, user=name).with_database(name), "TEST_DATABASE_URL", embedded=False)

    try:
        yield make
    finally:
        for name in names:
            mine = f"SELECT datname FROM pg_database WHERE datdba = '{name}'::regrole OR datname = '{name}'"
            for database in background.run(column(url, mine)):
                background.run(execute(url, f"DROP DATABASE {database} WITH (FORCE)"))
            background.run(execute(url, f"DROP ROLE {name}"))


def admin(server: Server) -> DatabaseUrl:
    """The given database's address for the superuser."""
    return replace(server.url, user="postgres")


async def execute(url: DatabaseUrl, *statements: str) -> None:
    """Each in a transaction of its own, on one connection."""
    connection = await connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def column(url: DatabaseUrl, sql: str) -> list[Any]:
    """The first column of what a query finds."""
    connection = await connect(url)
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def migrated(sql: str) -> Contents:
    """What one migration makes; no other test has a template of that name beside it."""
    migrations = MigrationList(Path("none"), 'provider = "postgresql"\n', (Migration("20260101000000_init", sql),))
    return Contents((("main.prisma", f"// {secrets.token_hex(4)}\n{MAIN}"),), migrations, secrets.token_hex(4))


def opened(background: Background, server: Server, contents: Contents) -> WorkerDatabase:
    """A worker's database."""
    return WorkerDatabase.open(background, server, contents, f"test_{secrets.token_hex(4)}_main")
