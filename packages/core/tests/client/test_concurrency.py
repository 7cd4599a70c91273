"""Many tasks over few connections, cancelled at any moment: nothing is lost, nothing is mixed up, nothing hangs.

Money goes between accounts (authors, their `score`), and each transfer writes an entry (a book) in its transaction; so
whatever was cancelled, the balances must be what the entries say. Runs for 8 seconds; the variable
BERCEAU_CONCURRENCY_SECONDS makes it longer (nox -s concurrency: a minute), BERCEAU_CONCURRENCY_SEED repeats a run.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from berceau.client import BoundSchema
from berceau.client.errors import PoolTimeoutError, WriteConflictError
from berceau_engine.postgres import connect

SECONDS = float(os.environ.get("BERCEAU_CONCURRENCY_SECONDS", "8"))
SEED = int(os.environ.get("BERCEAU_CONCURRENCY_SEED", str(random.randrange(10**6))))
TASKS, CONNECTIONS, ACCOUNTS, BALANCE = 200, 5, 20, 1000
LONG = {"max_wait": 60_000, "timeout": 60_000}
HANGS_AFTER = 45.0

STATES = (
    "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'concurrency' AND datname = current_database() "
    "AND backend_type = 'client backend'"
)


class UndoError(Exception):
    pass


class Traffic:
    """What the tasks do, and what they know of it; every answer is checked against its question."""

    def __init__(self, db: Any, chance: random.Random) -> None:
        self.db = db
        self.chance = chance
        self.number = 0
        self.kept: set[str] = set()
        self.undone: set[str] = set()
        self.done: Counter[str] = Counter()
        self.actions: list[Callable[[], Awaitable[None]]] = [
            self.find_one,
            self.find_several,
            self.sum_up,
            self.ask_the_server,
            self.write_nested,
            self.transfer,
            self.transfer,
            self.transfer_in_savepoint,
            self.transfer_in_batch,
            self.transfer_serializable,
            self.give_up_inside,
            self.share_a_transaction,
        ]

    def next(self) -> str:
        """A text that no other action has."""
        self.number += 1
        return f"entry {self.number}"

    def accounts(self, count: int) -> list[str]:
        """Different accounts, in the order in which all lock them."""
        return sorted(f"account {number:02}" for number in self.chance.sample(range(ACCOUNTS), count))

    # ------------------------------------------------------------ reading

    async def find_one(self) -> None:
        (name,) = self.accounts(1)
        found = await self.db.author.find_unique(where={"name": name})
        assert found.name == name

    async def find_several(self) -> None:
        names = self.accounts(3)
        found = await self.db.author.find_many(
            where={"name": {"in": names}}, order={"name": "asc"}, include={"books": {"take": 5}}
        )
        assert [author.name for author in found] == names
        assert all(book.authorId == author.id for author in found for book in author.books)

    async def sum_up(self) -> None:
        total = await self.db.author.aggregate(sum={"score": True})
        assert total["_sum"]["score"] == ACCOUNTS * BALANCE

    async def ask_the_server(self) -> None:
        number, seconds = self.chance.randrange(10**9), self.chance.random() / 100
        answer = await self.db.query_first("SELECT $1::int AS number, pg_sleep($2)", number, seconds)
        assert answer["number"] == number

    # ------------------------------------------------------------ writing

    async def write_nested(self) -> None:
        """Several statements, in a transaction of the plan's own."""
        (name,), entry = self.accounts(1), self.next()
        author = await self.db.author.update(
            where={"name": name},
            data={"books": {"create": [{"title": f"{entry}: nested", "isEmpty": True}]}},
            include={"books": {"where": {"title": f"{entry}: nested"}}},
        )
        assert author.name == name
        assert [book.title for book in author.books] == [f"{entry}: nested"]

    async def move(self, tx: Any, entry: str, *, pause: bool = True) -> None:
        """The steps of a transfer: from the first account to the second, and the entry."""
        giver, taker = self.accounts(2)
        amount = self.chance.randint(1, 9)
        await tx.author.update(where={"name": giver}, data={"score": {"decrement": amount}})
        if pause:
            await asyncio.sleep(self.chance.random() / 200)
        data = {"title": f"{entry}: {giver} {taker} {amount}", "author": {"connect": {"name": giver}}}
        await tx.author.update(where={"name": taker}, data={"score": {"increment": amount}})
        book = await tx.book.create(data=data)
        assert book.title == data["title"]

    async def transfer(self) -> None:
        entry, undo = self.next(), self.chance.random() < 0.3
        try:
            async with self.db.tx(**LONG) as tx:
                await self.move(tx, entry)
                if undo:
                    raise UndoError
            self.kept.add(entry)
        except UndoError:
            self.undone.add(entry)

    async def transfer_in_savepoint(self) -> None:
        outer, inner, undone = self.next(), self.next(), self.next()
        async with self.db.tx(**LONG) as tx:
            giver, taker = self.accounts(2)  # one lock order for the whole transaction
            await tx.query_raw('SELECT 1 FROM "Author" ORDER BY name FOR UPDATE')
            await tx.book.create(data={"title": f"{outer}: {giver} {taker} 0", "author": {"connect": {"name": giver}}})
            async with tx.tx() as nested:
                await self.move(nested, inner, pause=False)
            try:
                async with tx.tx() as nested:
                    await self.move(nested, undone, pause=False)
                    raise UndoError
            except UndoError:
                self.undone.add(undone)
        self.kept |= {outer, inner}

    async def transfer_in_batch(self) -> None:
        entry, (giver, taker) = self.next(), self.accounts(2)
        try:
            async with self.db.batch_() as batch:
                batch.author.update(where={"name": giver}, data={"score": {"decrement": 1}})
                batch.author.update(where={"name": taker}, data={"score": {"increment": 1}})
                batch.book.create(data={"title": f"{entry}: {giver} {taker} 1", "author": {"connect": {"name": giver}}})
            self.kept.add(entry)
        except PoolTimeoutError:  # it waits no longer than two seconds, as in Prisma
            self.undone.add(entry)

    async def transfer_serializable(self) -> None:
        entry = self.next()
        try:
            async with self.db.tx(isolation_level="Serializable", **LONG) as tx:
                await self.move(tx, entry)
            self.kept.add(entry)
        except WriteConflictError:
            self.undone.add(entry)

    async def give_up_inside(self) -> None:
        """A query that its own task stops waiting for; the transaction goes on, or is aborted on the server."""
        entry = self.next()
        try:
            async with self.db.tx(**LONG) as tx:
                await self.move(tx, entry)
                async with asyncio.timeout(self.chance.random() / 100):
                    await tx.query_raw("SELECT pg_sleep(0.02)")
            self.kept.add(entry)
        except TimeoutError:
            self.undone.add(entry)

    async def share_a_transaction(self) -> None:
        entries = [self.next() for _ in range(3)]
        async with self.db.tx(**LONG) as tx:
            await tx.query_raw('SELECT 1 FROM "Author" ORDER BY name FOR UPDATE')
            async with asyncio.TaskGroup() as group:
                for entry in entries:
                    group.create_task(self.move(tx, entry))
        self.kept |= set(entries)

    # ------------------------------------------------------------ the tasks

    async def keep_going(self, until: float) -> None:
        """One action after the other, half of them cancelled at some moment, some of them twice."""
        loop = asyncio.get_running_loop()
        while loop.time() < until or self.done["cancelled"] <= TASKS:
            action = self.chance.choice(self.actions)
            task = asyncio.ensure_future(action())
            cancelled = self.chance.random() < 0.5
            if cancelled:
                await asyncio.wait(
                    {task}, timeout=self.chance.choice([0, 0.001, 0.01, 0.1, 0.5]) * self.chance.random()
                )
                task.cancel()
                if self.chance.random() < 0.3:
                    await asyncio.sleep(0.002 * self.chance.random())
                    task.cancel()
            await asyncio.wait({task}, timeout=HANGS_AFTER)
            assert task.done(), f"{action.__name__} hangs: {task.get_stack()}"
            if task.cancelled():
                assert cancelled, f"{action.__name__} was cancelled by nobody"
                self.done["cancelled"] += 1
            else:
                task.result()
                self.done[action.__name__] += 1


