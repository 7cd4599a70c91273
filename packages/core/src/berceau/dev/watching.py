"""What `berceau dev` watches, and what a change of each file means."""

from __future__ import annotations

import asyncio
import sysconfig
from collections.abc import Iterable, Iterator
from enum import Enum
from importlib.util import find_spec
from pathlib import Path

from watchfiles import awatch

from berceau.config import Config
from berceau.discovery import survey
from berceau.errors import BerceauError

_GROUP_MILLISECONDS = 400
_NOISE = frozenset({"__pycache__", "node_modules"})


class Change(Enum):
    """What a changed file asks for."""

    SETTINGS = "pyproject.toml or .env"
    INSTALLED = "a distribution was installed or removed"
    SCHEMA = "a schema of a component or of the host"
    MIGRATIONS = "the folder of migrations"
    CODE = "Python code"


class Watcher:
    """Follows the folders that matter to a host: its own, those of components edited in place, what is installed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._groups: asyncio.Queue[frozenset[Path] | OSError] = asyncio.Queue()
        self._deep: set[Path] = set()
        self._flat: set[Path] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def watch(self, config: Config) -> None:
        """Begin to follow what matters under these settings, beside what is followed already."""
        self._config = config
        components = [one for one in survey(config) if one.enabled]
        schemas = [one.schema for one in components if one.schema]
        modules = {facet.value.partition(":")[0].partition(".")[0] for one in components for facet in one.facets}
        modules |= {schema.resource.partition("/")[0] for schema in schemas}
        if config.app:
            modules.add(config.app.partition(":")[0].partition(".")[0])
        own = [folder for folder in config.root.iterdir() if folder.is_dir() and not self._is_foreign(folder)]
        self._follow_deep([*own, config.schema_dir, config.migrations_dir, *_linked_packages(modules)])
        self._follow_flat([config.root, *_site_packages(), *(schema.path.parent for schema in schemas)])

    async def changes(self) -> dict[Change, set[Path]]:
        """Wait for changes that mean something; the files by their meaning.

        Raises BerceauError: the system does not let us watch the files.
        """
        while True:
            group = await self._groups.get()
            if isinstance(group, OSError):
                raise BerceauError(
                    f"the files cannot be watched: {group}",
                    hint="WATCHFILES_FORCE_POLLING=1 in the environment does without the system's help.",
                ) from group
            found: dict[Change, set[Path]] = {}
            for path in group:
                if (meaning := self.meaning(path)) is not None:
                    found.setdefault(meaning, set()).add(path)
            if found:
                return found

    def meaning(self, path: Path) -> Change | None:
        """What a change of this file or folder asks for; None: nothing."""
        config = self._config
        if path in (config.root / "pyproject.toml", config.root / ".env"):
            return Change.SETTINGS
        if path.parent in _site_packages():
            return Change.INSTALLED if path.suffix == ".dist-info" else None
        if path.is_relative_to(config.client_dir) or not _NOISE.isdisjoint(path.parts):
            return None
        if path.is_relative_to(config.migrations_dir):
            return Change.MIGRATIONS if path.suffix in (".sql", "") else None
        if path.parent == config.root and path.is_dir():
            new = path not in self._deep and not self._is_foreign(path)
            self._follow_deep([path] if new else [])
            return Change.SCHEMA if new else None  # it may have come with files in it
        if path.suffix == ".py" and self._is_test(path):
            return None
        return {".prisma": Change.SCHEMA, ".py": Change.CODE}.get(path.suffix)

    async def close(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _follow_deep(self, folders: Iterable[Path]) -> None:
        new = {folder for folder in folders if folder.is_dir() and not _below(folder, self._deep)}
        new = {folder for folder in new if not _below(folder, new - {folder})}
        self._deep |= new
        self._start(new, recursive=True)

    def _follow_flat(self, folders: Iterable[Path]) -> None:
        new = {folder for folder in folders if folder.is_dir() and not _below(folder, self._deep)} - self._flat
        self._flat |= new
        self._start(new, recursive=False)

    def _start(self, folders: set[Path], *, recursive: bool) -> None:
        if folders:
            self._tasks.append(asyncio.create_task(self._follow(folders, recursive=recursive)))

    async def _follow(self, folders: set[Path], *, recursive: bool) -> None:
        try:
            async for events in awatch(
                *folders,
                watch_filter=None,
                debounce=_GROUP_MILLISECONDS,
                recursive=recursive,
                ignore_permission_denied=True,
            ):
                self._groups.put_nowait(frozenset(Path(path) for _, path in events))
        except OSError as error:
            self._groups.put_nowait(error)

    def _is_foreign(self, folder: Path) -> bool:
        """Whether nobody edits what is in it: hidden, an environment, or the generated client."""
        hidden = folder.name.startswith(".") or folder.name in _NOISE
        return hidden or (folder / "pyvenv.cfg").exists() or folder == self._config.client_dir

    def _is_test(self, file: Path) -> bool:
        """Whether it belongs to tests, which the application does not import."""
        inner = file.relative_to(self._config.root) if file.is_relative_to(self._config.root) else file
        return "tests" in inner.parts or file.name.startswith("test_") or file.name == "conftest.py"


def _linked_packages(modules: Iterable[str]) -> Iterator[Path]:
    """The folders of those packages that are not installed but linked to (editable)."""
    for module in sorted(modules):
        spec = find_spec(module)  # of a top-level name: this runs no code of the package
        for folder in (spec and spec.submodule_search_locations) or ():
            if not _below(Path(folder), _site_packages()):
                yield Path(folder)


def _site_packages() -> frozenset[Path]:
    return frozenset(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))


def _below(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
