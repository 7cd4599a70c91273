"""What is under test: a host with all that is installed, or one component with what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from berceau.errors import ConfigurationError

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.discovery import Component

FOLDER = ".berceau"


@dataclass(frozen=True)
class Project:
    """The project whose tests are run.

    Attributes:
        root: the folder of its `pyproject.toml`.
        distribution: for a component's own repository, the name in `[project]`; None for a host.
    """

    root: Path
    distribution: str | None

    @property
    def kind(self) -> str:
        """`host` or `component`."""
        return "host" if self.distribution is None else "component"

    @property
    def own_folder(self) -> Path:
        """For a component: where its composed schema is, and its client to be imported from."""
        return self.root / FOLDER / "test"

    def config(self) -> Config:
        """The settings to compose and build with. Raises ConfigurationError.

        For a component all other components are disabled but those that it depends on, and the composed schema and
        the client go to its `.berceau`, which version control ignores.
        """
        from berceau.config import CLIENT_PACKAGE, Config, load_config
        from berceau.discovery import survey

        if self.distribution is None:
            return load_config(self.root)
        found = survey()
        wanted = {one.name for one in _with_dependencies(self._own(found), found)}
        home = self.root / FOLDER
        home.mkdir(exist_ok=True)
        if not (home / ".gitignore").exists():
            (home / ".gitignore").write_text("*\n", encoding="utf-8")
        return replace(
            Config.default(self.root),
            schema_dir=self.own_folder / "schema",
            migrations_dir=self.own_folder / "migrations",
            output=self.own_folder / CLIENT_PACKAGE,
            disabled=frozenset(one.name for one in found if one.name not in wanted),
        )

    def _own(self, found: Iterable[Component]) -> list[Component]:
        own = _of_distribution(found, self.distribution or "")
        if not own:
            raise ConfigurationError(
                f"the distribution {self.distribution!r} declares a component, but is not installed",
                file=self.root / "pyproject.toml",
                hint="Install it where pytest runs: pip install --editable .",
            )
        return own


def find(start: Path) -> Project | None:
    """The project around a folder: the nearest `pyproject.toml` that is a host's or a component's.

    Every run of pytest asks this, so nothing is parsed that does not name Berceau.
    """
    for folder, document in _documents(start):
        if isinstance(document.get("tool", {}).get("berceau"), dict):
            return Project(folder, None)
        if name := _component_distribution(document):
            return Project(folder, name)
    return None


def component_of(test: Path, found: Iterable[Component]) -> Component:
    """The component that a test file belongs to: that of the nearest `pyproject.toml`, else the only one there is.

    Raises ConfigurationError if that is not one.
    """
    found = [one for one in found if one.enabled]
    candidates = list(found)
    for _, document in _documents(test.parent):
        if name := _component_distribution(document):
            candidates = _of_distribution(found, name)
            break
    if len(candidates) != 1:
        names = ", ".join(one.name for one in candidates) or "none"
        raise ConfigurationError(
            f"the fixture `component` stands for the component of the nearest pyproject.toml; found: {names}",
            file=test,
            hint="Keep the test beside the component's pyproject.toml, or call berceau.discovery.discover().",
        )
    return candidates[0]


def _documents(start: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for folder in (start, *start.parents):
        try:
            text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if "berceau" in text:
            import tomllib

            try:
                yield folder, tomllib.loads(text)
            except tomllib.TOMLDecodeError:  # for whoever reads the file in earnest to complain about
                continue


def _component_distribution(document: dict[str, Any]) -> str | None:
    project = document.get("project", {})
    if not isinstance(project, dict) or not project.get("entry-points", {}).get("berceau.schemas"):
        return None
    name = project.get("name")
    return name if isinstance(name, str) else None


def _of_distribution(found: Iterable[Component], name: str) -> list[Component]:
    from berceau.discovery import normalized

    return [one for one in found if normalized(one.distribution) == normalized(name)]


def _with_dependencies(own: Iterable[Component], found: Iterable[Component]) -> list[Component]:
    wanted = list(own)
    for one in wanted:  # grows
        for name in one.requires:
            wanted += [other for other in _of_distribution(found, name) if other not in wanted]
    return wanted
