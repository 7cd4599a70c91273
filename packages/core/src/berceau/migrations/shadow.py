"""The shadow database: an empty one on which the migrations so far are tried, made for one run and dropped after it."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg

from berceau.errors import ConfigurationError
from berceau.migrations.target import Target, reach
from berceau_engine.postgres import Connection, DatabaseUrl, quote_identifier
from berceau_engine.shadow import PREFIX, new_name

_NAME = re.compile(rf"{PREFIX}(\d+)_[0-9a-f]{{8}}")  # seconds since 1970, and a random part
_LEFT_OVER_SECONDS = 600

_UNUSED = """
SELECT datname FROM pg_database d
WHERE starts_with(datname, $1) AND pg_has_role(datdba, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
"""


@asynccontextmanager
async def shadow_database(target: Target, connection: Connection) -> AsyncIterator[DatabaseUrl]:
    """The database of `SHADOW_DATABASE_URL`, or for the time of the block one made on the target's server.

    `connection` is one to the target. The schema engine empties the database before and after each use, and refuses
    one with contents that are not its own. Raises ConfigurationError: none can be made, or the one given cannot be
    reached.
    """
    if target.shadow_url is not None:
        given = await reach(replace(target, url=target.shadow_url, source="SHADOW_DATABASE_URL"))
        await given.close()
        yield target.shadow_url
        return
    await _drop_left_overs(connection)
    name = new_name()
    try:
        await connection.execute(f"CREATE DATABASE {quote_identifier(name)} TEMPLATE template0")
    except asyncpg.PostgresError as error:
        raise ConfigurationError(
            f"no shadow database can be made to try the migrations on: {error}",
            hint="Let the role make databases (ALTER ROLE … CREATEDB), or set SHADOW_DATABASE_URL to an empty one.",
        ) from error
    try:
        yield target.url.with_database(name)
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")


async def _drop_left_overs(connection: Connection) -> None:
    """Drop the databases of runs that were killed: old, and nobody is connected."""
    for row in await connection.fetch(_UNUSED, PREFIX):
        made = _NAME.fullmatch(row["datname"])
        if made and int(made[1]) < time.time() - _LEFT_OVER_SECONDS:
            await connection.execute(f"DROP DATABASE IF EXISTS {quote_identifier(row['datname'])}")
