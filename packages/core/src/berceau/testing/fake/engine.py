"""The engine of a client in memory: it stands where the pool and the plans of a real client stand.

A call is taken apart and checked as on a database, also by Prisma's query compiler; instead of the compiler's plan the
query itself is carried out, on rows in memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from berceau.client.engine import CacheStatistics, Engine
from berceau.client.schema import Schema
from berceau.testing.datamodel import DataModel, Field, data_model
from berceau.testing.fake.operations import run
from berceau.testing.fake.store import State, Tables
from berceau.testing.fake.values import UNSENT
from berceau_engine.compiler import QueryCompiler
from berceau_engine.errors import DataError, error_for
from berceau_engine.plan import ResultTypes

T = TypeVar("T")

ABORTED = "current transaction is aborted, commands ignored until end of transaction block"


class Checks:
    """Prisma's compiler as the judge of queries; each form of a query is judged once in a process."""

    def __init__(self, schema: Schema) -> None:
        self._datamodel = schema.datamodel
        self._compiler: QueryCompiler | None = None
        self._passed: set[tuple[Any, ...]] = set()

    def check(self, key: tuple[Any, ...], query: dict[str, Any], *, keep: bool) -> None:
        """Raises an `InputError` for a query that does not fit the schema."""
        if key in self._passed:
            return
        if self._compiler is None:
            self._compiler = QueryCompiler(self._datamodel)
        self._compiler.compile(query)
        if keep:
            self._passed.add(key)


_checks: WeakKeyDictionary[Schema, Checks] = WeakKeyDictionary()


class Plan:
    """One form of query, ready to be carried out with any values."""

    def __init__(self, query: Mapping[str, Any], types: ResultTypes) -> None:
        self._query = query
        self._types = types
        self.many: Any = None

    async def run(self, session: Session, values: Mapping[str, Any]) -> Any:
        """Carry it out: wholly or, outside of transactions, not at all."""
        return session.carry_out(lambda tables: run(tables, self._query, values, self._types))


class Plans:
    """The plan cache of a client in memory."""

    def __init__(self, schema: Schema) -> None:
        self._checks = _checks.setdefault(schema, Checks(schema))
        self._plans: dict[tuple[Any, ...], Plan] = {}
        self.statistics = CacheStatistics()

    def find(self, key: tuple[Any, ...]) -> Plan | None:
        """The plan of a shape, if it is known."""
        plan = self._plans.get(key)
        self.statistics.hits += plan is not None
        self.statistics.misses += plan is None
        return plan

    def compile(self, key: tuple[Any, ...], query: dict[str, Any], types: ResultTypes, *, keep: bool) -> Plan:
        """Have the query judged, and keep what carries it out. Raises `InputError` as the compiler does."""
        self._checks.check(key, query, keep=keep)
        plan = Plan(query, types)
        if keep:
            self._plans[key] = plan
            self.statistics.size = len(self._plans)
        return plan


class Memory:
    """What is shared by all users of one client in memory: the committed state, and the sequences."""

    def __init__(self, models: DataModel) -> None:
        self.models = models
        self.state = State()
        self.numbers: dict[Field, int] = {}
        self.rows = itertools.count(1)

    def tables(self, state: State) -> Tables:
        """A state under the schema's rules."""
        return Tables(self.models, state, self.numbers, self.rows)


class Session:
    """Where queries run: on the committed state, or on that of a transaction."""

    def __init__(self, memory: Memory, connection: Connection | None = None) -> None:
        self._memory = memory
        self.connection = connection
        self.operation: tuple[str | None, str | None] = (None, None)

    def carry_out(self, work: Callable[[Tables], T]) -> T:
        """Do some work; what fails on the database ends a transaction, what fails outside of one changes nothing."""
        if self.connection is not None:
            return self.connection.carry_out(work)
        state = self._memory.state.copy()
        result = work(self._memory.tables(state))
        self._memory.state = state
        return result


class Connection:
    """A transaction: its own state, from which `COMMIT` takes over what has changed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._begin()

    def _begin(self) -> None:
        self._base = self._memory.state.copy()
        self._state = self._base.copy()
        self._savepoints: dict[str, State] = {}
        self._failed = False

    def carry_out(self, work: Callable[[Tables], T]) -> T:
        """Do some work inside the transaction."""
        if self._failed:
            message = f"Database error. Code: `25P02`. Message: `{ABORTED}`"
            raise error_for("P2039", message, {"sqlstate": "25P02", "database_error": ABORTED})
        try:
            return work(self._memory.tables(self._state))
        except DataError as error:
            self._failed = error.meta.get("sqlstate", UNSENT) != UNSENT
            raise

    async def execute(self, statement: str) -> str:
        """One of the statements that begin and end transactions; returns what was done."""
        word, *rest = statement.split()
        match word, rest:
            case "BEGIN", _:
                self._begin()
            case "COMMIT", _ if not self._failed:
                self._commit()
            case "SAVEPOINT", [name]:
                self._savepoints[name] = self._state.copy()
            case "ROLLBACK", ["TO", "SAVEPOINT", name]:
                self._state, self._failed = self._savepoints[name].copy(), False
            case "RELEASE", ["SAVEPOINT", name]:
                del self._savepoints[name]
            case _:
                self._begin()
                return "ROLLBACK"
        return word

    def _commit(self) -> None:
        merged = self._memory.state.copy()
        merged.changed(self._base, self._state)
        self._memory.tables(merged).check_keys()
        self._memory.state = merged

    def is_in_transaction(self) -> bool:
        """Nothing is left open when it is given back."""
        return False


class FakeEngine:
    """Has the surface of `Engine` that clients and transactions use."""

    is_busy = False

    def __init__(self, schema: Schema) -> None:
        self.memory = Memory(data_model(schema))
        self.plans = Plans(schema)

    def as_engine(self) -> Engine:
        """To whom it may concern: a client takes it for its engine."""
        return cast(Engine, self)

    def check_place(self) -> None:
        """Any event loop and process will do."""

    def is_abandoned(self) -> bool:
        """There is nothing that only one event loop could close."""
        return False

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do some work outside of transactions."""
        return await work(Session(self.memory))

    def session(self, connection: Connection, *, in_transaction: bool = False) -> Session:
        """A session inside a transaction."""
        return Session(self.memory, connection)

    async def acquire(self, timeout: float | None = None) -> Connection:
        """A connection for a transaction; there are as many as are wanted."""
        return Connection(self.memory)

    async def release(self, connection: Connection) -> None:
        """Nothing has to be given back."""

    async def release_after_error(self, connection: Connection) -> None:
        """Nothing has to be given back."""

    def cut(self, connection: Connection) -> None:
        """Nothing has to be closed."""

    async def stop(self, timeout: float = 0) -> None:
        """Nothing has to be closed."""
