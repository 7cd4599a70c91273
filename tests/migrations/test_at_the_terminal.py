"""The questions of the commands, answered on a pseudo-terminal; and Ctrl-C, after which all is as it was."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from distributions import component, uninstall
from hosts import Host
from terminal import CTRL_C, CTRL_D, PATIENCE, Terminal

from berceau_engine.postgres import DatabaseUrl, connect

ARTICLE = "model Article {\n  id    Int     @id\n  title String?\n}\n"
POST = "model BlogPost {\n  id Int @id\n}\n"


@dataclass(frozen=True)
class Project:
    """A host's folder and its database, in which one migration is applied and each table has a row."""

    root: Path
    url: DatabaseUrl

    def terminal(self, *words: str) -> Terminal:
        """The command on a terminal."""
        site, url = self.root / "site", str(self.url)
        environment = {"PYTHONPATH": str(site), "DATABASE_URL": url, "MIGRATION_DATABASE_URL": "", "BERCEAU_ENV": ""}
        return Terminal([sys.executable, "-m", "berceau", *words], self.root, os.environ | environment)

    def schema(self, models: str) -> None:
        """Change the host's own models."""
        (self.root / "prisma/schema/shop.prisma").write_text(models)

    def uninstall(self, name: str) -> None:
        """Take a component away."""
        uninstall(self.root / "site", name)

    async def rows(self, query: str) -> list[object]:
        """The first column of what the database answers."""
        connection = await connect(self.url)
        try:
            return [row[0] for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def state(self) -> object:
        """All that a command may change: files, tables and rows, the record, and databases left behind."""
        files = {str(path): path.read_bytes() for path in sorted((self.root / "prisma").rglob("*")) if path.is_file()}
        return (
            files,
            await self.rows('SELECT title FROM "Article"'),
            await self.rows('SELECT id FROM "BlogPost"'),
            await self.rows("SELECT migration_name || coalesce(rolled_back_at::text, '') FROM _prisma_migrations"),
            await self.rows("SELECT datname FROM pg_database ORDER BY 1"),
        )


@pytest.fixture(scope="module")
def made(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The one that the others are copies of."""
    host = Host(tmp_path_factory.mktemp("made") / "host")
    host.install(component("blog", POST))
    host.write("shop.prisma", ARTICLE)
    server = DatabaseUrl.parse(postgres)
    project = Project(host.root, server.with_database(f"made_{uuid4().hex}"))
    asyncio.run(_execute(server, f"CREATE DATABASE {project.url.database}"))
    done = host.berceau("migrate", "dev", DATABASE_URL=str(project.url), MIGRATION_DATABASE_URL="")
    assert done.returncode == 0, done.stderr
    asyncio.run(_execute(project.url, 'INSERT INTO "Article" VALUES (1, \'Tea\'); INSERT INTO "BlogPost" VALUES (1)'))
    return project


@pytest.fixture
async def project(made: Project, tmp_path: Path) -> AsyncIterator[Project]:
    """A copy of the project, files and database."""
    copy = Project(tmp_path / "host", made.url.with_database(f"test_{uuid4().hex}"))
    shutil.copytree(made.root, copy.root)
    server = made.url.with_database("postgres")
    await _execute(server, f"CREATE DATABASE {copy.url.database} TEMPLATE {made.url.database}")
    yield copy
    await _execute(server, f"DROP DATABASE {copy.url.database} WITH (FORCE)")


async def _execute(url: DatabaseUrl, sql: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


RENAMED = ARTICLE.replace("title", "headline")
RENAMED_QUESTION = "Has Article.title been renamed to headline? [y/N] "


async def test_what_is_renamed_keeps_its_rows(project: Project) -> None:
    project.schema(RENAMED)
    with project.terminal("migrate", "dev") as terminal:
        terminal.shows(RENAMED_QUESTION)
        terminal.types("y\n")
        assert terminal.ends() == 0, terminal.screen

    assert await project.rows('SELECT headline FROM "Article"') == ["Tea"]


async def test_what_is_not_renamed_is_lost_with_a_second_yes_only(project: Project) -> None:
    project.schema(RENAMED)
    before = await project.state()
    with project.terminal("migrate", "dev") as terminal:
        terminal.shows(RENAMED_QUESTION)
        terminal.types("n\n")
        terminal.shows("  - Article.title (the host): the column is dropped; 1 value\nGo on? [y/N] ")
        terminal.types("\n")
        assert terminal.ends() == 1
        assert terminal.screen.endswith("nothing was done\n")
    after = await project.state()
    assert after[1:] == before[1:]  # type: ignore[index]

    with project.terminal("migrate", "dev") as terminal:
        terminal.shows(RENAMED_QUESTION)
        terminal.types("n\n")
        terminal.shows("Go on? [y/N] ")
        terminal.types("yes\n")
        assert terminal.ends() == 0, terminal.screen
    assert await project.rows('SELECT headline FROM "Article"') == [None]


async def test_a_rollback_lists_what_would_be_lost_and_asks(project: Project) -> None:
    before = await project.state()
    with project.terminal("migrate", "rollback") as terminal:
        terminal.shows("  - Article (the host): the table is dropped; 1 row\n")
        terminal.shows("Go on? [y/N] ")
        terminal.types(CTRL_D)
        assert terminal.ends() == 1
        assert terminal.screen.endswith("\nnothing was done\n")
        assert "nobody is there" not in terminal.screen
    assert await project.state() == before

    with project.terminal("migrate", "rollback") as terminal:
        terminal.shows("Go on? [y/N] ")
        terminal.types("y\n")
        assert terminal.ends() == 0, terminal.screen
    assert await project.rows("SELECT to_regclass('\"Article\"')::text") == [None]


async def test_a_reset_wants_the_whole_word(project: Project) -> None:
    before = await project.state()
    with project.terminal("migrate", "reset") as terminal:
        terminal.shows("would be lost. Type yes to go on: ")
        terminal.types("y\n")
        assert terminal.ends() == 1
        assert terminal.screen.endswith("nothing was done\n")
    assert await project.state() == before

    with project.terminal("migrate", "reset", "--json") as terminal:
        terminal.shows("would be lost. Type yes to go on: ")
        terminal.types("yes\n")
        assert terminal.ends() == 0, terminal.screen
    assert await project.rows('SELECT id FROM "Article"') == []


async def test_a_removal_lists_the_tables_and_asks(project: Project) -> None:
    project.uninstall("berceau-blog")
    before = await project.state()
    with project.terminal("remove", "blog", "--drop-data") as terminal:
        terminal.shows("These tables will be dropped:\n  - BlogPost (component 'blog'): 1 row\nGo on? [y/N] ")
        terminal.types("n\n")
        assert terminal.ends() == 1
        assert terminal.screen.endswith("nothing was done\n")
    assert await project.state() == before

    with project.terminal("remove", "blog", "--drop-data") as terminal:
        terminal.shows("Go on? [y/N] ")
        terminal.types("y\n")
        assert terminal.ends() == 0, terminal.screen
    assert await project.rows("SELECT to_regclass('\"BlogPost\"')::text") == [None]
    assert not (project.root / "prisma/schema/blog.prisma").exists()


async def test_ctrl_c_at_any_question_leaves_all_as_it_was(project: Project) -> None:
    async def interrupted(question: str, *words: str) -> None:
        before = await project.state()
        with project.terminal(*words) as terminal:
            terminal.asks(question)
            terminal.types(CTRL_C)
            assert terminal.ends() == 130
            assert "Traceback" not in terminal.screen
        assert await project.state() == before

    await interrupted("Type yes to go on: ", "migrate", "reset")
    project.schema(RENAMED)
    await interrupted(RENAMED_QUESTION, "migrate", "dev")
    project.uninstall("berceau-blog")
    await interrupted("Go on? [y/N] ", "remove", "blog", "--drop-data")


async def test_ctrl_c_while_migrations_are_played_through_leaves_all_as_it_was(project: Project) -> None:
    """On any database but the project's own the migration sleeps."""
    slow = project.root / "prisma/migrations/20300101000000_slow/migration.sql"
    slow.parent.mkdir()
    sleep = f"IF current_database() <> '{project.url.database}' THEN PERFORM pg_sleep({PATIENCE}); END IF;"
    slow.write_text(f"DO $$ BEGIN {sleep} END $$;\n")
    before = await project.state()

    with project.terminal("migrate", "dev") as terminal:
        while not (asleep := await _asleep(project)):
            assert terminal.process.poll() is None, terminal.screen
            await asyncio.sleep(0.05)
        terminal.types(CTRL_C)
        assert terminal.ends() == 130
        assert "Traceback" not in terminal.screen

    assert await project.state() == before
    assert not await _asleep(project), asleep


async def _asleep(project: Project) -> list[object]:
    return await project.rows("SELECT datname FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
