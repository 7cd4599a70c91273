"""The connection while plans run on it: statements with their parameters converted, errors typed, timings told."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from asyncpg.types import Type

from berceau_engine.driver import execute, fetch
from berceau_engine.driver_errors import translate
from berceau_engine.errors import InvalidValueError, PrismaError
from berceau_engine.plan.calendar_ends import CalendarEnd, with_casts
from berceau_engine.plan.columns import Column, column
from berceau_engine.plan.parameters import Encoder, encoder, text_encoder
from berceau_engine.postgres import Connection

T = TypeVar("T")

DESCRIPTIONS_KEPT = 4096


@dataclass(frozen=True)
class QueryEvent:
    """One statement that was run.

    Attributes:
        sql: its text, without values.
        parameters: the values as they went to the server.
        seconds: how long it took, until the last row was here.
        model: the model whose operation it served; None for raw SQL.
        action: the operation in Prisma's words (`findMany`); None for raw SQL.
    """

    sql: str
    parameters: tuple[Any, ...]
    seconds: float
    model: str | None = None
    action: str | None = None


@dataclass(frozen=True, eq=False)
class Description:
    """What the server says of a statement: a conversion for each parameter, and the columns of the result."""

    parameters: tuple[Type, ...]
    encoders: tuple[Encoder | None, ...]
    columns: tuple[Column, ...]

    def encode(self, values: Sequence[Any]) -> list[Any]:
        """The values as asyncpg wants them. Raises `InvalidValueError` for one that does not fit."""
        return converted(values, self.encoders)


def converted(values: Sequence[Any], converts: Sequence[Encoder | None]) -> list[Any]:
    """Each value by its conversion. Raises `InvalidValueError` for one that does not fit."""
    try:
        return [
            value if value is None or convert is None else convert(value)
            for value, convert in zip(values, converts, strict=True)
        ]
    except (ValueError, TypeError, ArithmeticError) as error:
        if len(values) != len(converts):
            message = f"The statement takes {len(converts)} parameters, but {len(values)} were given"
            raise InvalidValueError(message, code="P2007") from None
        raise InvalidValueError(f"A value does not fit its type in the database: {error}", code="P2007") from error


class Descriptions:
    """The descriptions of the statements that one client has run, by SQL text; the oldest are dropped."""

    def __init__(self) -> None:
        self.known: OrderedDict[str, Description] = OrderedDict()

    async def of(self, connection: Connection, sql: str) -> Description:
        """The description of a statement, asked of the server the first time."""
        known = self.known.get(sql)
        if known is None:
            statement = await connection.prepare(sql)
            parameters = statement.get_parameters()
            known = Description(
                parameters=parameters,
                encoders=tuple(encoder(parameter) for parameter in parameters),
                columns=tuple(column(attribute.name, attribute.type) for attribute in statement.get_attributes()),
            )
            self.known[sql] = known
            if len(self.known) > DESCRIPTIONS_KEPT:
                self.known.popitem(last=False)
        return known

    async def with_dates_as_text(
        self, connection: Connection, sql: str, values: Sequence[Any]
    ) -> tuple[str, list[Any]]:
        """The statement with its dates taken as text, and the values for it: those for `sql`, dates as text."""
        return dates_as_text((await self.of(connection, sql)).parameters, sql, values)


def dates_as_text(parameters: Sequence[Type], sql: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """A statement with these parameters, its dates taken as text, and the values for it."""
    converts = [text_encoder(parameter) for parameter in parameters]
    types = [convert and parameter.name for convert, parameter in zip(converts, parameters, strict=True)]
    return with_casts(sql, types), converted(values, converts)


class Session:
    """One connection in the hands of one task.

    Args:
        in_transaction: whether one is open, so that a plan does not begin its own.
        read_committed: whether a transaction would be at that level, each statement seeing what is committed then.
    """

    __slots__ = ("comment", "connection", "descriptions", "in_transaction", "observe", "operation", "read_committed")

    def __init__(
        self,
        connection: Connection,
        descriptions: Descriptions,
        *,
        in_transaction: bool = False,
        read_committed: bool = False,
        observe: Callable[[QueryEvent], None] | None = None,
        comment: Callable[[str | None, str | None], str] | None = None,
    ) -> None:
        self.connection = connection
        self.descriptions = descriptions
        self.in_transaction = in_transaction
        self.read_committed = read_committed
        self.observe = observe
        self.comment = comment
        self.operation: tuple[str | None, str | None] = (None, None)
        """Model and action that the statements serve, for those who watch and for the comment behind each."""

    async def query(self, sql: str, values: Sequence[Any], *, raw: bool = False) -> tuple[list[Any], Description]:
        """Run a statement that returns rows: the driver's records, and the description to read them with."""
        bare = sql
        if self.comment is not None:
            sql += self.comment(*self.operation)
        try:
            description = self.descriptions.known.get(sql) or await self.descriptions.of(self.connection, sql)
            parameters = description.encode(values)
            if self.observe is None:
                return await fetch(self.connection, sql, parameters), description
            started = time.perf_counter()
            try:
                return await fetch(self.connection, sql, parameters), description
            finally:
                self.observe(QueryEvent(sql, tuple(parameters), time.perf_counter() - started, *self.operation))
        except CalendarEnd:
            sql, values = await self.descriptions.with_dates_as_text(self.connection, bare, values)
            return await self.query(sql, values, raw=raw)
        except Exception as error:
            raise translate(error, raw=raw) from error

    async def transaction(self, body: Callable[[], Awaitable[T]]) -> T:
        """Run `body` inside a transaction of its own: committed when it returns, rolled back when it raises."""
        # Not the driver's transaction object: cancelled while it begins, it takes the connection's next one for nested.
        self.in_transaction = True
        try:
            await self.connection.execute("BEGIN")
            try:
                result = await body()
            except BaseException:
                with suppress(Exception):  # A connection that is gone has rolled back, too.
                    await self.connection.execute("ROLLBACK")
                raise
            await self.connection.execute("COMMIT")
            return result
        except PrismaError:
            raise
        except Exception as error:
            raise translate(error) from error
        finally:
            self.in_transaction = False

    async def execute(self, sql: str, values: Sequence[Any], *, raw: bool = False) -> int:
        """Run a statement for its effect; returns the number of rows it touched."""
        bare = sql
        if self.comment is not None:
            sql += self.comment(*self.operation)
        try:
            description = await self.descriptions.of(self.connection, sql)
            parameters = description.encode(values)
            started = time.perf_counter()
            try:
                status = await execute(self.connection, sql, parameters)
            finally:
                if self.observe is not None:
                    self.observe(QueryEvent(sql, tuple(parameters), time.perf_counter() - started, *self.operation))
        except CalendarEnd:
            sql, values = await self.descriptions.with_dates_as_text(self.connection, bare, values)
            return await self.execute(sql, values, raw=raw)
        except Exception as error:
            raise translate(error, raw=raw) from error
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0
