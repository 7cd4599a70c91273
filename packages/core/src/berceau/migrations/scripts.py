"""Running scripts of several statements, as migrations are run."""

from __future__ import annotations

import re

from berceau_engine.postgres import Connection

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


async def run_script(connection: Connection, script: str) -> None:
    """Run a script in one transaction, unless it has transactions of its own. Raises asyncpg.PostgresError.

    One without any statement is passed over: the driver cannot send it.
    """
    if _COMMENT.sub("", script).strip(" \t\n\r;"):
        await connection.execute(script)
