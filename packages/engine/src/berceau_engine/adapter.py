"""The schema engine's driver: what it asks of a database, done by asyncpg.

Every function here answers `{"ok": True, "value": …}` or `{"ok": False, "error": {"kind": …}}`, never by raising.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

import asyncpg

from berceau_engine import adapter_errors, adapter_values
from berceau_engine.assumed_history import assumed_answer
from berceau_engine.bridge import Bridge
from berceau_engine.errors import MigrationError
from berceau_engine.javascript import UNDEFINED
from berceau_engine.migration_list import MigrationList
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier
from berceau_engine.shadow import ShadowDatabase

IDENTITY = {"adapterName": "berceau", "provider": "postgres"}
ISOLATION_LEVELS = ("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
COMMENT_OR_SPACE = re.compile(r"--[^\n]*|/\*.*?\*/|[\s;]+", re.DOTALL)
Answer = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """An error that the adapter has met, and the SQL that met it, if it was SQL."""

    error: Exception
    sql: str | None


class Adapter:
    """Opens the connections of one schema engine and keeps them to close them.

    `failures` are the errors it met since the call that was begun last.
    """

    def __init__(self, bridge: Bridge, url: DatabaseUrl, shadow: ShadowDatabase) -> None:
        self.failures: list[Failure] = []
        self.shadow = shadow
        self._bridge = bridge
        self._url = url
        self._connections: set[Connection] = set()
        self.begin()

    def begin(
        self,
        assumed: MigrationList | None = None,
        stand_ins: Mapping[str, MigrationList] | None = None,
        *,
        only_played: bool = False,
    ) -> None:
        """Begin a call of the engine.

        `assumed` are migrations that it is to believe to be applied. `stand_ins` are the scripts that stand for whole
        lists of migrations, which are played on the shadow database in their place. With `only_played` it is shown
        what these lead to, once; everything else is shown as empty, since looking takes the engine a second.
        """
        self.failures.clear()
        self._assumed = assumed
        self._stand_ins = stand_ins or {}
        self._only_played = only_played
        self._shown: Connection | None = None

    def factory(self) -> dict[str, Any]:
        """The adapter factory that the engine takes."""
        return {**IDENTITY, "connect": self._offer(self._connect), "connectToShadowDb": self._offer(self._to_shadow)}

    async def close(self) -> None:
        """Close all connections, and drop a shadow database that was made."""
        while self._connections:
            await close_connection(self._connections.pop())
        await self.shadow.close()

    async def _connect(self, *_: Any) -> dict[str, Any]:
        connection = await self._open(self._url)
        return self._queryable(connection, self._url.schema, functools.partial(execute_script, connection))

    async def _to_shadow(self, *_: Any) -> dict[str, Any]:
        url = await (self.shadow.address() if self._stand_ins else self.shadow.prepare())
        connection = await self._open(url)
        self._shown = self._shown or connection
        return self._queryable(connection, url.schema, functools.partial(self._play, connection))

    async def _play(self, connection: Connection, script: str, *_: Any) -> Any:
        """Run a script on the shadow database, or all the migrations that it stands for."""
        if (migrations := self._stand_ins.get(script)) is None:
            self.shadow.touched()
            return await execute_script(connection, script)
        await self.shadow.play(migrations)
        return UNDEFINED

    async def _open(self, url: DatabaseUrl) -> Connection:
        # Statements are prepared anew each time: migrations change what they refer to.
        connection = await connect(replace(url, parameters={**url.parameters, "statement_cache_size": "0"}))
        self._connections.add(connection)
        return connection

    def _offer(self, function: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """The function for the engine: it answers with a result or with the description of an error."""

        @functools.wraps(function)
        async def answer(*arguments: Any) -> Answer:
            try:
                return {"ok": True, "value": await function(*arguments)}
            except Exception as error:
                self.failures.append(Failure(error, statement_of(arguments)))
                return {"ok": False, "error": adapter_errors.describe(error)}

        return self._bridge.function(answer)

    def _queryable(
        self, connection: Connection, schema: str, execute_script: Callable[..., Coroutine[Any, Any, Any]]
    ) -> dict[str, Any]:
        """A connection as the engine takes it."""
        information = {"schemaName": schema, "supportsRelationJoins": True}

        async def dispose(*_: Any) -> Any:
            self._connections.discard(connection)
            await close_connection(connection)
            return UNDEFINED

        async def start_transaction(isolation_level: Any = UNDEFINED, *_: Any) -> dict[str, Any]:
            await connection.execute("BEGIN")
            if isolation_level in ISOLATION_LEVELS:
                await connection.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation_level}")
            return self._transaction(connection)

        return {
            **IDENTITY,
            **self._statements(connection),
            "executeScript": self._offer(execute_script),
            "startTransaction": self._offer(start_transaction),
            "dispose": self._offer(dispose),
            "getConnectionInfo": lambda *_: {"ok": True, "value": information},
        }

    def _transaction(self, connection: Connection) -> dict[str, Any]:
        """A transaction as the engine takes it: it ends with `commit` or `rollback`, which send the statement."""

        def statement(sql: str) -> Callable[..., Any]:
            return self._offer(functools.partial(send, connection, sql))

        def savepoint(sql: str) -> Callable[..., Any]:
            async def execute(name: str, *_: Any) -> Any:
                return await send(connection, f"{sql} {quote_identifier(name)}")

            return self._offer(execute)

        return {
            **IDENTITY,
            **self._statements(connection),
            "options": {"usePhantomQuery": True},
            "commit": statement("COMMIT"),
            "rollback": statement("ROLLBACK"),
            "createSavepoint": savepoint("SAVEPOINT"),
            "rollbackToSavepoint": savepoint("ROLLBACK TO SAVEPOINT"),
            "releaseSavepoint": savepoint("RELEASE SAVEPOINT"),
        }

    def _statements(self, connection: Connection) -> dict[str, Any]:
        async def ask(request: dict[str, Any], *_: Any) -> dict[str, Any]:
            assumed = assumed_answer(request["sql"], self._assumed) if self._assumed is not None else None
            hidden = self._only_played and connection is not self._shown and is_of_schemas(request)
            return assumed or await query(connection, request, hidden=hidden)

        return {
            "queryRaw": self._offer(ask),
            "executeRaw": self._offer(functools.partial(execute, connection)),
        }


def statement_of(arguments: tuple[Any, ...]) -> str | None:
    """The SQL among the arguments of a call from the engine."""
    first = arguments[0] if arguments else None
    sql = first.get("sql") if isinstance(first, dict) else first
    return sql if isinstance(sql, str) else None


async def close_connection(connection: Connection) -> None:
    """Close a connection in good order; in five seconds, or else without asking the server."""
    try:
        await connection.close(timeout=5)
    except Exception:  # closing must not hide why it had to be done
        connection.terminate()


def is_of_schemas(request: dict[str, Any]) -> bool:
    """Whether a query asks what there is in PostgreSQL schemas: it takes a list of their names."""
    return len(request["args"]) == 1 and isinstance(request["args"][0], list)


async def query(connection: Connection, request: dict[str, Any], *, hidden: bool = False) -> dict[str, Any]:
    """Run one statement; its rows as the engine takes them. If they are to be `hidden`, there are none."""
    statement = await connection.prepare(request["sql"])
    parameters = adapter_values.parameters(statement.get_parameters(), request)
    records = [] if hidden else await statement.fetch(*parameters)
    return adapter_values.result_set(statement.get_attributes(), records)


async def execute(connection: Connection, request: dict[str, Any], *_: Any) -> int:
    """Run a statement, without parameters also several; the number of rows that the last one has changed."""
    if request["args"]:
        statement = await connection.prepare(request["sql"])
        await statement.fetch(*adapter_values.parameters(statement.get_parameters(), request))
        status = statement.get_statusmsg()
    else:
        status = await connection.execute(request["sql"])
    count = (status or "").rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


async def execute_script(connection: Connection, script: str, *_: Any) -> Any:
    """Run any number of statements, which the server takes as one transaction unless they say otherwise.

    A script that fails, or does not end the transaction it has begun, leaves none open; its search path ends with it.
    Raises MigrationError for a transaction that was not ended, and what asyncpg raises.
    """
    if not COMMENT_OR_SPACE.sub("", script):
        return UNDEFINED  # asyncpg cannot do nothing
    outside = not connection.is_in_transaction()
    try:
        await connection.execute(script)
    except asyncpg.PostgresError:
        if outside and connection.is_in_transaction():
            await connection.execute("ROLLBACK")
        raise
    if outside and connection.is_in_transaction():
        await connection.execute("ROLLBACK")
        raise MigrationError("The script begins a transaction and does not end it; nothing after BEGIN was kept.")
    await connection.execute("RESET search_path")
    return UNDEFINED


async def send(connection: Connection, statement: str, *_: Any) -> Any:
    """Run one statement that steers a transaction."""
    await connection.execute(statement)
    return UNDEFINED
