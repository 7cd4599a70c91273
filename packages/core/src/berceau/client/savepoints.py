"""The levels of a transaction: the whole and, as savepoints, those nested in it; at each, one at a time has its turn.

A query has the turn of its level while it runs, a nested transaction has that of the level above until it ends. So
tasks that share a client wait for each other, and a rollback undoes nothing that others have been told is kept.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from berceau.client.errors import DataError, PrismaError, TransactionError, TransactionNotStartedError
from berceau_engine.driver_errors import translate

if TYPE_CHECKING:
    from berceau.client.engine import Work
    from berceau.client.transactions import Transaction
    from berceau_engine.plan import Session

T = TypeVar("T")

FAILED = "25P02"
"""The server's state of a transaction in which a statement has failed."""

begun_here: ContextVar[tuple[Level, ...]] = ContextVar("begun_here", default=())
"""The nested transactions begun by this task, or by those that started it: it must not wait for their end."""


class Level:
    """One level of a transaction, the runner of its client. `savepoint` is empty for the transaction as a whole."""

    def __init__(self, transaction: Transaction, above: Level | None = None, savepoint: str = "") -> None:
        self.transaction = transaction
        self._above = above
        self._below: Level | None = None
        self._savepoint = savepoint
        self._turn = asyncio.Lock()
        self._over = False
        self._ending: asyncio.Task[None] | None = None

    async def run(self, work: Work[T]) -> T:
        """Do some work when it is its turn. Raises `TransactionError` when this level is over or cannot be used."""
        await self._take_turn()
        try:
            return await self.transaction.run(work, self._check)
        finally:
            self._turn.release()

    async def nest(self) -> Level:
        """Begin a nested transaction when it is its turn."""
        await self._take_turn()
        nested = self._below = Level(self.transaction, self, self.transaction.next_savepoint())
        beginning = asyncio.ensure_future(self._statement(f"SAVEPOINT {nested._savepoint}"))
        try:
            await asyncio.shield(beginning)
        except asyncio.CancelledError:  # A savepoint that nobody goes back to is of no harm.
            beginning.add_done_callback(lambda _: nested._leave())
            raise
        except BaseException:
            nested._leave()
            raise
        begun_here.set((*(level for level in begun_here.get() if not level._over), nested))
        return nested

    async def commit(self) -> None:
        """Keep what was done, when the others at this level are done; rolls back if the task is cancelled before."""
        self._check()
        if self._waits_for_itself():
            await self.rollback()
            raise TransactionError(
                "The transaction was rolled back because one nested in it had not been ended; "
                "use `async with tx.tx()`, or call `commit` or `rollback` of that one first."
            )
        try:
            await self._take_turn()
        except asyncio.CancelledError:
            self._ending = asyncio.create_task(self._rollback_for_nobody())
            raise
        try:
            await asyncio.shield(self._end(keep=True))
        finally:
            self._turn.release()

    async def rollback(self) -> None:
        """Undo what was done, at the levels below, too, as soon as the query that is under way is done."""
        self._check()
        await asyncio.shield(self._end(keep=False))

    def close(self) -> None:
        """Let nobody use this level and those below any more: who waits for a turn is told."""
        self._over = True
        below, self._below = self._below, None
        if below is not None:
            below.close()
            self._turn.release()

    async def _take_turn(self) -> None:
        self._check()
        if self._waits_for_itself():
            raise TransactionError(
                "A nested transaction is open in this task: until it ends use its client, not the one around it."
            )
        try:
            async with asyncio.timeout_at(self.transaction.deadline):
                await self._turn.acquire()
        except TimeoutError:
            raise self.transaction.expiry_error() from None
        try:
            self._check()
        except BaseException:
            self._turn.release()
            raise

    def _waits_for_itself(self) -> bool:
        return self._below is not None and self._below in begun_here.get()

    def _check(self) -> None:
        self.transaction.check()
        if self._over:
            raise TransactionNotStartedError(
                "The nested transaction is over: use its client only inside its `async with tx.tx()` block."
            )

    async def _rollback_for_nobody(self) -> None:
        with suppress(PrismaError):
            await self.rollback()

    async def _end(self, *, keep: bool) -> None:
        """End this level on the server; then the one above goes on."""
        self.close()
        try:
            if self._above is None:
                await self.transaction.end("COMMIT" if keep else "ROLLBACK")
            elif keep:
                await self._release_savepoint()
            else:
                await self._go_back()
        finally:
            self._leave()

    async def _release_savepoint(self) -> None:
        try:
            await self._statement(f"RELEASE SAVEPOINT {self._savepoint}")
        except DataError as error:
            if error.meta.get("sqlstate") != FAILED:
                raise
            await self._go_back()
            message = "The nested transaction had failed before and was rolled back instead of committed."
            raise TransactionError(message) from error

    async def _go_back(self) -> None:
        await self._statement(f"ROLLBACK TO SAVEPOINT {self._savepoint}")
        await self._statement(f"RELEASE SAVEPOINT {self._savepoint}")

    def _leave(self) -> None:
        """Give the level above its turn back, if it still waits for this one."""
        self.close()
        if self._above is not None and self._above._below is self:
            self._above._below = None
            self._above._turn.release()

    async def _statement(self, sql: str) -> None:
        async def work(session: Session) -> None:
            try:
                await session.connection.execute(sql)
            except Exception as error:
                raise translate(error) from error

        await self.transaction.run(work)
