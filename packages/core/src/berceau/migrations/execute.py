"""`berceau db execute`: run a script of SQL on the database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from berceau.errors import ConfigurationError, MigrationStateError
from berceau.migrations.rights import LACKING, hint
from berceau.migrations.target import reach
from berceau_engine.scripts import ScriptError, run_script
from berceau_engine.sql_text import statements

if TYPE_CHECKING:
    from berceau.migrations.target import Target


@dataclass(frozen=True)
class Executed:
    """What was run: the number of statements."""

    statements: int


def read_script(file: Path) -> str:
    """The text of a script. Raises ConfigurationError: it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the script cannot be read: {error}", file=file) from error


async def execute(target: Target, script: str, file: Path | None) -> Executed:
    """Run a script as one transaction, unless it has transactions of its own; its rows are not returned.

    Raises ConfigurationError: the database cannot be reached. MigrationStateError: a statement fails.
    """
    connection = await reach(target)
    try:
        await run_script(connection, script)
        if connection.is_in_transaction():
            raise MigrationStateError(
                "the script begins a transaction and does not end it; nothing after BEGIN was kept",
                file=file,
                hint="End it with COMMIT.",
            )
    except ScriptError as error:
        failure = error.failure
        raise MigrationStateError(
            f"{failure}".replace("\n", "\n  "),
            file=file or "standard input",
            line=failure.line,
            hint=hint(failure.message, target.url.user) if failure.sqlstate == LACKING else "Correct the script.",
        ) from error
    finally:
        await connection.close()
    return Executed(len(statements(script)))
