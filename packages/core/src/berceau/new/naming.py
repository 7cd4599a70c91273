"""Which names a new package may have: it is its component's, its distribution's and its module's alike."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.util import find_spec

from berceau.discovery import RESERVED, survey
from berceau.errors import BerceauError

NAME = re.compile(r"[a-z][a-z0-9_]*")
LONGEST = 30
OURS = frozenset({"berceau", "berceau_client", "berceau_engine", "berceau_host", "tests", "test"}) | RESERVED


class NewPackageError(BerceauError):
    """A package that cannot be made: its name, or its folder."""


def check_name(name: str) -> None:
    """Raise `NewPackageError` for a name that is not one of a component, or is somebody else's."""
    if not NAME.fullmatch(name) or name.endswith("_") or "__" in name:
        raise NewPackageError(
            f"{name!r} is not a name for a component: those are lower case letters, digits and single underscores",
            hint=f"It begins with a letter: take for instance {suggested(name)!r}.",
        )
    if len(name) > LONGEST:
        raise NewPackageError(f"{name!r} is too long: at most {LONGEST} characters", hint="Take a shorter name.")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise NewPackageError(f"{name!r} is a word of Python's own", hint=f"Take for instance {f'my_{name}'!r}.")
    if name in sys.stdlib_module_names or name in OURS:
        what = "is reserved" if name in OURS else "is a module in Python's standard library"
        raise NewPackageError(f"{name!r} {what}", hint=f"Take for instance {f'my_{name}'!r}.")
    for component in survey():
        if component.name == name:
            raise NewPackageError(
                f"there is a component {name!r} already: {component.release} is installed",
                hint="Take another name; a host cannot install both.",
            )
    if find_spec(name) is not None:
        raise NewPackageError(
            f"there is a module {name!r} in this environment already", hint=f"Take for instance {f'my_{name}'!r}."
        )


def suggested(name: str) -> str:
    """A valid name that is near."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    near = re.sub(r"[^a-z0-9]+", "_", words).strip("_").lstrip("0123456789_")[:LONGEST].rstrip("_")
    return near or "guestbook"
