"""Writes the package `berceau_client`: a data file, stubs for the type checker, and a few lines of Python."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from berceau.errors import BerceauError

DATA_FILE = "schema.data"

HEADER = '"""Written by `berceau build` from the composed Prisma schema. Do not edit."""\n'

PLACEHOLDER = '"""Stands in for the generated client'
"""How the module begins that the distribution carries in the client's place."""

LAZY = """\
from typing import Any as _Any


def __getattr__(name: str) -> _Any:
    from . import _schema

    return _schema.{family}.attribute(name)


def __dir__() -> list[str]:
    from . import _schema

    return list(_schema.{family}.names())
"""

MODULES = {
    "__init__.py": """\
from pathlib import Path as _Path

from berceau.client import Base64, Json, bind as _bind
from berceau.client.batch import Batch
from berceau.client.prisma import get_client, register

from . import enums, errors, models, types

_schema = _bind(_Path(__file__).with_name("schema.data"), __name__)
Client = Prisma = _schema.client_class()

__all__ = [
    "Base64", "Batch", "Client", "Json", "Prisma", "enums", "errors", "get_client", "models", "register", "types"
]
""",
    "client.py": """\
from typing import Any as _Any

from . import Batch, Client, Prisma, get_client, register


def __getattr__(name: str) -> _Any:
    if name != "TransactionManager":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from berceau.client.transactions import TransactionManager

    return TransactionManager
""",
    "errors.py": "from berceau.client.errors import *\n",
    "factories.py": "from berceau.testing.factories import Factory\n",
    "fields.py": "from berceau.client.fields import Base64, Json\n",
    **{f"{family}.py": LAZY.format(family=family) for family in ("actions", "bases", "enums", "models", "partials")},
    "types.py": """\
from typing import Any as _Any


def __getattr__(name: str) -> _Any:
    if name.startswith("_"):
        raise AttributeError(name)
    return _Any  # the types are in types.pyi, for the type checker; at run time they are plain dictionaries
""",
}
"""What Python reads: the same for every schema, so that importing costs the same whatever its size."""


def client_hash(output: Path) -> str | None:
    """The schema hash of the client in a folder; None if there is none, or one of another version of the generator."""
    try:
        with (output / DATA_FILE).open("rb") as file:
            header = json.loads(file.readline())
    except (OSError, ValueError):
        return None
    return header.get("hash") if header.get("generator") == version("berceau") else None


def generate(
    files: Sequence[tuple[str, str]],
    dmmf: Mapping[str, Any],
    output: Path,
    schema_hash: str,
    components: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write the client package for a composed schema into `output`; returns the files written.

    `components` says which model is of which component; models that are of none are left out.

    Each file is replaced in one step, the data file, which carries the hash, last: a client that was not finished has
    no valid hash and is written again. Files of an earlier client that are no longer wanted are removed.
    Raises `BerceauError` when `output` holds something that is not a generated client.
    """
    from berceau.generator.data import render_data
    from berceau.generator.stubs import render_stubs

    refuse_foreign(output)
    contents = {name: (HEADER + "\n" + text).encode() for name, text in MODULES.items()}
    contents |= {name: text.encode() for name, text in render_stubs(dmmf).items()}
    contents["py.typed"] = b""
    output.mkdir(parents=True, exist_ok=True)
    written = [output / name for name in contents]
    for name, content in contents.items():
        replace_file(output / name, content)
    remove_stale(output, keep={*written, output / DATA_FILE})
    replace_file(output / DATA_FILE, render_data(files, dmmf, schema_hash, components))
    return (*written, output / DATA_FILE)


def refuse_foreign(output: Path) -> None:
    """Raise unless the folder is missing, empty, or holds a client that we wrote, even one that is not finished."""
    if not output.is_dir() or not any(not path.name.startswith(".new-") for path in output.iterdir()):
        return
    start = output / "__init__.py"
    if (output / DATA_FILE).is_file() or (start.is_file() and start.read_text().startswith((HEADER, PLACEHOLDER))):
        return
    raise BerceauError(
        "the folder for the generated client holds something else",
        file=output,
        hint="Move it away, or set `output` in [tool.berceau] to another folder.",
    )


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place in one step, so that a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def remove_stale(output: Path, keep: set[Path]) -> None:
    """Remove stubs, modules and half-written files that the new client does not have."""
    for path in output.rglob("*"):
        if path.is_file() and path not in keep and (path.suffix in (".py", ".pyi") or path.name.startswith(".new-")):
            path.unlink()
