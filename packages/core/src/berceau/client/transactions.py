"""Interactive transactions: `async with db.tx() as tx`, nested ones as savepoints, always ended in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from berceau.client.engine import Engine, Work
from berceau.client.errors import (
    InvalidValueError,
    TransactionExpiredError,
    TransactionNotStartedError,
    ValueOutOfRangeError,
)
from berceau.client.savepoints import Level
from berceau.client.wrong_use import within, wrong_type, wrong_value
from berceau_engine.driver_errors import translate
from berceau_engine.errors import PrismaError, TransactionError
from berceau_engine.plan import Session

if TYPE_CHECKING:
    from berceau.client.prisma import Prisma

IsolationLevel = Literal["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"]

SQL_LEVELS = {
    "ReadUncommitted": "READ UNCOMMITTED",
    "ReadCommitted": "READ COMMITTED",
    "RepeatableRead": "REPEATABLE READ",
    "Serializable": "SERIALIZABLE",
}

MAX_WAIT, TIMEOUT = 2000, 5000

T = TypeVar("T")
Client = TypeVar("Client", bound="Prisma")


@dataclass(frozen=True)
class Options:
    """What a transaction was asked for: both times in seconds."""

    max_wait: float
    timeout: float
    isolation_level: IsolationLevel | None


def options(
    max_wait: int | timedelta | None,
    timeout: int | timedelta | None,
    isolation_level: IsolationLevel | None,
    *,
    nested: bool,
) -> Options:
    """The arguments of `tx()`, checked. Raises `InvalidValueError`, or `TransactionError` where one is out of place."""
    given = {"max_wait": max_wait, "timeout": timeout, "isolation_level": isolation_level}
    for name in (name for name, value in given.items() if nested and value is not None):
        raise TransactionError(
            f"{name}: a nested transaction is a savepoint and has none of its own; give it to the outermost `tx()`."
        )
    if isolation_level is not None and not (isinstance(isolation_level, str) and isolation_level in SQL_LEVELS):
        raise within("isolation_level", wrong_value(f"one of {', '.join(SQL_LEVELS)}", SQL_LEVELS, isolation_level))
    return Options(
        in_seconds("max_wait", MAX_WAIT if max_wait is None else max_wait),
        in_seconds("timeout", TIMEOUT if timeout is None else timeout),
        isolation_level,
    )


def in_seconds(name: str, duration: int | timedelta) -> float:
    """Seconds of a duration, which as a number is in milliseconds. Raises `InvalidValueError` if it is none."""
    if isinstance(duration, timedelta):
        seconds = duration.total_seconds()
    elif isinstance(duration, int) and not isinstance(duration, bool):
        try:
            seconds = duration / 1000
        except OverflowError:
            raise within(name, ValueOutOfRangeError("is a number beyond all times", code="P2020")) from None
    else:
        raise within(name, wrong_type("milliseconds as int, or a timedelta", duration))
    if seconds <= 0:
        raise within(name, InvalidValueError(f"must be more than 0, found {duration}", code="P2009"))
    return seconds


class Transaction:
    """One connection, one query at a time, until the transaction is ended or its time is up; `level` is its runner."""

    def __init__(self, engine: Engine, session: Session, timeout: float) -> None:
        self._engine = engine
        self._session = session
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._ended: str | None = None
        self._savepoints = 0
        self.deadline = asyncio.get_running_loop().time() + timeout
        self._expiry = asyncio.get_running_loop().call_at(self.deadline, self._expire)
        self._ending: asyncio.Task[None] | None = None
        self.level = Level(self)

    @classmethod
    async def begin(cls, engine: Engine, max_wait: float, timeout: float, level: IsolationLevel | None) -> Transaction:
        """Take a connection, within `max_wait` seconds, and begin; the transaction lasts `timeout` seconds at most."""
        statement = f"BEGIN ISOLATION LEVEL {SQL_LEVELS[level]}" if level else "BEGIN"
        connection = await engine.acquire(max_wait)
        try:
            await connection.execute(statement)
        except BaseException as error:
            await engine.release_after_error(connection)
            if isinstance(error, Exception):
                raise translate(error) from error
            raise
        return cls(engine, engine.session(connection, in_transaction=True), timeout)

    async def run(self, work: Work[T], check: Callable[[], None] | None = None) -> T:
        """Do some work on the connection, once `check` has passed. Raises `TransactionError` when all is over."""
        async with self._lock:
            (check or self.check)()
            try:
                async with asyncio.timeout_at(self.deadline):
                    return await work(self._session)
            except TimeoutError as error:
                with suppress(PrismaError):  # A connection that is gone has rolled back, too.
                    await self._finish("ROLLBACK", "expired")
                raise self.expiry_error() from error

    def next_savepoint(self) -> str:
        """A name for a nested transaction."""
        self._savepoints += 1
        return f"berceau_{self._savepoints}"

    async def end(self, statement: Literal["COMMIT", "ROLLBACK"]) -> None:
        """Commit or roll back, and give the connection back. Raises `TransactionExpiredError` if its time was up."""
        async with self._lock:
            self.check()
            await self._finish(statement, "ended")

    def check(self) -> None:
        """Raise `TransactionExpiredError` or `TransactionNotStartedError` when the transaction is over.

        `WrongEventLoopError` where it cannot be used at all.
        """
        self._engine.check_place()
        if self._ended == "expired":
            raise self.expiry_error()
        if self._ended is not None:
            raise TransactionNotStartedError(
                "The transaction is over: use its client only inside the `async with db.tx()` block."
            )

    def expiry_error(self) -> TransactionExpiredError:
        """The error for a transaction whose time is up."""
        return TransactionExpiredError(
            f"The transaction was rolled back because it took longer than its timeout of {self._timeout:g} s; "
            "do less in it, or give `tx(timeout=…)` more."
        )

    def _expire(self) -> None:
        if self._ended is None:
            self._ending = asyncio.create_task(self._expire_when_idle())

    async def _expire_when_idle(self) -> None:
        """Roll back as soon as no query is under way, on behalf of nobody."""
        async with self._lock:
            with suppress(PrismaError):
                await self._finish("ROLLBACK", "expired")

    async def _finish(self, statement: str, ended: str) -> None:
        """End the transaction on the server and release the connection, once and whatever happens meanwhile."""
        if self._ended is not None:
            return
        self._ended = ended
        self._expiry.cancel()
        self.level.close()
        await asyncio.shield(self._close(statement))

    async def _close(self, statement: str) -> None:
        connection = self._session.connection
        try:
            status = await connection.execute(statement)
        except Exception as error:
            await self._engine.release_after_error(connection)
            raise translate(error) from error
        await self._engine.release(connection)
        if status != statement:
            raise TransactionError("The transaction had failed before and was rolled back instead of committed.")


class TransactionManager(Generic[Client]):
    """What `db.tx()` returns: begin with `async with` (or `await .start()`), end by leaving the block.

    The block is committed when it is left normally, rolled back when it raises or is cancelled.
    """

    def __init__(self, client: Client, options: Options) -> None:
        self._client = client
        self._options = options
        self._level: Level | None = None
        self._started = False

    async def start(self) -> Client:
        """Begin, and return the client to use inside."""
        if self._started:
            raise TransactionError("The transaction has been started already: each `tx()` is one transaction.")
        self._started = True
        runner = self._client._runner
        if isinstance(runner, Level):
            self._level = await runner.nest()
        else:
            options = self._options
            transaction = await Transaction.begin(
                self._client._engine(), options.max_wait, options.timeout, options.isolation_level
            )
            self._level = transaction.level
        return self._client._in_transaction(self._level)

    async def commit(self) -> None:
        """Keep what was done."""
        await self._begun().commit()

    async def rollback(self) -> None:
        """Undo what was done."""
        await self._begun().rollback()

    def _begun(self) -> Level:
        if self._level is None:
            raise TransactionNotStartedError("The transaction has not been started: use `async with db.tx() as tx`.")
        return self._level

    async def __aenter__(self) -> Client:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.commit()
            return
        with suppress(PrismaError):  # The error that ended the block tells more than that it was over already.
            await self.rollback()
