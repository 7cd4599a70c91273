"""`berceau migrate deploy`: apply what is pending."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from berceau.cli.migrate.counting import migrations

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target


def configure(deploy: ArgumentParser) -> None:
    """Add the command's arguments: none."""


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Apply them, and say which."""
    import asyncio

    from berceau.embedded import to_stderr
    from berceau.migrations import deploy

    done = asyncio.run(deploy(config, target, to_stderr))
    for name in done.applied:
        print(f"applied {name}")
    if not done.applied:
        print(f"nothing to apply: the {target} is up to date, with {migrations(done.total)}")
    return 0
