"""The database that a command works on: that of the environment, as for migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations.target import Target


def settings() -> tuple[Config, Target]:
    """The host's settings, and its database."""
    from berceau.config import load_config, load_environment
    from berceau.embedded import to_stderr
    from berceau.migrations.target import find_target

    config = load_config()
    return config, find_target(config, load_environment(config), to_stderr)
