"""What the tests of migrations share: a host with a schema, and a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from empty_database import empty_database as empty_database

from berceau.config import Config
from berceau.migrations import Deployed, Developed, Request, Status, Target, deploy, develop, status
from berceau.testing.server import own_server
from berceau_engine.postgres import DatabaseUrl, connect

MAIN = 'generator client {\n  provider = "prisma-client"\n}\n\ndatasource db {\n  provider = "postgresql"\n}\n'
ARTICLE = "model Article {\n  id Int @id\n  title String?\n}\n"


class Host:
    """A host in a folder, on an empty database; `said` is what the user was told."""

    def __init__(self, folder: Path, url: DatabaseUrl) -> None:
        self.config = Config.default(folder)
        self.target = Target(url, "DATABASE_URL", None, production=False)
        self.said: list[str] = []

    def schema(self, models: str) -> None:
        """Give it these models."""
        self.config.schema_dir.mkdir(parents=True, exist_ok=True)
        (self.config.schema_dir / "main.prisma").write_text(MAIN)
        (self.config.schema_dir / "models.prisma").write_text(models)

    def migration(self, name: str, sql: str) -> Path:
        """Write a migration by hand."""
        script = self.config.migrations_dir / name / "migration.sql"
        script.parent.mkdir(parents=True)
        script.write_text(sql)
        (self.config.migrations_dir / "migration_lock.toml").write_text('provider = "postgresql"\n')
        return script

    @property
    def folders(self) -> list[str]:
        """The names of its migrations."""
        folder = self.config.migrations_dir
        return sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.exists() else []

    def at(self, **changes: object) -> None:
        """Change the target."""
        self.target = replace(self.target, **changes)  # type: ignore[arg-type]

    async def develop(self, name: str | None = None, **options: Any) -> Developed:
        return await develop(self.config, self.target, Request(name, **options), self.said.append)

    async def deploy(self) -> Deployed:
        return await deploy(self.config, self.target, self.said.append)

    async def status(self) -> Status:
        return await status(self.config, self.target)

    async def execute(self, sql: str) -> None:
        """Run SQL on its database."""
        connection = await connect(self.target.url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def fetch(self, sql: str) -> list[object]:
        """The first column of a query's rows."""
        connection = await connect(self.target.url)
        try:
            return [row[0] for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def tables(self) -> list[object]:
        """The names of its tables, without Prisma's own."""
        return await self.fetch(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = current_schema() AND table_name <> '_prisma_migrations' ORDER BY 1"
        )


@pytest.fixture
def host(tmp_path: Path, empty_database: DatabaseUrl) -> Host:
    """A host with one model and no migration."""
    host = Host(tmp_path, empty_database)
    host.schema(ARTICLE)
    return host


@pytest.fixture
def lone_host(tmp_path: Path) -> Iterator[Host]:
    """A host on a server of its own, for tests that look at all databases of it."""
    server, stop = own_server()
    try:
        host = Host(tmp_path, server.url)
        host.schema(ARTICLE)
        yield host
    finally:
        stop()


@pytest.fixture
async def empty_role(host: Host) -> AsyncIterator[str]:
    """A role that may do nothing yet."""
    name = f"role_{uuid4().hex}"
    await host.execute(f'CREATE ROLE "{name}" LOGIN')
    yield name
    await host.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
