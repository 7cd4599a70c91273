"""Components and compositions in memory, for tests that need no installation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from berceau.composition import ComposedSchema, compose
from berceau.config import Config
from berceau.discovery import Component, SchemaSource
from berceau.errors import BerceauError, CompositionError, Problems
from berceau_engine.schema import SchemaTools


class Bench:
    """Components made of schema texts, and the host's own files, in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = Config.default(root)
        self.tools = SchemaTools()
        self.components: list[Component] = []

    def add(
        self, name: str, schema: str, *, requires: Iterable[str] = (), version: str = "1.0.0", enabled: bool = True
    ) -> Component:
        """A component in the distribution `berceau-name`; `requires` are names of distributions."""
        file = self.root / "installed" / name / "schema.prisma"
        file.parent.mkdir(parents=True)
        file.write_text(schema, encoding="utf-8")
        distribution = f"berceau-{name.replace('_', '-')}"
        source = SchemaSource(file, f"berceau_{name}/schema.prisma", schema)
        component = Component(name, distribution, version, source, (), tuple(requires), enabled)
        self.components.append(component)
        return component

    def file(self, name: str) -> Path:
        """A component's own schema file."""
        return self.root / "installed" / name / "schema.prisma"

    def own(self, name: str, text: str) -> Path:
        """One of the host's own schema files."""
        path = self.config.schema_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def strict(self) -> None:
        """Make the naming lint's findings errors."""
        self.config = replace(self.config, strict=True)

    def compose(self) -> ComposedSchema:
        """Compose all of them."""
        return compose(self.config, self.components, self.tools)

    def bodies(self) -> dict[str, str]:
        """The composed files without headers, by name; only of components and host."""
        return {file.name: file.body for file in self.compose().files if file.name != "main.prisma"}

    def problems(self) -> list[BerceauError]:
        """What keeps them from being composed."""
        with pytest.raises((CompositionError, Problems)) as caught:
            self.compose()
        return list(caught.value.problems) if isinstance(caught.value, Problems) else [caught.value]

    def problem(self) -> BerceauError:
        """The only thing that keeps them from being composed."""
        [problem] = self.problems()
        return problem
