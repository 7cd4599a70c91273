"""One worker's database: its copy, the client on it, and what is done between two tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from berceau.testing.background import Background
from berceau.testing.copies import Copy, drop_copy, drop_dead, make_copy
from berceau.testing.emptying import Emptying
from berceau.testing.leaks import KIT, Ledger
from berceau.testing.lent_client import LentClient, lend
from berceau.testing.reaching import reach
from berceau.testing.server import Server
from berceau.testing.template import Contents, ensure_template
from berceau_engine.postgres import Connection, DatabaseUrl, connect

if TYPE_CHECKING:
    from berceau.client.prisma import Prisma
    from berceau_engine.plan import QueryEvent

Seed = Callable[[Any], Awaitable[Any]]
_POOL = 10
QUERIES_KEPT = 100


@dataclass
class WorkerDatabase:
    """A copy with all that is connected to it; everything but `open` and `close` may be called between tests only."""

    background: Background
    server: Server
    copy: Copy
    holder: Connection
    cleaner: Connection
    emptying: Emptying
    client: Prisma
    ledger: Ledger
    queries: list[QueryEvent] = field(default_factory=list)
    unseen: int = 0
    shared_by: str | None = None
    _reader: Prisma | None = None

    @classmethod
    def open(
        cls,
        background: Background,
        server: Server,
        contents: Contents,
        name: str,
        client_class: type[Prisma] | None = None,
    ) -> WorkerDatabase:
        """Make the copy `name`, after the template if that is missing, and connect a client."""
        return background.run(_open(background, server, contents, name, client_class or generated_client()))

    def close(self, *, drop: bool) -> None:
        """Disconnect; drop the copy if it would stay otherwise."""
        self.background.run(self._close(drop))

    def abandon(self) -> None:
        """Let go of everything at once: the server is about to end."""

        async def cut() -> None:
            for client in (self.client, self._reader):
                if client is not None and client.is_connected():
                    client._engine()._pool.terminate()
            self.cleaner.terminate()
            self.holder.terminate()

        self.background.run(cut())

    @property
    def url(self) -> DatabaseUrl:
        """The address for code that opens connections of its own."""
        return self.copy.url

    def lend(self, *, readonly: bool) -> LentClient:
        """A client for one test."""
        if not readonly:
            return lend(self.client, self.background, self.ledger)
        if self._reader is None:
            self._reader = self.background.run(
                _connected_client(type(self.client), read_only(self.copy.url), self._observe)
            )
        return lend(self._reader, self.background, self.ledger)

    def prepare(self, module: str | None, seed: Seed | None) -> None:
        """Empty the database for the next test; or fill it for the tests of a module that only read.

        Raises BerceauError.
        """
        if module is None or module != self.shared_by:
            self.background.run(self.emptying.run())
            self.shared_by = None
            if seed is not None:
                self.background.run(_seeded(seed, self.client))
            self.shared_by = module
        self.queries.clear()
        self.unseen = 0

    def leaks(self, before: frozenset[object]) -> list[str]:
        """What is open that was not before, a sentence for each."""
        ledger = self.ledger
        found = [
            f"a transaction is still open, begun at {place}"
            for transaction, place in ledger.transactions.items()
            if transaction not in before
        ]
        clients = [one for one in ledger.clients if one.is_connected() and one not in before]
        found += [f"a client is still connected, by `connect` at {ledger.clients[one]}" for one in clients]
        return found

    def foreign(self) -> dict[int, str]:
        """The connections to the copy that are not ours, by server process, a sentence for each."""
        return self.background.run(self._foreign())

    def end(self, foreign: list[int]) -> None:
        """End open transactions and connections, so that the next test finds nothing of this one."""
        self.background.run(self._end(foreign))

    def _observe(self, event: QueryEvent) -> None:
        if len(self.queries) == QUERIES_KEPT:
            del self.queries[0]
            self.unseen += 1
        self.queries.append(event)

    async def _foreign(self) -> dict[int, str]:
        rows = await self.cleaner.fetch(_FOREIGN, self.copy.name)
        found = {}
        for row in rows:
            place = self.ledger.connections.get(row["pid"])
            where = f"opened at {place}" if place else f"its last statement: {row['query'] or 'none'}"
            state = ", in a transaction" if row["state"].startswith("idle in transaction") else ""
            found[row["pid"]] = f"a connection is still open{state}; {where}"
        return found

    async def _end(self, foreign: list[int]) -> None:
        for transaction in list(self.ledger.transactions):
            self.ledger.ended(transaction)
            try:
                await transaction.rollback()  # type: ignore[attr-defined]
            except Exception:  # noqa: S112  it has expired meanwhile, or its connection is lost
                continue
        for client in list(self.ledger.clients):
            del self.ledger.clients[client]
        for pid in foreign:
            await self.cleaner.execute("SELECT pg_terminate_backend($1, 5000)", pid)  # and wait until it is gone

    async def _close(self, drop: bool) -> None:
        for client in (self.client, self._reader):
            if client is not None:
                await client.disconnect(timeout=2)
        await self.cleaner.close()
        if drop:
            await drop_copy(self.holder, self.copy)
        await self.holder.close()


_OWN = "berceau test kit"
_FOREIGN = f"""
SELECT pid, left(query, 200) AS query, coalesce(state, '') AS state FROM pg_stat_activity
WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()
  AND application_name <> '{_OWN}' ORDER BY backend_start
"""


def read_only(url: DatabaseUrl) -> DatabaseUrl:
    """The address with all transactions read-only."""
    options = f"{url.parameters.get('options', '')} -c default_transaction_read_only=on".strip()
    return url.with_parameter("options", options)


async def _open(
    background: Background, server: Server, contents: Contents, name: str, client_class: type[Prisma]
) -> WorkerDatabase:
    holder = await reach(server, server.url.with_parameter("application_name", _OWN))
    try:
        template = await ensure_template(holder, server, contents)
        await drop_dead(holder, server)
        copy = await make_copy(holder, template, name)
        copy = replace(copy, url=copy.url.with_parameter("application_name", copy.name))
        cleaner = await connect(copy.url.with_parameter("application_name", _OWN))
        emptying = await Emptying.prepare(cleaner, copy.name)
    except BaseException:
        holder.terminate()
        raise
    worker: WorkerDatabase
    client = await _connected_client(client_class, copy.url, lambda event: worker._observe(event))
    worker = WorkerDatabase(background, server, copy, holder, cleaner, emptying, client, Ledger())
    return worker


def generated_client() -> type[Prisma]:
    """The class of `berceau_client`. Raises BerceauError if it has not been built."""
    from berceau.database import generated_package

    client: type[Prisma] = generated_package().Prisma
    return client


async def _connected_client(
    client_class: type[Prisma], url: DatabaseUrl, observe: Callable[[QueryEvent], None]
) -> Prisma:
    ours = url.with_parameter("application_name", _OWN)
    if "connection_limit" not in url.parameters:
        ours = ours.with_parameter("connection_limit", str(_POOL))
    client = client_class(str(ours), on_query=observe)
    KIT.add(client)
    await client.connect()
    return client


async def _seeded(seed: Seed, client: Prisma) -> None:
    await seed(client)
