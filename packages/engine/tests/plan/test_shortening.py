"""Plans that write once take two round trips instead of five, and do the same; all others stay as they are."""

from __future__ import annotations

from typing import Any

import pytest

from berceau_engine.errors import RecordNotFoundError, UniqueViolationError
from berceau_engine.plan import Descriptions, QueryEvent, Session
from berceau_engine.plan.nodes import compile_node
from berceau_engine.plan.results import PlainTypes
from berceau_engine.plan.shortening import needs_transaction, shortened
from berceau_engine.plan.values import NOW, Instant

from .conftest import Runner

CONNECT = {"connect": {"id": 1}}
POST = ("Post", "createOne", {"data": {"title": "x", "author": CONNECT}})
SEAT = ("Seat", "createOne", {"data": {"row": 1, "number": 2, "moods": ["SAD", "HAPPY"], "user": CONNECT}})
MOVED = (
    "Seat",
    "updateOne",
    {"where": {"row_number": {"row": 1, "number": 2}}, "data": {"number": 3, "user": {"connect": {"id": 2}}}},
)


class Watched:
    """What was sent, and whether inside a transaction."""

    def __init__(self, run: Runner) -> None:
        self.run = run
        self.sent: list[tuple[str, bool]] = []

    async def __call__(self, operation: tuple[str, str, dict[str, Any]], **how: Any) -> Any:
        self.sent.clear()
        self.run.events = self  # type: ignore[assignment]
        return await self.run.plan(self.run.compile(*operation), **how)

    def append(self, event: QueryEvent) -> None:
        """Write down one statement."""
        self.sent.append((event.sql.split()[0], self.run.connection.is_in_transaction()))


@pytest.fixture
async def watched(run: Runner) -> Watched:
    """A runner with two users."""
    for name in ("ada", "bob"):
        await run("User", "createOne", {"data": {"name": name}})
    return Watched(run)


@pytest.mark.parametrize("operation", [POST, SEAT], ids=["by its id", "by a mapped id of two"])
async def test_a_create_with_connect_is_two_statements(watched: Watched, operation: Any) -> None:
    assert await watched(operation, read_committed=True)
    assert watched.sent == [("SELECT", False), ("INSERT", False)]


async def test_an_update_with_connect_is_two_statements(watched: Watched) -> None:
    await watched(SEAT)
    moved = await watched(MOVED, read_committed=True)
    assert moved == {"row": 1, "number": 3, "mood": "SAD", "moods": ["SAD", "HAPPY"], "userId": 2}
    assert [sent for sent in watched.sent if sent[0] != "SELECT"] == [("UPDATE", False)]


async def test_at_other_levels_of_isolation_the_transaction_stays(watched: Watched) -> None:
    await watched(POST)
    assert watched.sent == [("SELECT", True), ("INSERT", True)]


async def test_results_are_those_of_the_whole_plan(watched: Watched) -> None:
    for operation, key in ((POST, "id"), (SEAT, "number"), (MOVED, "number")):
        spec = watched.run.compile(*operation)
        whole = compile_node(spec, PlainTypes())
        connection = watched.run.connection
        undone = connection.transaction()
        await undone.start()
        expected = await whole(Session(connection, Descriptions(), in_transaction=True), {NOW: Instant()})
        await undone.rollback()
        found = await watched(operation, read_committed=True)
        assert list(found) == list(expected)
        assert {**found, key: None} == {**expected, key: None}


async def test_what_is_missing_is_found_before_anything_is_written(watched: Watched) -> None:
    missing = ("Post", "createOne", {"data": {"title": "x", "author": {"connect": {"id": 99}}}})
    with pytest.raises(RecordNotFoundError):
        await watched(missing, read_committed=True)
    assert watched.sent == [("SELECT", False)]


async def test_two_writes_keep_their_transaction(watched: Watched) -> None:
    twice = [{"name": "one"}, {"name": "two"}]
    await watched.run("Group", "createOne", {"data": {"name": "two"}})
    data = {"name": "cleo", "groups": {"create": twice}}
    with pytest.raises(UniqueViolationError):
        await watched(("User", "createOne", {"data": data}), read_committed=True)
    assert all(inside for _, inside in watched.sent)
    assert await watched.run("User", "findMany", {"where": {"name": "cleo"}}) == []
    assert len(await watched.run("Group", "findMany", {})) == 1


async def test_a_check_after_the_write_keeps_the_transaction(run: Runner) -> None:
    spec = run.compile(
        "User", "updateOne", {"where": {"id": 1}, "data": {"name": "q", "posts": {"connect": {"id": 5}}}}
    )
    assert needs_transaction(shortened(spec)["args"])


async def test_what_is_read_with_relations_is_still_read(watched: Watched) -> None:
    model, action, arguments = POST
    spec = watched.run.compile(
        model, action, arguments, {"$scalars": True, "author": {"arguments": {}, "selection": {"$scalars": True}}}
    )
    watched.run.events = watched  # type: ignore[assignment]
    created = await watched.run.plan(spec, read_committed=True)
    assert created["author"]["name"] == "ada"
    assert all(inside for _, inside in watched.sent)
