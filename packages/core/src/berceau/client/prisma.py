"""The client: connects, opens transactions, and has the operations of each model as an attribute."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from berceau.client import settings
from berceau.client.errors import (
    ClientAlreadyRegisteredError,
    ClientNotConnectedError,
    ClientNotRegisteredError,
    TransactionError,
)
from berceau.client.watching import Watching
from berceau.errors import ConfigurationError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Lock

    from pydantic import BaseModel

    from berceau.client.bases import PrismaModel
    from berceau.client.batch import Batch
    from berceau.client.binding import BoundSchema
    from berceau.client.engine import CacheStatistics, Engine, Runner
    from berceau.client.read_actions import ReadActions
    from berceau.client.savepoints import Level
    from berceau.client.schema import Schema
    from berceau.client.transactions import IsolationLevel, TransactionManager
    from berceau_engine.plan import QueryEvent
    from berceau_engine.url import DatabaseUrl

_registered: Prisma | Callable[[], Prisma] | None = None


class Prisma:
    """A typed client over all components' models; the generated package has the class bound to its schema.

    Args:
        url: the database's address; without it, that in `datasource` (`{"url": …}`) or `DATABASE_URL`.
        datasource: the address in the form of Prisma Client Python.
        on_query: called with every statement that was run (SQL, parameters, seconds, model, action).
        log_queries: log every statement, without values, to the logger `berceau.query`.
        slow_query_threshold: log statements that take at least so long as warnings; seconds, or a timedelta.
        sql_comments: put a comment behind each statement that names component, model and action (sqlcommenter's form).
        connect_timeout: how long `connect` may take; seconds, or a timedelta; default from the address, else 5 s.
        auto_register: make this the client that `Model.prisma()` uses.

    Raises an `InputError` for a setting that is none, `InvalidUrlError` for an address that cannot be understood.
    """

    _bound: ClassVar[BoundSchema]
    _schema: ClassVar[Schema]

    def __init__(
        self,
        url: str | None = None,
        *,
        datasource: dict[str, str] | None = None,
        on_query: Callable[[QueryEvent], None] | None = None,
        log_queries: bool = False,
        slow_query_threshold: float | timedelta | None = None,
        sql_comments: bool = False,
        connect_timeout: float | timedelta | None = None,
        auto_register: bool = False,
    ) -> None:
        self._url = settings.address(url, datasource)
        self._watching = Watching(
            settings.callback("on_query", on_query),
            settings.flag("log_queries", log_queries),
            settings.seconds("slow_query_threshold", slow_query_threshold),
        )
        self._sql_comments = settings.flag("sql_comments", sql_comments)
        self._connect_timeout = settings.seconds("connect_timeout", connect_timeout)
        self._connected: Engine | None = None
        self._connecting: tuple[AbstractEventLoop, Lock] | None = None
        self._runner: Runner = NotConnected()
        if settings.flag("auto_register", auto_register):
            register(self)

    def __getattr__(self, name: str) -> ReadActions:
        model = None if name.startswith("_") else self._schema.accessors.get(name)
        if model is None:
            raise AttributeError(f"the schema has no model whose attribute would be {name!r}", name=name, obj=self)
        actions = self._actions_of(model)
        self.__dict__[name] = actions
        return actions

    def _actions_of(self, model: str, record: type[PrismaModel] | None = None) -> ReadActions:
        """The operations of a model; records are of the class that is given, else of the model's own."""
        return self._bound.actions.get(model)(self, model, record)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._schema.accessors]

    # ------------------------------------------------------------ connection

    async def connect(self, timeout: float | timedelta | None = None) -> None:
        """Open the pool and make the compiler ready, within `timeout`; nothing happens if that is done.

        Raises `ConfigurationError` without an address, a `DatabaseConnectionError` when there is no connection.
        """
        import asyncio

        self._refuse_in_transaction("connect")
        if self._connected is not None:
            self._connected.check_place()
            return
        loop = asyncio.get_running_loop()
        if self._connecting is None or self._connecting[0] is not loop:
            self._connecting = (loop, asyncio.Lock())
        async with self._connecting[1]:
            if self._connected is None:
                self._runner = self._connected = await self._open(timeout)

    async def _open(self, timeout: float | timedelta | None) -> Engine:
        from berceau.client.engine import Engine
        from berceau.client.sql_comments import SqlComments

        comment = SqlComments(self._schema.components) if self._sql_comments else None
        address = self._address(timeout)
        return await Engine.start(address, self._schema.datamodel, self._watching.observer(), comment)

    def _address(self, timeout: float | timedelta | None) -> DatabaseUrl:
        from berceau_engine.url import DatabaseUrl

        url = self._url or os.environ.get("DATABASE_URL")
        if not url:
            raise ConfigurationError(
                "no database address",
                hint="Set DATABASE_URL (postgresql://user:password@host:5432/database) or run `berceau dev`.",
            )
        address = DatabaseUrl.parse(url)
        limit = settings.seconds("timeout", timeout)
        limit = self._connect_timeout if limit is None else limit
        return address if limit is None else address.with_parameter("connect_timeout", f"{limit:f}")

    async def disconnect(self, timeout: float | timedelta | None = None) -> None:
        """Wait for running queries up to `timeout` (seconds, or a timedelta; 10 s) and close all connections."""
        self._refuse_in_transaction("disconnect")
        limit = settings.seconds("timeout", timeout)
        engine = self._connected
        if engine is not None:
            abandoned = engine.is_abandoned()
            if not abandoned:
                engine.check_place()
            self._connected, self._runner = None, NotConnected()
            if not abandoned:
                await engine.stop(10.0 if limit is None else limit)

    def _refuse_in_transaction(self, use: str) -> None:
        if self.is_transaction():
            raise TransactionError(
                f"`{use}` does not belong to the client of a transaction, which has the connection of the client that "
                "it was begun on: leave the `async with db.tx()` block, and call it on that one."
            )

    def is_connected(self) -> bool:
        """Whether `connect` has been called and `disconnect` has not."""
        return self._connected is not None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_connected():
            await self.disconnect()

    # ------------------------------------------------------------ transactions

    def tx(
        self,
        *,
        max_wait: int | timedelta | None = None,
        timeout: int | timedelta | None = None,
        isolation_level: IsolationLevel | None = None,
    ) -> TransactionManager[Self]:
        """A transaction: `async with db.tx() as tx: await tx.demopost.create(…)`.

        Args:
            max_wait: how long to wait for a connection; milliseconds, or a timedelta; 2000 if not given.
            timeout: how long it may take before it is rolled back; milliseconds, or a timedelta; 5000 if not given.
            isolation_level: ReadUncommitted, ReadCommitted, RepeatableRead or Serializable.

        Inside a transaction a further one is a savepoint, and takes no arguments. Raises `InvalidValueError` for those
        that are none, `TransactionError` when it is used after its end, `TransactionExpiredError` when its time is up.
        """
        from berceau.client.transactions import TransactionManager, options

        return TransactionManager(self, options(max_wait, timeout, isolation_level, nested=self.is_transaction()))

    def is_registered(self) -> bool:
        """Whether this is the client that `Model.prisma()` uses."""
        try:
            return get_client() is self
        except ClientNotRegisteredError:
            return False

    def is_transaction(self) -> bool:
        """Whether this client is the one of a transaction."""
        from berceau.client.savepoints import Level

        return isinstance(self._runner, Level)

    def _in_transaction(self, level: Level) -> Self:
        """A client like this one whose queries run in a transaction."""
        client = type(self).__new__(type(self))
        client._url, client._watching, client._connect_timeout = self._url, self._watching, self._connect_timeout
        client._sql_comments = self._sql_comments
        client._connected, client._connecting = self._connected, None
        client._runner = level
        return client

    def batch_(self) -> Batch:
        """Several changes as one transaction: `async with db.batch_() as batch: batch.demopost.create(…)`."""
        from berceau.client.batch import Batch

        return Batch(self)

    # ------------------------------------------------------------ raw SQL

    async def query_raw(self, query: str, *args: Any, model: type[BaseModel] | None = None) -> list[Any]:
        """Run SQL with its parameters (`$1`, `$2` …); each row becomes a dictionary, or an instance of `model`.

        Raises `RawQueryError` when the database refuses.
        """
        from berceau.client.raw import check_model, records, rows, run

        check_model(model)
        of = (getattr(model, "__prisma_model__", None), "queryRaw")
        enums = self._bound.enums
        found = rows(await self._runner.run(lambda session: run(session, enums, query, args, of)))
        return found if model is None else records(enums, found, model)

    async def query_first(self, query: str, *args: Any, model: type[BaseModel] | None = None) -> Any:
        """As `query_raw`, but the first row; None if there is no row."""
        rows = await self.query_raw(query, *args, model=model)
        return rows[0] if rows else None

    async def execute_raw(self, query: str, *args: Any) -> int:
        """Run SQL with its parameters; returns how many rows it touched. Raises `RawQueryError`."""
        from berceau.client.raw import run

        enums, of = self._bound.enums, (None, "executeRaw")
        return (await self._runner.run(lambda session: run(session, enums, query, args, of))).count

    # ------------------------------------------------------------ inside

    def _engine(self) -> Engine:
        if self._connected is None:
            raise ClientNotConnectedError
        return self._connected

    @property
    def plan_cache(self) -> CacheStatistics:
        """Size, hits and misses of the plan cache. Raises `ClientNotConnectedError`."""
        return self._engine().plans.statistics


class NotConnected:
    """The runner of a client that is not connected: refuses."""

    async def run(self, work: Any) -> Any:
        """Raise `ClientNotConnectedError`."""
        raise ClientNotConnectedError


def register(client: Prisma | Callable[[], Prisma]) -> None:
    """Make a client, or what a function returns each time that it is asked, the one that `Model.prisma()` uses.

    Raises `ClientAlreadyRegisteredError` the second time, TypeError for anything else.
    """
    global _registered
    if _registered is not None:
        raise ClientAlreadyRegisteredError
    if not isinstance(client, Prisma) and not callable(client):
        raise TypeError(f"expected a client or a function that returns one, found {type(client).__name__}")
    _registered = client


def get_client() -> Prisma:
    """The registered client. Raises `ClientNotRegisteredError` if there is none."""
    if _registered is None:
        raise ClientNotRegisteredError
    if isinstance(_registered, Prisma):
        return _registered
    client = _registered()
    if not isinstance(client, Prisma):
        raise TypeError(f"the registered function returned {type(client).__name__} instead of a client")
    return client
