"""Applying migrations that are written: each with its record in one transaction, with failures explained."""

from __future__ import annotations

import re
import shlex
import time
from uuid import uuid4

from berceau.errors import MigrationStateError
from berceau.migrations.history import FailedMigration, checksum, compare, is_script
from berceau.migrations.lock import marked, not_beside_the_official_one
from berceau.migrations.record import TABLE, Entry, Record, Row, open_record
from berceau.migrations.rights import LACKING, hint
from berceau.migrations.target import Say
from berceau.migrations.telling import telling
from berceau_engine.migration_list import SCRIPT, Migration, MigrationList
from berceau_engine.postgres import Connection
from berceau_engine.scripts import ScriptError, ScriptFailure, run_script
from berceau_engine.sql_text import has_own_transactions, statements

_NOT_IN_A_TRANSACTION = ("25001", "2D000")  # CREATE INDEX CONCURRENTLY, VACUUM, …; COMMIT in a procedure
_BASELINE = "0_baseline"  # sorts before all that come later
_ENDS_TRANSACTIONS = re.compile(r"\b(COMMIT|ROLLBACK)\b", re.IGNORECASE)


async def apply_pending(connection: Connection, migrations: MigrationList, say: Say) -> tuple[str, ...]:
    """Apply the migrations that the database lacks; their names, in order. The caller holds the lock (`only_one`).

    What PostgreSQL can run as one transaction is applied and recorded by one message, so that whoever is killed
    leaves it applied and recorded, or neither. `say` hears of what takes longer than a second.

    Raises MigrationStateError: one fails, has failed before, the role lacks a right, or the database has tables that
    no migration made.
    """
    async with not_beside_the_official_one(connection, say):
        record = await open_record(connection)
        pending = compare(migrations, await _rows(record, migrations, say)).pending
        applied: list[str] = []
        async with telling(say, "Applying migrations") as now:
            for migration in migrations.migrations:
                if migration.name in pending:
                    now(f"Applying {migration.name}")
                    try:
                        await _apply(record, migrations, migration)
                    except MigrationStateError as error:
                        raise _after(applied, error) from error.__cause__
                    applied.append(migration.name)
        return tuple(applied)


def earlier_failure(migrations: MigrationList, failed: FailedMigration) -> MigrationStateError:
    """The error for a migration that failed or was interrupted some time ago, and was not resolved."""
    what = f"has failed before, at {failed.started_at}: {_indented(failed.message)}"
    kept = _what_was_kept(_script(migrations, failed.name))
    if failed.interrupted:
        what = f"was interrupted, at {failed.started_at}: it was begun, and nobody recorded how it ended"
        kept = _what_may_be_there(_script(migrations, failed.name))
    return MigrationStateError(
        f"the migration {failed.name} {what}\n  {kept} Later migrations wait for it.",
        file=migrations.folder / failed.name / SCRIPT,
        hint=_way_out(failed.name, interrupted=failed.interrupted),
    )


async def _rows(record: Record, migrations: MigrationList, say: Say) -> tuple[Row, ...]:
    """The rows of the database's record, in which nothing is open; the record is made if there is none."""
    rows = await record.rows()
    if rows is None:
        if set(await record.tables()) - {TABLE}:
            raise without_record(migrations)
        await record.create()
        return ()
    finished = [row for row in rows if row.is_open and _is_complete(row, migrations)]
    for row in finished:
        await record.finish(row)
        say(f"{row.name} had been applied entirely when it was interrupted; it is recorded as applied now.")
    if finished:
        rows = await record.rows() or ()
    if failed := compare(migrations, rows).failed:
        raise earlier_failure(migrations, failed[-1])
    return rows


def _is_complete(row: Row, migrations: MigrationList) -> bool:
    """Whether the script has run to its end and only the last word of it is missing, as the official command line
    leaves it when it is killed between the two."""
    script = _script(migrations, row.name)
    return row.steps > 0 and is_script(script, row)


async def _apply(record: Record, migrations: MigrationList, migration: Migration) -> None:
    script, began = migration.sql or "", time.monotonic()
    entry = Entry(str(uuid4()), migration.name, checksum(migration))
    try:
        try:
            await _run(record, entry, script)
        except ScriptError as error:
            if error.failure.sqlstate not in _NOT_IN_A_TRANSACTION or has_own_transactions(script):
                raise
            await _settle(record)
            await record.begin(entry)
            await run_script(record.connection, script, before=marked(entry.name))
            await record.connection.execute(record.completion(entry))
        if record.connection.is_in_transaction():
            raise _never_ends(script)
    except ScriptError as error:
        if record.connection.is_closed():
            raise _lost(migrations, migration.name, error.failure) from error
        await _settle(record)
        await record.fail(entry, f"ERROR: {error.failure}", time.monotonic() - began)
        role = await _role(record) if error.failure.sqlstate == LACKING else None
        raise _failure(migrations, migration.name, error.failure, role) from error


