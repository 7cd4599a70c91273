"""Turns what the schema engine objects to into typed errors that say which migration, which line and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import asyncpg

from berceau_engine.adapter import Failure
from berceau_engine.bridge import RejectedError
from berceau_engine.driver_errors import translate
from berceau_engine.errors import DatabaseConnectionError, MigrationError, PrismaError, SchemaError
from berceau_engine.javascript import JavaScriptError

TRACE = re.compile(r"\n +0: .*", re.DOTALL)
TRACED_MIGRATION = re.compile(r'with migration_name="([^"]+)"')
SHADOW_MIGRATION = re.compile(r"^Migration `([^`]+)` failed to apply cleanly")
PREFIXES = ("external connector error\n", "Error querying the database: ", "ERROR: ")


def raise_typed(rejection: RejectedError, failures: Sequence[Failure]) -> NoReturn:
    """Raise the typed error for a rejection, given the errors that the database adapter has met during the call."""
    for failure in failures:
        own = translate(failure.error)
        if isinstance(failure.error, PrismaError) or isinstance(own, DatabaseConnectionError):
            raise own from failure.error
    cause = failures[-1] if failures and isinstance(failures[-1].error, asyncpg.PostgresError) else None
    raise migration_error(rejection.reason, cause) from (cause.error if cause else None)


def migration_error(reason: Any, failure: Failure | None) -> MigrationError | SchemaError:
    """The typed error for the JavaScript error of a rejected promise."""
    if not isinstance(reason, JavaScriptError):
        return MigrationError(f"Prisma's schema engine failed: {reason}")
    code, text = reason.properties.get("code"), TRACE.sub("", reason.message).strip()
    if code == "P1012":
        from berceau_engine.schema import parse_problems

        return SchemaError(parse_problems(text), text, code)
    meta = {key: value for key, value in reason.properties.items() if key != "code"}
    applied, shadowed = TRACED_MIGRATION.search(reason.message), SHADOW_MIGRATION.search(text)
    if failure is not None and (applied or shadowed):
        name = str((shadowed or applied)[1])  # type: ignore[index]
        return script_error(name, failure, meta, on_shadow=shadowed is not None)
    for prefix in PREFIXES:
        text = text.removeprefix(prefix)
    return MigrationError(text, code, meta)


def script_error(name: str, failure: Failure, meta: Mapping[str, Any], *, on_shadow: bool) -> MigrationError:
    """The error for a migration whose script has failed, with the line of the script where the server tells it."""
    error = failure.error
    text = str(getattr(error, "message", None) or error)
    state = str(getattr(error, "sqlstate", None) or "")
    line = line_of(failure.sql or "", getattr(error, "position", None))
    told = {"migration": name, "line": line, "sqlstate": state, "database_error": text}
    where = f"{name}/migration.sql" + (f":{line}" if line else "")
    what = f"{where}: {text} (SQLSTATE {state})"
    if on_shadow:
        return MigrationError(
            f"Migration {name} does not apply to an empty database: {what}", "P3006", {**meta, **told}
        )
    message = f"Migration {name} failed and is marked as failed, so no further ones are applied: {what}"
    return MigrationError(message, "P3018", {**meta, **told})


def line_of(script: str, position: Any) -> int | None:
    """The line (from 1) of a character (from 1) in a script."""
    return script.count("\n", 0, int(position) - 1) + 1 if position and str(position).isdigit() else None
