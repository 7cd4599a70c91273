"""Running scripts of several statements, as migrations are run, and what PostgreSQL says of them."""

from __future__ import annotations

import re

import asyncpg

from berceau_engine.postgres import Connection

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


async def run_script(connection: Connection, script: str) -> None:
    """Run a script in one transaction, unless it has transactions of its own. Raises asyncpg.PostgresError.

    One without any statement is passed over: the driver cannot send it.
    """
    if _COMMENT.sub("", script).strip(" \t\n\r;"):
        await connection.execute(script)


def said(error: Exception) -> str:
    """What PostgreSQL said, on one line, with its detail, and without its hint (`Use DROP … CASCADE`)."""
    if not isinstance(error, asyncpg.PostgresError):
        return str(error)
    message, detail = getattr(error, "message", None) or str(error), getattr(error, "detail", None)
    return f"{message} ({'; '.join(detail.splitlines())})" if detail else str(message)