async def _run(record: Record, entry: Entry, script: str) -> None:
    """Run the script and enter it as applied, in one message; with transactions of its own it is entered as begun
    before."""
    own = has_own_transactions(script)
    if own:
        await record.begin(entry)
    await run_script(record.connection, script, before=marked(entry.name), after=record.completion(entry))


async def _settle(record: Record) -> None:
    """Leave no transaction open that a script has begun."""
    if record.connection.is_in_transaction():
        await record.connection.execute("ROLLBACK")


async def _role(record: Record) -> str:
    return str(await record.connection.fetchval("SELECT session_user"))


# ---------------------------------------------------------------- explaining


def _failure(migrations: MigrationList, name: str, failure: ScriptFailure, role: str | None) -> MigrationStateError:
    """The error for a migration that has failed just now: where, what PostgreSQL said, what was kept, what to do."""
    right = f"{hint(failure.message, role)}\n  " if role else ""
    return MigrationStateError(
        f"the migration {name} has failed: {_indented(str(failure))}\n"
        f"  {_what_was_kept(_script(migrations, name))} Later migrations wait for it.",
        file=migrations.folder / name / SCRIPT,
        line=failure.line,
        hint=right + _way_out(name),
    )


def _after(applied: list[str], error: MigrationStateError) -> MigrationStateError:
    """The error, with the migrations that were applied before it."""
    if applied:
        error.message += f"\n  Applied before it: {', '.join(applied)}."
    return error


def _lost(migrations: MigrationList, name: str, failure: ScriptFailure) -> MigrationStateError:
    return MigrationStateError(
        f"the connection was lost while the migration {name} was being applied: {failure.message}",
        file=migrations.folder / name / SCRIPT,
        hint="Whether it was applied, berceau migrate status tells; to go on: berceau migrate deploy",
    )


def _never_ends(script: str) -> ScriptError:
    message = "the script begins a transaction and does not end it; nothing after BEGIN was kept"
    return ScriptError(ScriptFailure(message, "25001", None, None, None, None, None, 1, None))


def _indented(message: str) -> str:
    return message.replace("\n", "\n  ")


def _script(migrations: MigrationList, name: str) -> str:
    return next((migration.sql or "" for migration in migrations.migrations if migration.name == name), "")


def _what_was_kept(script: str) -> str:
    if has_own_transactions(script):
        return "It has transactions of its own, so parts of it may have been kept: look at the database."
    if _runs_outside(script):
        return "It does not run as one transaction, so parts of it may have been kept: look at the database."
    return "Nothing of it was kept: PostgreSQL ran it as one transaction."


def _what_may_be_there(script: str) -> str:
    if has_own_transactions(script) or _runs_outside(script):
        return "It does not run as one transaction, so all, some or nothing of it may be in the database."
    return "It ran as one transaction, so all of it is in the database, or nothing."


def _runs_outside(script: str) -> bool:
    """Whether it holds a statement that PostgreSQL runs outside of a transaction only."""
    return any(
        "CONCURRENTLY" in one.words
        or one.words[:1] in (("VACUUM",), ("CALL",))
        or (one.words[:1] == ("DO",) and _ENDS_TRANSACTIONS.search(script, one.start, one.end))
        for one in statements(script)
    )


def _way_out(name: str, *, interrupted: bool = False) -> str:
    if interrupted:
        return (
            "Look which it is; then say so, and deploy again:\n"
            f"    berceau migrate resolve --applied {name}       if all of it is there\n"
            f"    berceau migrate resolve --rolled-back {name}   if nothing is, or you have removed it (an index that"
            " was built\n"
            "                                                   CONCURRENTLY stays behind as invalid: drop it)"
        )
    return (
        "Put the cause right; then say what became of it, and deploy again:\n"
        f"    berceau migrate resolve --rolled-back {name}   to have it applied again, changed or not\n"
        f"    berceau migrate resolve --applied {name}       if you have completed it by hand"
    )


def without_record(migrations: MigrationList) -> MigrationStateError:
    """The error for a database whose tables no migration has made: how it is taken over, as a baseline."""
    if migrations.names:
        hint = (
            "Use an empty database or another schema (?schema=…); or, if the tables are those of the first\n"
            "  migration, say so for each that is there already: berceau migrate resolve --applied "
            f"{migrations.names[0]}"
        )
    else:
        folder = shlex.quote(str(migrations.folder / _BASELINE))
        hint = (
            "Use an empty database or another schema (?schema=…); or take its tables over: those that no component\n"
            "  owns as models of your own, and all of them as a first migration, which is applied already:\n"
            f"    berceau db pull\n    mkdir -p {folder}\n"
            f"    berceau migrate diff --from empty --to database --script > {folder}/{SCRIPT}\n"
            f"    berceau migrate resolve --applied {_BASELINE}"
        )
    return MigrationStateError(
        "the database has tables, but no record of migrations: they were made by other means",
        file=migrations.folder,
        hint=hint,
    )
