"""Interactive transactions: `async with db.tx() as tx`, nested ones as savepoints, always ended in time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from berceau.client.engine import Engine, Work
from berceau.client.errors import TransactionExpiredError, TransactionNotStartedError
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

T = TypeVar("T")
Client = TypeVar("Client", bound="Prisma")


def in_seconds(duration: int | timedelta) -> float:
    """Seconds of a duration, which as a number is in milliseconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration / 1000


class Transaction:
    """The runner of a transaction: one connection, one query at a time, until it is ended or its time is up."""

    def __init__(self, engine: Engine, session: Session, timeout: float) -> None:
        self._engine = engine
        self._session = session
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._ended: str | None = None
        self._finished = False
        self._savepoints = 0
        self._deadline = asyncio.get_running_loop().time() + timeout
        self._expiry = asyncio.get_running_loop().call_at(self._deadline, self._expire)
        self._ending: asyncio.Task[None] | None = None

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

    async def run(self, work: Work[T]) -> T:
        """Do some work inside the transaction. Raises `TransactionError` when it is over."""
        async with self._lock:
            self._check()
            try:
                async with asyncio.timeout_at(self._deadline):
                    return await work(self._session)
            except TimeoutError as error:
                raise await self._expired() from error

    async def statement(self, sql: str) -> None:
        """Run one statement of ours (savepoints) inside the transaction, to its end even if the task is cancelled."""

        async def work(session: Session) -> None:
            try:
                await session.connection.execute(sql)
            except Exception as error:
                raise translate(error) from error

        await asyncio.shield(self.run(work))

    def next_savepoint(self) -> str:
        """A name for a nested transaction."""
        self._savepoints += 1
        return f"berceau_{self._savepoints}"

    async def end(self, statement: Literal["COMMIT", "ROLLBACK"]) -> None:
        """Commit or roll back, and give the connection back. Raises `TransactionExpiredError` if its time was up."""
        try:
            await self._lock.acquire()
        except asyncio.CancelledError:  # A query of another task is under way: the end comes after it.
            if self._ended is None:
                self._ended = "ended"
                self._ending = asyncio.create_task(self._end_when_idle("ended"))
            raise
        try:
            self._check()
            await self._finish(statement, "ended")
        finally:
            self._lock.release()

    def _check(self) -> None:
        if self._ended == "expired":
            raise self._expiry_error()
        if self._ended is not None:
            raise TransactionNotStartedError(
                "The transaction is over: use its client only inside the `async with db.tx()` block."
            )

    def _expiry_error(self) -> TransactionExpiredError:
        return TransactionExpiredError(
            f"The transaction was rolled back because it took longer than its timeout of {self._timeout:g} s; "
            "do less in it, or give `tx(timeout=…)` more."
        )

    async def _expired(self) -> TransactionExpiredError:
        with suppress(PrismaError):  # A connection that is gone has rolled back, too.
            await self._finish("ROLLBACK", "expired")
        return self._expiry_error()

    def _expire(self) -> None:
        if self._ended is None:
            self._ending = asyncio.create_task(self._end_when_idle("expired"))

    async def _end_when_idle(self, ended: str) -> None:
        """Roll back as soon as no query is under way, on behalf of nobody."""
        async with self._lock:
            with suppress(PrismaError):
                await self._finish("ROLLBACK", ended)

    async def _finish(self, statement: str, ended: str) -> None:
        """End the transaction on the server and release the connection, once and whatever happens meanwhile."""
        if self._finished:
            return
        self._finished = True
        self._ended = ended
        self._expiry.cancel()
        await asyncio.shield(self._close(statement))

    async def _close(self, statement: str) -> None:
        connection = self._session.connection
        try:
            status = await connection.execute(statement)
        except Exception as error:
            self._engine.cut(connection)
            raise translate(error) from error
        finally:
            await self._engine.release(connection)
        if status != statement:
            raise TransactionError("The transaction had failed before and was rolled back instead of committed.")


class TransactionManager(Generic[Client]):
    """What `db.tx()` returns: begin with `async with` (or `await .start()`), end by leaving the block.

    The block is committed when it is left normally, rolled back when it raises or is cancelled.
    """

    def __init__(
        self,
        client: Client,
        max_wait: int | timedelta,
        timeout: int | timedelta,
        isolation_level: IsolationLevel | None,
    ) -> None:
        self._client = client
        self._max_wait = in_seconds(max_wait)
        self._timeout = in_seconds(timeout)
        self._isolation_level = isolation_level
        self._transaction: Transaction | None = None
        self._savepoint: str | None = None

    async def start(self) -> Client:
        """Begin, and return the client to use inside."""
        runner = self._client._runner
        if isinstance(runner, Transaction):
            if self._isolation_level is not None:
                raise TransactionError("A nested transaction is a savepoint and has no isolation level of its own.")
            self._transaction, self._savepoint = runner, runner.next_savepoint()
            await runner.statement(f"SAVEPOINT {self._savepoint}")
        else:
            self._transaction = await Transaction.begin(
                self._client._engine(), self._max_wait, self._timeout, self._isolation_level
            )
        return self._client._in_transaction(self._transaction)

    async def commit(self) -> None:
        """Keep what was done."""
        transaction = self._started()
        if self._savepoint is not None:
            await transaction.statement(f"RELEASE SAVEPOINT {self._savepoint}")
        else:
            await transaction.end("COMMIT")

    async def rollback(self) -> None:
        """Undo what was done."""
        transaction = self._started()
        if self._savepoint is not None:
            await transaction.statement(f"ROLLBACK TO SAVEPOINT {self._savepoint}")
            await transaction.statement(f"RELEASE SAVEPOINT {self._savepoint}")
        else:
            await transaction.end("ROLLBACK")

    def _started(self) -> Transaction:
        if self._transaction is None:
            raise TransactionNotStartedError("The transaction has not been started: use `async with db.tx() as tx`.")
        return self._transaction

    async def __aenter__(self) -> Client:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.commit()
            return
        try:
            await self.rollback()
        except PrismaError:
            # The error that ended the block tells more than that its transaction was over already.
            if isinstance(error, asyncio.CancelledError):
                return
