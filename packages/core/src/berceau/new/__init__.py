"""`berceau new`: complete packages to begin with, from the templates beside this module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from berceau.client.names import client_attribute
from berceau.composition.naming import prefix
from berceau.new.naming import check_name
from berceau.new.writing import write_package


@dataclass(frozen=True)
class NewPackage:
    """A package that was written.

    Attributes:
        name: its name.
        folder: where it is.
        files: its files, as paths within the folder.
    """

    name: str
    folder: Path
    files: tuple[str, ...]


def new_component(name: str, where: Path, *, with_ui: bool = False) -> NewPackage:
    """Write the package of a component into a new folder in `where`. Raises `NewPackageError` and writes nothing."""
    return _write(name, where, ["component", *(["component_ui"] if with_ui else [])], with_ui=with_ui)


def new_host(name: str, where: Path) -> NewPackage:
    """Write the package of a host into a new folder in `where`. Raises `NewPackageError` and writes nothing."""
    return _write(name, where, ["host"], with_ui=True)


def _write(name: str, where: Path, templates: Sequence[str], *, with_ui: bool) -> NewPackage:
    check_name(name)
    folder = where / name.replace("_", "-")
    words = placeholders(name, with_ui=with_ui)
    return NewPackage(name, folder, write_package(folder, templates, words))


def placeholders(name: str, *, with_ui: bool) -> dict[str, str]:
    """What stands for what in the templates."""
    address = f"| `/{name}` | the items as a page, with a form |\n"
    return {
        "%name%": name,
        "%dist%": name.replace("_", "-"),
        "%title%": name.replace("_", " ").capitalize(),
        "%prefix%": prefix(name),
        "%accessor%": client_attribute(f"{prefix(name)}Item"),
        "%label_entry%": f'\n"{name}.label" = "{name}.routes:LABEL"' if with_ui else "",
        "%ui_address%": address if with_ui else "",
    }
