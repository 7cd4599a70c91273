"""Numbers of migrations, for people."""

from __future__ import annotations


def migrations(count: int) -> str:
    """As in `2 migrations`."""
    return "1 migration" if count == 1 else f"{count} migrations"
