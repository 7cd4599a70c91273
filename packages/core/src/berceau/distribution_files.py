"""Where an installed distribution keeps one of its files, found without importing anything of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from importlib_metadata import Distribution


def locate(distribution: Distribution, resource: str, path: Sequence[str] | None = None) -> Path:
    """The file behind a distribution's resource.

    Args:
        distribution: the one that must bring the file.
        resource: relative path with slashes, starting with a top-level package: `berceau_demo/prisma/schema.prisma`.
        path: where to look for the packages of editable installs; None stands for what this interpreter imports from.

    Raises FileNotFoundError with a sentence about where it was looked for.
    """
    record = distribution.read_text("RECORD")
    if record is None or resource in _recorded(record):
        file = Path(str(distribution.locate_file(resource)))
        if file.is_file():
            return file
        if record is not None:
            raise FileNotFoundError(f"the distribution's record lists {resource}, but {file} is not there")
    elif not _is_editable(distribution, record):
        raise FileNotFoundError(f"{resource} is not among the distribution's files")
    folders = []
    for folder, inner in _package_folders(resource, path):
        if (folder / inner).is_file():
            return folder / inner
        folders.append(folder)
    if not folders:
        raise FileNotFoundError(f"the package {resource.partition('/')[0]!r} of {resource} cannot be found")
    raise FileNotFoundError(f"{resource} is not in {', '.join(map(str, folders))}")


def _recorded(record: str) -> set[str]:
    """The files of a RECORD (CSV; quotes appear only where a path holds a comma, which no resource of ours does)."""
    return {line.partition(",")[0] for line in record.splitlines()}


def _is_editable(distribution: Distribution, record: str) -> bool:
    """Whether the wheel only points at a source folder: the installer says so, or it brings a path file."""
    try:
        origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        origin = {}
    if isinstance(origin, dict) and origin.get("dir_info", {}).get("editable"):
        return True
    return any(name.endswith(".pth") and "/" not in name for name in _recorded(record))


def _package_folders(resource: str, path: Sequence[str] | None) -> Iterator[tuple[Path, str]]:
    """Folders that the import system knows for the packages on the way to a resource, with the rest of the way.

    A spec tells them; asking for the spec of a top-level name runs no code of the package. Below the top level only the
    finders that editable installs have put on `sys.meta_path` are asked: they map `namespace.package` to a folder.
    """
    *packages, file = resource.split("/")
    for depth in range(1, len(packages) + 1):
        name = ".".join(packages[:depth])
        for spec in _specs(name, path):
            for folder in spec.submodule_search_locations or ():
                yield Path(folder), "/".join((*packages[depth:], file))


def _specs(name: str, path: Sequence[str] | None) -> Iterator[ModuleSpec]:
    top_level = "." not in name
    if top_level and (spec := PathFinder.find_spec(name, _search_path(path))):
        yield spec
    for finder in sys.meta_path:
        if finder is PathFinder or getattr(finder, "find_spec", None) is None:
            continue
        try:
            found = finder.find_spec(name, None)
        except Exception:  # noqa: S112 - someone else's finder: it may not know how to answer for a submodule
            continue
        if found is not None:
            yield found


def _search_path(path: Sequence[str] | None) -> list[str]:
    """A `sys.path`, and for a given one also the folders that its `.pth` files add, as `site` does at start-up."""
    if path is None:
        return sys.path
    folders = list(path)
    for folder in path:
        for file in sorted(Path(folder).glob("*.pth")):
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            folders += [
                str(Path(folder, line.strip()))
                for line in lines
                if line.strip() and not line.startswith(("#", "import"))
            ]
    return folders
