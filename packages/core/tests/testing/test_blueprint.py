"""A copy of a PostgreSQL schema is exact: `pg_dump` tells it from the original by its name alone."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from berceau import embedded
from berceau.testing.blueprint import BlueprintError, read_blueprint
from berceau_engine.postgres import DatabaseUrl, connect, quote_identifier

NASTY = (Path(__file__).parent / "nasty.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def nasty(postgres: str) -> Iterator[DatabaseUrl]:
    """A database with the schema `original`, which is hard to copy."""
    url = DatabaseUrl.parse(postgres)
    name = f"nasty_{uuid4().hex[:8]}"
    roles = [f"{name}_reader", f"{name}_owner"]  # those of all workers live on one server
    asyncio.run(run(url, f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        asyncio.run(run(url, "".join(f"CREATE ROLE {role};" for role in roles)))
        script = NASTY.replace("nasty_reader", roles[0]).replace("nasty_owner", roles[1])
        asyncio.run(run(url.with_database(name), script))
        yield url.with_database(name)
    finally:
        asyncio.run(run(url, f"DROP DATABASE {name} WITH (FORCE)"))
        asyncio.run(run(url, f"DROP ROLE IF EXISTS {', '.join(roles)}"))


async def run(url: DatabaseUrl, sql: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def copy(url: DatabaseUrl, original: str, name: str) -> None:
    connection = await connect(url)
    try:
        blueprint = await read_blueprint(connection, original)
        await connection.execute(f"CREATE SCHEMA {quote_identifier(name)}")
        await connection.execute(blueprint.script(name))
    finally:
        await connection.close()


def dump(url: DatabaseUrl) -> list[str]:
    """What `pg_dump` says of the schema `original`."""
    program = embedded.binaries() / "pg_dump"
    command = [program, "--host", url.host, "--username", url.user, "--schema=original", "--inserts", url.database]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if not line.startswith("\\")]  # passwords of a kind, new each time


async def test_a_copy_is_exact_down_to_comments_grants_and_the_state_of_sequences(nasty):
    expected = await asyncio.to_thread(dump, nasty)
    await copy(nasty, "original", "exact_copy")
    await run(nasty, "ALTER SCHEMA original RENAME TO aside; ALTER SCHEMA exact_copy RENAME TO original")
    try:
        found = await asyncio.to_thread(dump, nasty)
    finally:
        await run(nasty, "ALTER SCHEMA original RENAME TO exact_copy; ALTER SCHEMA aside RENAME TO original")
    path = "    SET search_path TO 'exact_copy', 'pg_temp'"  # settings are texts, which renaming does not reach
    assert path in found
    assert [line.replace(path, path.replace("exact_copy", "original")) for line in found] == expected


async def test_a_copy_of_a_copy_is_exact_too_with_a_name_that_needs_quotes(nasty):
    await copy(nasty, "original", 'Copy.1 "x"')
    connection = await connect(nasty)
    try:
        blueprint = await read_blueprint(connection, 'Copy.1 "x"')
        again = await read_blueprint(connection, "original")
    finally:
        await connection.close()
    assert comparable(blueprint.statements) == comparable(again.statements)


def comparable(statements: Sequence[str]) -> list[str]:
    """Without what names the schema (where rows come from, a function's own search path), in any order."""
    return sorted(one for one in statements if "INSERT INTO" not in one and "search_path" not in one)


async def test_what_cannot_be_copied_is_named(nasty):
    await run(nasty, "CREATE SCHEMA odd; CREATE COLLATION odd.strange (locale = 'C')")
    connection = await connect(nasty)
    try:
        with pytest.raises(BlueprintError, match="collation strange"):
            await read_blueprint(connection, "odd")
    finally:
        await connection.close()