async def test_tasks_that_are_cancelled_at_any_moment_lose_and_mix_up_nothing(bound: BoundSchema, url: str) -> None:
    print(f"seed {SEED}")
    unhandled: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    address = f"{url}&connection_limit={CONNECTIONS}&pool_timeout=60&application_name=concurrency"
    outside = await connect(url)
    async with bound.client_class()(address) as db:
        await db.author.create_many([{"name": f"account {n:02}", "score": BALANCE} for n in range(ACCOUNTS)])
        traffic = Traffic(db, random.Random(SEED))
        seen = await all_connections_are_free(db)
        watching = asyncio.create_task(watch(outside, seen))
        async with asyncio.TaskGroup() as group:
            for _ in range(TASKS):
                group.create_task(traffic.keep_going(loop.time() + SECONDS))
        watching.cancel()
        await asyncio.wait({watching})
        print(dict(traffic.done))
        async with asyncio.timeout(60):
            assert await all_connections_are_free(db) == seen  # none was lost and replaced
        states = {state for _, state in await outside.fetch(STATES)}
        assert states == {"idle"}
        await balances_are_what_the_entries_say(db, traffic)
    assert await eventually_gone(outside)
    await outside.close()
    assert unhandled == []
    assert traffic.done["cancelled"] > TASKS
    assert set(traffic.done) >= {action.__name__ for action in traffic.actions}


async def watch(outside: Any, seen: set[int]) -> None:
    """Note the server's processes for the client, until cancelled."""
    while True:
        seen |= {pid for pid, _ in await outside.fetch(STATES)}
        await asyncio.sleep(0.02)


async def all_connections_are_free(db: Any) -> set[int]:
    """All of the pool can be taken at once, and each works, outside any transaction; the server's processes for it."""
    engine = db._engine()
    taken = await asyncio.gather(*[engine.acquire() for _ in range(CONNECTIONS)])
    pids = {await connection.fetchval("SELECT pg_backend_pid()") for connection in taken}
    assert len(pids) == CONNECTIONS
    assert not any(connection.is_in_transaction() for connection in taken)
    for connection in taken:
        await engine.release(connection)
    return pids


async def balances_are_what_the_entries_say(db: Any, traffic: Traffic) -> None:
    """Every transfer took place as a whole or not at all, and as its task was told."""
    expected, entries = dict.fromkeys((f"account {number:02}" for number in range(ACCOUNTS)), BALANCE), set()
    for book in await db.book.find_many(where={"isEmpty": False}):
        entry, _, transfer = book.title.partition(": account ")
        giver, _, rest = transfer.partition(" account ")
        taker, amount = rest.split()
        expected[f"account {giver}"] -= int(amount)
        expected[f"account {taker}"] += int(amount)
        entries.add(entry)
    assert {author.name: author.score for author in await db.author.find_many()} == expected
    assert traffic.kept <= entries
    assert not traffic.undone & entries


async def eventually_gone(outside: Any) -> bool:
    """Whether the server ends the connections of a client that has disconnected."""
    for _ in range(1200):
        if not await outside.fetch(STATES):
            return True
        await asyncio.sleep(0.05)
    return False
