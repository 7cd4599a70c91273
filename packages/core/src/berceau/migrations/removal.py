"""`berceau remove`: what becomes of the tables of components that are no longer installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from berceau.config import Config
from berceau.discovery import discover
from berceau.errors import ConfigurationError, MigrationStateError
from berceau.gone import gone_components
from berceau.migrations.files import read_migrations, read_schema, write_migration
from berceau.migrations.naming import folder_name, later_timestamp, timestamp_now
from berceau.migrations.target import Target, reach
from berceau.migrations.way_back import DOWN, WayBack
from berceau.provenance import RECORD, ComponentState, known_states, record
from berceau.schema_header import KEPT, read_header, with_header, without_header
from berceau_engine.migration_list import SCRIPT
from berceau_engine.postgres import quote_identifier
from berceau_engine.schema import SchemaFile

_WOVEN = re.compile(r"^.*// added for component '(\w+)'\n", re.MULTILINE)
_WOVEN_FOR_THE_HOST = re.compile(r"^\s*\w+\s+(\w+).*// added for the host$", re.MULTILINE)


@dataclass(frozen=True)
class Stake:
    """A table that would be dropped, with its rows; None: it is not in the database."""

    component: str
    table: str
    rows: int | None


@dataclass(frozen=True)
class Kept:
    """What keeping did: the files that are the host's own now, and the migration that records it."""

    files: tuple[Path, ...]
    migration: Path


def removable(config: Config, names: Sequence[str], *, drop: bool = False) -> dict[str, ComponentState]:
    """The states of these components; `drop`: with their tables.

    Raises ConfigurationError for one that is unknown, or still there, or that others relate to which are to stay.
    """
    gone = gone_components(config, discover(config))
    known = known_states(read_migrations(config))
    for name in names:
        if name in known and name not in gone:
            raise ConfigurationError(
                "the component is installed: what it brings cannot be removed while it is there",
                component=name,
                hint=f'Uninstall {known[name].distribution} first, or disable it: disabled = ["{name}"] in'
                " [tool.berceau].",
            )
        if name not in known:
            others = f" These are: {', '.join(gone)}." if gone else " None is gone."
            raise ConfigurationError(
                "no migration knows a component of that name", component=name, hint=f"Name one that is gone.{others}"
            )
    for name in names:
        composed = _composed(config, name)
        for other in sorted(set(_WOVEN.findall(composed)) - set(names)):
            raise _still_related(name, other, is_gone=other in gone)
        if drop and (models := _WOVEN_FOR_THE_HOST.findall(composed)):
            raise ConfigurationError(
                f"models of the host relate to its models: {', '.join(dict.fromkeys(models))}",
                component=name,
                hint="Take their relations out of the schema, and the lines `// added for the host` out of"
                f" {name}.prisma; or keep its tables: berceau remove {name} --keep-data",
            )
    return {name: gone[name] for name in dict.fromkeys(names)}


def _composed(config: Config, name: str) -> str:
    """A component's composed file; nothing if it is not there."""
    file = config.schema_dir / f"{name}.prisma"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _still_related(name: str, other: str, *, is_gone: bool) -> ConfigurationError:
    both = f"name both: berceau remove {name} {other} --keep-data | --drop-data"
    return ConfigurationError(
        f"component {other!r} relates to its models, and would be left without them",
        component=name,
        hint=f"Drop the other first: berceau remove {other} --drop-data; or {both}"
        if is_gone
        else f"Install {name!r} again; or uninstall {other!r}, too, and {both}",
    )


def keep(config: Config, names: Sequence[str]) -> Kept:
    """Make the components' composed files the host's own, and record in an empty migration that the host has them.

    Raises ConfigurationError as `removable` does, MigrationStateError: their composed file is not there any more.
    """
    states = removable(config, names)
    files = {name: config.schema_dir / f"{name}.prisma" for name in states}
    for name, file in files.items():
        if not file.is_file() or read_header(file.read_text(encoding="utf-8")) is None:
            raise MigrationStateError(
                "its composed schema, which is to be kept, is not there",
                component=name,
                file=file,
                hint="Get the file back from version control.",
            )
    migrations = read_migrations(config)
    before = known_states(migrations)
    after = {name: state for name, state in before.items() if name not in states}
    label = folder_name("keep_" + "_".join(states))
    name = f"{later_timestamp(timestamp_now(), migrations.names)}_{label}"
    script = "".join(f"-- The tables of component '{one}' are the host's own from here on.\n" for one in states)
    script += "SELECT 1;\n"
    down = WayBack("SELECT 1;").text(script, ())
    written = write_migration(config.migrations_dir, name, {SCRIPT: script, DOWN: down, RECORD: record(before, after)})
    for one, file in files.items():
        text = without_header(file.read_text(encoding="utf-8"))
        release = f"{states[one].distribution} {states[one].version}"
        _replace(file, f"{KEPT}'{one}' ({release}).\n\n{text}")
    return Kept(tuple(files.values()), written.script)


async def stakes(target: Target, states: Mapping[str, ComponentState]) -> tuple[Stake, ...]:
    """The tables of components with their rows. Raises ConfigurationError: the database cannot be reached."""
    connection = await reach(target)
    try:
        found = []
        for name, state in states.items():
            for table in state.tables:
                there = await connection.fetchval("SELECT to_regclass($1)::text", quote_identifier(table))
                rows = await connection.fetchval(f"SELECT count(*) FROM {there}") if there else None  # noqa: S608
                found.append(Stake(name, table, rows))
        return tuple(found)
    finally:
        await connection.close()


def schema_without(config: Config, names: Iterable[str]) -> tuple[SchemaFile, ...]:
    """The composed schema as the last build wrote it, without these components and what was woven in for them."""
    gone = set(names)
    files = []
    for path, text in read_schema(config):
        header = read_header(text)
        if header is None or header.component not in gone:
            files.append((path, _without_woven(text, gone)))
    return tuple(files)


def forget(config: Config, names: Iterable[str]) -> None:
    """Take the components' files, and what was woven in for them, from the composed schema on disk."""
    wanted = dict(schema_without(config, names))
    for path, text in read_schema(config):
        if path not in wanted:
            Path(path).unlink()
        elif wanted[path] != text:
            _replace(Path(path), wanted[path])


def _without_woven(text: str, gone: set[str]) -> str:
    header = read_header(text)
    if header is None or header.component is None:
        return text
    body = without_header(text)
    left = _WOVEN.sub(lambda line: "" if line[1] in gone else line[0], body)
    return text if left == body else with_header(left, header.component, f"{header.distribution} {header.version}")


def _replace(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.berceau-new")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(file)
