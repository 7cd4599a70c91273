"""The user's own SQL on a session: read by the statement that runs, so that a table is always seen as it is now.

What a plan's statements return is known from the schema; what the user's return changes with every migration, also
under a client that is running. So nothing is remembered beside the driver's own prepared statement.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from asyncpg import Attribute
from asyncpg.exceptions import InvalidCachedStatementError, PostgresError
from asyncpg.types import Type

from berceau_engine.driver_errors import translate
from berceau_engine.plan.calendar_ends import CalendarEnd
from berceau_engine.plan.columns import Column, column
from berceau_engine.plan.parameters import encoder
from berceau_engine.plan.session import Description, QueryEvent, Session, dates_as_text

NO_LONGER_FITS = frozenset({"42883", "42804"})
"""SQLSTATEs of a kept statement whose parameters no longer fit: no such operator, another type of column."""

TYPE_IS_GONE = "cache lookup failed for type"
"""What the server says of a kept statement whose parameter's type has been dropped."""


class Outdated(Exception):  # noqa: N818 - no error: another way is taken
    """Raised for a kept statement that no longer fits its tables and types; nothing was done."""


@dataclass(frozen=True)
class RawResult:
    """What a statement gave: the driver's records, how to read them, and the server's word (`UPDATE 3`)."""

    records: list[Any]
    columns: tuple[Column, ...]
    status: str

    @property
    def count(self) -> int:
        """How many rows it touched."""
        count = self.status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


async def run_raw(session: Session, sql: str, values: Sequence[Any], comment: str = "") -> RawResult:
    """Run the user's SQL, with a comment behind it. Raises `RawQueryError` as the database refuses.

    A kept statement that no longer fits its tables and types is prepared anew; in a transaction it has failed already.
    """
    connection = session.connection
    try:
        try:
            return await _run(session, sql, values, comment)
        except Outdated as outdated:
            await connection.reload_schema_state()
            if connection.is_in_transaction():
                raise outdated.__cause__ or outdated from None
        try:
            return await _run(session, sql, values, comment)
        except Outdated as outdated:
            raise outdated.__cause__ or outdated from None
    except Exception as error:
        raise translate(error, raw=True) from error


async def _run(session: Session, bare: str, values: Sequence[Any], comment: str) -> RawResult:
    sql = bare + comment
    # asyncpg keeps the statement by its text, as for `fetch`, and here tells what it is as well.
    statement = await session.connection._prepare(sql, use_cache=True)  # type: ignore[attr-defined]
    description = described(statement.get_parameters(), statement.get_attributes())
    try:
        parameters = description.encode(values)
    except CalendarEnd:
        return await _run(session, *dates_as_text(description.parameters, bare, values), comment)
    started = time.perf_counter()
    try:
        records = await statement.fetch(*parameters)
    except PostgresError as error:
        if is_outdated(error):
            raise Outdated from error
        raise
    finally:
        if session.observe is not None:
            session.observe(QueryEvent(sql, tuple(parameters), time.perf_counter() - started, *session.operation))
    return RawResult(records, description.columns, statement.get_statusmsg())


def is_outdated(error: PostgresError) -> bool:
    """Whether a statement failed because tables or types have changed since it was prepared."""
    if isinstance(error, InvalidCachedStatementError) or str(error).startswith(TYPE_IS_GONE):
        return True
    return getattr(error, "sqlstate", None) in NO_LONGER_FITS


@lru_cache(maxsize=1024)
def described(parameters: tuple[Type, ...], attributes: tuple[Attribute, ...]) -> Description:
    """The conversions for a statement's parameters and for the columns of its result."""
    return Description(
        parameters=parameters,
        encoders=tuple(encoder(parameter) for parameter in parameters),
        columns=tuple(column(attribute.name, attribute.type) for attribute in attributes),
    )
