"""Upgrades that components ship: `upgrades/<version>/before.sql` and `after.sql` beside their schema, woven into the
migration that takes the component over that version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from packaging.version import InvalidVersion, Version

from berceau.discovery import Component
from berceau.errors import MigrationStateError
from berceau.migrations.catalog import Catalog, Table
from berceau.migrations.ownership import Owners
from berceau.migrations.scripts import run_script
from berceau.migrations.trial import Trial
from berceau.provenance import Change

FOLDER = "upgrades"
MOMENTS = ("before", "after")

_TOUCHED = """
SELECT l.relation::bigint, c.relname, n.nspname
FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (c.oid IS NULL OR c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
"""


@dataclass(frozen=True)
class Upgrade:
    """One script of a component."""

    component: str
    version: Version
    moment: str
    file: Path
    sql: str

    @property
    def marked(self) -> str:
        """The script as it stands in a migration."""
        where = f"component '{self.component}', {FOLDER}/{self.version}/{self.moment}.sql"
        return f"-- Upgrade: {where}\n{self.sql.rstrip()}\n-- End of upgrade: {where}\n\n"


def find_upgrades(changes: Sequence[Change], components: Sequence[Component]) -> tuple[Upgrade, ...]:
    """The scripts for versions that the changes pass, in order of component and version.

    Raises MigrationStateError: a folder's name is no version, or a script is not readable text.
    """
    installed = {one.name: one for one in components if one.enabled and one.schema is not None}
    return tuple(
        upgrade
        for change in changes
        if change.component in installed and change.before and change.after
        for upgrade in _upgrades(change, installed[change.component])
    )


def _upgrades(change: Change, component: Component) -> Iterator[Upgrade]:
    if change.before is None or change.after is None or component.schema is None:
        return
    folder = component.schema.path.parent / FOLDER
    before, after = Version(change.before.version), Version(change.after.version)
    versions = (
        [_version(entry, component.name) for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    )
    for version, entry in sorted(one for one in versions if one is not None):
        if not before < version <= after:
            continue
        for moment in MOMENTS:
            file = entry / f"{moment}.sql"
            if file.is_file():
                yield Upgrade(component.name, version, moment, file, _read(file, component.name))


def _version(folder: Path, component: str) -> tuple[Version, Path] | None:
    if folder.name.startswith((".", "__")):
        return None
    try:
        return Version(folder.name), folder
    except InvalidVersion as error:
        raise MigrationStateError(
            f"the name of this folder is no version: {folder.name!r}",
            component=component,
            file=folder,
            hint="Folders of upgrades are named for the version that they lead to, as in upgrades/0.2.0.",
        ) from error


def _read(file: Path, component: str) -> str:
    try:
        return file.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MigrationStateError(f"the script cannot be read: {error}", component=component, file=file) from error


@dataclass(frozen=True)
class UpgradeTrial:
    """Runs upgrades on the shadow database and sees to it that each touches only what is its component's.

    `trusted` are the components that may touch what they like.
    """

    trial: Trial
    owners: Owners
    trusted: frozenset[str]

    async def run(self, upgrade: Upgrade, before: Catalog) -> Catalog:
        """Run one. Raises MigrationStateError at its file and line: PostgreSQL refuses it, or it goes too far."""
        connection = self.trial.connection
        transaction = connection.transaction()
        await transaction.start()
        begun = await connection.fetchval("SELECT pg_current_xact_id()::text")
        try:
            await run_script(connection, upgrade.sql)
            same = begun == await connection.fetchval("SELECT pg_current_xact_id()::text")
        except asyncpg.PostgresError as error:
            await connection.execute("ROLLBACK")
            raise MigrationStateError(
                f"the upgrade to {upgrade.version} does not run on an empty database: {error}",
                component=upgrade.component,
                file=upgrade.file,
                line=line_of(error, upgrade.sql),
                hint="The mistake is in the component. Go back to its earlier version, and tell its authors.",
            ) from error
        if not same:
            await connection.execute("ROLLBACK")
            raise self._problem(upgrade, "ends the transaction that the migration runs in", "Take its COMMIT away.")
        if upgrade.component not in self.trusted:
            await self._check(upgrade, before)
        await transaction.commit()
        return await self.trial.run("")

    async def _check(self, upgrade: Upgrade, before: Catalog) -> None:
        """By the locks that the transaction holds: whatever was read or written, by whatever way."""
        foreign = []
        for oid, name, schema in await self.trial.connection.fetch(_TOUCHED):
            table = before.by_oid.get(oid) or Table(oid, schema or "", name or "", "r", None, False, (), (), ())
            owner = self.owners.of_table(table, before)
            if table.name and owner != upgrade.component:
                foreign.append(f"{table.name} (of {f'component {owner!r}' if owner else 'the host'})")
        if foreign:
            await self.trial.connection.execute("ROLLBACK")
            raise self._problem(
                upgrade,
                f"touches tables that are not its component's: {', '.join(sorted(foreign))}",
                f"Read the script. If it is to do that: --trust {upgrade.component}",
            )

    def _problem(self, upgrade: Upgrade, what: str, hint: str) -> MigrationStateError:
        return MigrationStateError(
            f"the upgrade to {upgrade.version} {what}", component=upgrade.component, file=upgrade.file, hint=hint
        )


def line_of(error: asyncpg.PostgresError, sql: str) -> int | None:
    """The line of a script that PostgreSQL points at."""
    position = getattr(error, "position", None)
    return sql.count("\n", 0, int(position) - 1) + 1 if position else None
