"""`berceau migrate diff`: how to get from one state of a schema to another."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from berceau.address import parse_address
from berceau.errors import ConfigurationError
from berceau.migrations.current_schema import current_schema
from berceau.migrations.drift import explained
from berceau.migrations.files import read_migrations
from berceau.migrations.shadow import shadow_database
from berceau.migrations.target import Target, reach
from berceau.migrations.telling import telling, trying
from berceau_engine.errors import DataError, MigrationError
from berceau_engine.migration_list import LOCK_CONTENT, LOCK_FILE, SCRIPT, MigrationList

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations.target import Say
    from berceau_engine.migrate import DiffTarget

NAMES = ("empty", "schema", "migrations", "database")
_ADDRESS = ("postgresql://", "postgres://")


@dataclass(frozen=True)
class Difference:
    """What leads from one state to the other.

    Attributes:
        empty: nothing, they are equal.
        text: SQL, or a summary for people.
    """

    empty: bool
    text: str


async def difference(config: Config, target: Target, start: str, end: str, *, script: bool, say: Say) -> Difference:
    """Compare two states, each one of `NAMES`, the path of a schema or of migrations, or the address of a database.

    Changes nothing but a shadow database, which migrations are played through on.

    Raises ConfigurationError: there is no such state, two different databases, or one that cannot be reached.
    MigrationStateError: migrations do not apply to an empty database. SchemaError: a schema is not valid.
    """
    from berceau_engine.migrate import SchemaEngine

    addresses = [word for word in (start, end) if word.startswith(_ADDRESS)]
    if len(addresses) == 2 or (addresses and "database" in (start, end)):
        raise ConfigurationError(
            "two databases cannot be compared with each other",
            hint="Compare each with `schema` or `migrations`, or read one with `berceau db pull --print`.",
        )
    if addresses:
        url = parse_address(addresses[0], "the address given")
        target = replace(target, url=url, source="the address given")
    ends = [_end(word, config) for word in (start, end)]
    async with AsyncExitStack() as stack:
        shadow_url = target.shadow_url
        if any(isinstance(one, MigrationList) for one in ends):
            connection = await reach(target)
            stack.push_async_callback(connection.close)
            shadow_url = await stack.enter_async_context(shadow_database(target, connection))
        schema = current_schema(config).files
        engine = await stack.enter_async_context(await SchemaEngine.open(schema, target.url, shadow_url))
        played = max((len(one.migrations) for one in ends if isinstance(one, MigrationList)), default=0)
        await stack.enter_async_context(telling(say, trying(played) if played else "Comparing"))
        try:
            found = await engine.diff(*ends, script=script)
        except (MigrationError, DataError) as error:
            raise explained(error, config.migrations_dir) from error.__cause__
    return Difference(found.empty, found.text)


def _end(word: str, config: Config) -> DiffTarget:
    from berceau_engine.migrate import Database, Empty, SchemaFiles

    if word == "empty":
        return Empty()
    if word == "schema":
        return SchemaFiles(current_schema(config).files)
    if word == "migrations":
        return _playable(read_migrations(config))
    if word == "database" or word.startswith(_ADDRESS):
        return Database()
    path = Path(word)
    if path.suffix == ".prisma" and path.is_file():
        return SchemaFiles(((str(path), path.read_text(encoding="utf-8")),))
    if (path.is_dir() and (path / LOCK_FILE).is_file()) or any(path.glob(f"*/{SCRIPT}")):
        return _playable(read_migrations(replace(config, migrations_dir=path.absolute())))
    if path.is_dir() and (files := sorted(path.rglob("*.prisma"))):
        return SchemaFiles(tuple((str(file), file.read_text(encoding="utf-8")) for file in files))
    raise ConfigurationError(
        f"there is nothing to compare under {word!r}",
        hint=f"Give {', '.join(NAMES)}, the path of a schema or of migrations, or postgresql://…",
    )


def _playable(migrations: MigrationList) -> MigrationList:
    """Without a lock file the engine could not say what database the migrations are for."""
    return replace(migrations, lock=migrations.lock or LOCK_CONTENT)
