"""The engine of a connected client: pool, query compiler, and the cache of plans between them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from asyncpg.exceptions import InterfaceError, PostgresError

from berceau.client.gathering import Gathering
from berceau_engine.compiler import QueryCompiler
from berceau_engine.driver_errors import translate
from berceau_engine.errors import PrismaError, WrongEventLoopError, error_for
from berceau_engine.plan import Descriptions, Plan, QueryEvent, ResultTypes, Session
from berceau_engine.postgres import Connection, DatabaseUrl, Pool, open_pool

log = logging.getLogger("berceau.client")

PLANS_KEPT = 2000

T = TypeVar("T")
Observe: TypeAlias = Callable[[QueryEvent], None]
Comment: TypeAlias = Callable[[str | None, str | None], str]
"""What goes behind a statement for a model and an action; empty where there is nothing to say."""
Work: TypeAlias = Callable[[Session], Awaitable[T]]


class Runner(Protocol):
    """Where a client's queries run: on any connection of the pool, or on the one of a transaction."""

    async def run(self, work: Work[T]) -> T:
        """Do some work on a session."""
        ...


@dataclass
class CacheStatistics:
    """How the plan cache is doing: plans kept, calls that found one, and calls that had to ask the compiler."""

    size: int = 0
    hits: int = 0
    misses: int = 0

    @property
    def hit_rate(self) -> float:
        """Hits as a fraction of all calls, 0 to 1."""
        calls = self.hits + self.misses
        return self.hits / calls if calls else 0.0


class PlanCache:
    """Plans by the shape of their query; the ones not used for longest go first."""

    def __init__(self, compiler: QueryCompiler, limit: int = PLANS_KEPT) -> None:
        self._compiler = compiler
        self._limit = limit
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self.statistics = CacheStatistics()

    def find(self, key: tuple[Any, ...]) -> Plan | None:
        """The plan of a shape, if it is known."""
        plan = self._plans.get(key)
        if plan is None:
            self.statistics.misses += 1
            return None
        self.statistics.hits += 1
        self._plans.move_to_end(key)
        return plan

    def compile(self, key: tuple[Any, ...], query: dict[str, Any], types: ResultTypes, *, keep: bool) -> Plan:
        """Have the query compiled, and keep the plan under its shape. Raises `InputError` as the compiler does."""
        plan = Plan(self._compiler.compile(query), types)
        if keep:
            self._plans[key] = plan
            if len(self._plans) > self._limit:
                self._plans.popitem(last=False)
            self.statistics.size = len(self._plans)
        return plan


class Engine:
    """A pool of connections and a compiler for one schema; also the runner for queries outside transactions."""

    def __init__(
        self,
        url: DatabaseUrl,
        pool: Pool,
        plans: PlanCache,
        observe: Observe | None,
        comment: Comment | None,
        *,
        read_committed: bool,
    ) -> None:
        self.url = url
        self.plans = plans
        self._read_committed = read_committed
        self._pool = pool
        self._descriptions = Descriptions()
        self._observe = observe
        self._comment = comment
        self.gathering = Gathering(self)
        self._acquire_timeout: float | None = url.seconds("pool_timeout", 10) or None
        self._loop = asyncio.get_running_loop()
        self._process = os.getpid()

    @classmethod
    async def start(
        cls, url: DatabaseUrl, datamodel: str, observe: Observe | None = None, comment: Comment | None = None
    ) -> Engine:
        """Connect and make the compiler ready. Raises a `DatabaseConnectionError` if there is no connection."""
        pool = await open_pool(url)
        try:
            read_committed = not url.pgbouncer and await is_read_committed(pool)
            compiler = QueryCompiler(datamodel, schema_name=url.schema)
        except BaseException:
            pool.terminate()
            raise
        return cls(url, pool, PlanCache(compiler), observe, comment, read_committed=read_committed)

    async def stop(self, timeout: float = 10.0) -> None:
        """Wait for running queries up to `timeout` seconds, then close all connections."""
        try:
            await asyncio.wait_for(self._pool.close(), timeout)
        except TimeoutError:
            log.warning("connections were still in use after %s s and have been cut", timeout)
            self._pool.terminate()

    def check_place(self) -> None:
        """Raise `WrongEventLoopError` in another event loop or process than the one in which the pool was opened."""
        if os.getpid() != self._process:
            raise WrongEventLoopError(
                "The client was connected before this process was forked, and connections cannot be shared: "
                "connect it in each process, after the fork."
            )
        if asyncio.get_running_loop() is not self._loop:
            raise WrongEventLoopError(
                "The client was connected in another event loop, and its connections belong to that one: use it there, "
                "or connect a client of its own in each loop (each `asyncio.run` is one)."
            )

    def is_abandoned(self) -> bool:
        """Whether nobody can use or close the pool any more: its event loop has ended, or this is a forked process."""
        return self._loop.is_closed() or os.getpid() != self._process

    async def acquire(self, timeout: float | None = None) -> Connection:
        """A connection from the pool, to be given back with `release`. Raises P2024 when none becomes free in time."""
        if asyncio.get_running_loop() is not self._loop:
            self.check_place()
        limit = timeout or self._acquire_timeout
        try:
            return await self._pool.acquire(limit)
        except TimeoutError as error:
            message = f"No connection became free within {limit} s (connection_limit: {self._pool.limit})."
            raise error_for("P2024", message) from error
        except PrismaError:
            raise
        except Exception as error:
            raise translate(error) from error

    async def release(self, connection: Connection) -> None:
        """Give a connection back on which everything went well, and no transaction is open."""
        self._pool.release(connection)

    async def release_after_error(self, connection: Connection) -> None:
        """Give a connection back on which something failed or was cancelled, to its end even if the task is cancelled.

        What is under way is ended first: a BEGIN or ROLLBACK that is being cancelled, and what the driver leaves open
        when a statement was prepared and then not executed: an implicit transaction, with locks on the tables.
        """
        await asyncio.shield(self._clean_and_release(connection))

    async def _clean_and_release(self, connection: Connection) -> None:
        try:
            with suppress(PostgresError):  # It fails where a transaction has failed, or a cancellation comes late.
                await connection.execute("SELECT 1")
            if connection.is_in_transaction():
                await connection.execute("ROLLBACK")
        except Exception:
            self.cut(connection)
        finally:
            self._pool.release(connection)

    def cut(self, connection: Connection) -> None:
        """Close a connection at once, whatever state it is in; `release` follows."""
        with suppress(InterfaceError):  # It was lost, and the pool knows.
            connection.terminate()

    @property
    def is_busy(self) -> bool:
        """Whether any query or transaction is under way."""
        return self._pool.in_use

    def session(self, connection: Connection, *, in_transaction: bool = False) -> Session:
        """A session on a connection of this engine."""
        return Session(
            connection,
            self._descriptions,
            in_transaction=in_transaction,
            read_committed=self._read_committed,
            observe=self._observe,
            comment=self._comment,
        )

    async def run(self, work: Work[T]) -> T:
        """Do some work on a connection of the pool."""
        connection = self._pool.take() or await self.acquire()
        try:
            result = await work(self.session(connection))
        except BaseException:
            await self.release_after_error(connection)
            raise
        self._pool.release(connection)
        return result


async def is_read_committed(pool: Pool) -> bool:
    """Whether transactions are at PostgreSQL's usual level, unless the role, the database or the address says else."""
    connection = await pool.acquire()
    try:
        return bool(
            await connection.fetchval("SELECT current_setting('default_transaction_isolation')") == "read committed"
        )
    finally:
        pool.release(connection)
