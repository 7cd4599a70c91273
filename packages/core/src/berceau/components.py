"""The list of installed components, each with what it brings and whether it can be composed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from berceau.composition import ClashError, composition_problems
from berceau.composition.declarations import read
from berceau.config import Config
from berceau.discovery import Component, survey
from berceau.errors import BerceauError


@dataclass(frozen=True)
class ComponentReport:
    """One component of the list.

    Attributes:
        component: as it was discovered.
        models: the names of its models and views.
        enums: the names of its enums.
        problems: why it cannot be composed.
    """

    component: Component
    models: tuple[str, ...]
    enums: tuple[str, ...]
    problems: tuple[BerceauError, ...]

    @property
    def state(self) -> str:
        """`disabled`, `error` or `ok`."""
        if not self.component.enabled:
            return "disabled"
        return "error" if self.problems else "ok"


def list_components(config: Config, path: Sequence[str] | None = None) -> tuple[ComponentReport, ...]:
    """All installed components, sorted by name: those that cannot be composed too, with the reasons.

    `path` holds folders to search, as in `sys.path`, which is the default.
    """
    components = survey(config, path)
    usable = [component for component in components if not component.problems]
    problems = _composition_problems(config, usable)
    return tuple(_report(component, problems) for component in components)


def _composition_problems(config: Config, components: list[Component]) -> tuple[BerceauError, ...]:
    if not any(component.enabled and component.schema for component in components):
        return ()
    from berceau_engine.schema import SchemaTools

    return composition_problems(config, components, SchemaTools())


def _report(component: Component, problems: Iterable[BerceauError]) -> ComponentReport:
    blocks = read(component.schema.content) if component.schema else ()
    return ComponentReport(
        component,
        models=tuple(block.name for block in blocks if block.kind in ("model", "view")),
        enums=tuple(block.name for block in blocks if block.kind == "enum"),
        problems=(*component.problems, *(problem for problem in problems if _concerns(problem, component))),
    )


def _concerns(problem: BerceauError, component: Component) -> bool:
    owners = problem.components if isinstance(problem, ClashError) else (problem.component,)
    return component.name in owners
