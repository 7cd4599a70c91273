"""What `berceau new` writes passes its own checks as it is: in an empty folder, with wheels of this workspace."""

from __future__ import annotations

import subprocess
from pathlib import Path

from machine import UV

CHECKS = (
    "uv sync -q",
    "uv run berceau build",
    "uv run ruff check",
    "uv run ruff format --check",
    "uv run mypy .",
    "uv run pytest -q -p no:cacheprovider",
)


def test_a_new_component_and_a_new_host_pass_their_own_checks(folder: Path, environment: dict[str, str]) -> None:
    new = [UV, "tool", "run", "--from", "berceau", "berceau", "new"]
    run([*new, "component", "guest_book", "--with-ui"], folder, environment)
    run([*new, "host", "shop"], folder, environment)
    for package in ("guest-book", "shop"):
        for check in CHECKS:
            run(check.split(), folder / package, environment)
    run(["uv", "build", "-q", "--wheel"], folder / "guest-book", environment)
    installed = f"{folder / 'guest-book/dist/guest_book-0.1.0-py3-none-any.whl'}"
    run(["uv", "add", "-q", installed], folder / "shop", environment)
    run(["uv", "run", "berceau", "build"], folder / "shop", environment)
    assert (folder / "shop/prisma/schema/guest_book.prisma").exists()


def run(command: list[str], where: Path, environment: dict[str, str]) -> None:
    """Run a command, and show what it says where it fails."""
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} in {where.name}\n{done.stdout}\n{done.stderr}"
