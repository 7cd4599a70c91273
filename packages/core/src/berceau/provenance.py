"""Which component changed what: `components.json` beside each migration, for every component before and after it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from berceau.composition.declarations import read
from berceau.errors import MigrationStateError
from berceau.schema_header import read_header

if TYPE_CHECKING:
    from berceau_engine.migration_list import MigrationList
    from berceau_engine.schema import SchemaFile

RECORD = "components.json"


@dataclass(frozen=True)
class ComponentState:
    """A component as a migration left it.

    Attributes:
        distribution: its distribution's name.
        version: its distribution's version.
        schema: SHA-256 of its composed schema.
        tables: the names of its tables and views in the database.
        enums: the names of its enums in the database.
    """

    distribution: str
    version: str
    schema: str
    tables: tuple[str, ...] = ()
    enums: tuple[str, ...] = ()


States = Mapping[str, ComponentState]


@dataclass(frozen=True)
class Change:
    """What becomes of one component: it comes (`before` is None), goes (`after` is None), or another version comes."""

    component: str
    before: ComponentState | None
    after: ComponentState | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.component} {self.after.version} (new)" if self.after else self.component
        if self.after is None:
            return f"{self.component} {self.before.version} (removed)"
        if self.before.version == self.after.version:
            return f"{self.component} {self.after.version} (changed schema)"
        return f"{self.component} {self.before.version} → {self.after.version}"

    @property
    def name(self) -> str:
        """What a migration that does it is called: `upgrade_demo_0_2_0`."""
        if self.before is None:
            return f"add_{self.component}"
        if self.after is None:
            return f"remove_{self.component}"
        if self.before.version == self.after.version:
            return f"change_{self.component}"
        return f"upgrade_{self.component}_{self.after.version}"


def component_changes(before: States, after: States) -> tuple[Change, ...]:
    """The components that differ, sorted by name."""
    changes = (Change(name, before.get(name), after.get(name)) for name in sorted({*before, *after}))
    return tuple(change for change in changes if _differs(change.before, change.after))


def composed_states(schema: Sequence[SchemaFile]) -> dict[str, ComponentState]:
    """The components of a composed schema, as the headers of its files say."""
    states = {}
    for _, text in schema:
        header = read_header(text)
        if header is None or header.component is None or header.distribution is None or header.version is None:
            continue
        blocks = read(text)
        states[header.component] = ComponentState(
            header.distribution,
            header.version,
            header.digest or "",
            tuple(block.database_name for block in blocks if block.kind in ("model", "view")),
            tuple(block.database_name for block in blocks if block.kind == "enum"),
        )
    return states


def known_states(migrations: MigrationList) -> dict[str, ComponentState]:
    """The components as the newest migration that has a record left them. Raises MigrationStateError as `changes_of`"""
    for name in reversed(migrations.names):
        if (changes := changes_of(migrations.folder / name)) is not None:
            return {change.component: change.after for change in changes if change.after is not None}
    return {}


def changes_of(migration: Path) -> tuple[Change, ...] | None:
    """What a migration's record says of each component, changed or not; None if it has no record.

    Raises MigrationStateError: it is not a record.
    """
    file = migration / RECORD
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return tuple(Change(name, _state(entry["before"]), _state(entry["after"])) for name, entry in record.items())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MigrationStateError(
            f"the record of components cannot be read: {error!r}", file=file, hint="Get it back from version control."
        ) from error


def upgrades_of(migration: Path) -> tuple[str, ...]:
    """What a migration does to components, for people: `demo 0.1.0 → 0.2.0`; empty without a record."""
    return tuple(str(change) for change in changes_of(migration) or () if _differs(change.before, change.after))


def record(before: States, after: States) -> str:
    """The text of the record."""
    entries = {
        name: {
            "before": asdict(before[name]) if name in before else None,
            "after": asdict(after[name]) if name in after else None,
        }
        for name in sorted({*before, *after})
    }
    return json.dumps(entries, indent=2) + "\n"


def _differs(before: ComponentState | None, after: ComponentState | None) -> bool:
    if before is None or after is None:
        return before is not after
    return (before.version, before.schema) != (after.version, after.schema)


def _state(entry: Mapping[str, Any] | None) -> ComponentState | None:
    if entry is None:
        return None
    return ComponentState(
        entry["distribution"], entry["version"], entry["schema"], tuple(entry["tables"]), tuple(entry["enums"])
    )
