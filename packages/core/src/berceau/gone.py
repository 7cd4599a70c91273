"""Components that migrations know and that are no longer there: their tables must not go without a word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from berceau.errors import BerceauError, CompositionError, Problems

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.discovery import Component
    from berceau.provenance import ComponentState

_RECORD = "components.json"


def gone_components(config: Config, components: Iterable[Component]) -> dict[str, ComponentState]:
    """What the migrations say of components that are not installed, or disabled, or without a schema now."""
    if not any(config.migrations_dir.glob(f"*/{_RECORD}")):
        return {}
    from berceau.provenance import known_states
    from berceau_engine.migration_list import MigrationList

    there = {component.name for component in components if component.enabled and component.schema is not None}
    known = known_states(MigrationList.read(config.migrations_dir))
    return {name: state for name, state in known.items() if name not in there}


def refuse_gone(config: Config, components: Iterable[Component]) -> None:
    """Raise CompositionError, or Problems for several, if there are any."""
    gone = gone_components(config, components)
    problems: list[BerceauError] = [
        CompositionError(
            f"its tables are in the migrations, but {state.distribution} {state.version} is not installed any more,"
            " or disabled",
            component=name,
            hint="Install it again; or keep its tables as the host's own, or drop them:\n"
            f"    berceau remove {name} --keep-data\n    berceau remove {name} --drop-data",
        )
        for name, state in gone.items()
    ]
    if len(problems) > 1:
        raise Problems(problems)
    for problem in problems:
        raise problem
