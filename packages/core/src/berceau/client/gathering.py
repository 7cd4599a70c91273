"""Finding several records at once: calls of `find_unique` that many tasks make in the same moment become one query.

Prisma's own client does so with the calls of one turn of its event loop. Here only a client that is busy does: where
no query is under way a call has nobody to wait for, and goes out at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from berceau.client.names import model_attribute
from berceau.client.shape import CLOSE, FALSE, OPEN, Placeholder, query_of
from berceau_engine.errors import PoolTimeoutError

if TYPE_CHECKING:
    from berceau.client.engine import Engine
    from berceau_engine.plan import Plan, Session

ALONE: Final = object()
"""Instead of a record: the call has to ask for itself."""

LARGEST = 128

EXACT = frozenset({"Int", "BigInt"})
GATHERED = EXACT | {"String"}
"""Types of values by which records are found together. What is equal in Python is equal in the database, too; for text
not the other way round (`citext`, the spelling of UUIDs), so that who asked for text and got nothing asks alone."""


class Many:
    """What several calls of one shape have in common; the query for all of them is compiled when it is first needed.

    Args:
        model: the name of the model.
        field: the field by which a record is found.
        kind: the type of the field's values.
        selection: what is asked for, in the JSON protocol.
        plan: has a query compiled.
    """

    __slots__ = ("_make_plan", "_plan", "_query", "attribute", "missing", "operation")

    def __init__(
        self, model: str, field: str, kind: str, selection: Any, plan: Callable[[dict[str, Any]], Plan]
    ) -> None:
        values = {"$type": "Param", "value": {"name": "%1", "type": "List", "inner": {"type": kind}}}
        query = {"arguments": {"where": {field: {"in": values}}}, "selection": selection}
        self._query = {"modelName": model, "action": "findMany", "query": query}
        self._make_plan = plan
        self._plan: Plan | None = None
        self.attribute = model_attribute(field)
        self.missing = None if kind in EXACT else ALONE
        self.operation = (model, "findUnique")

    async def run(self, session: Session, values: list[Any]) -> list[Any]:
        """The records that have one of the values."""
        if self._plan is None:
            self._plan = self._make_plan(self._query)
        session.operation = self.operation
        # Statements for 2, 4, 8 … values: few enough to stay prepared.
        room = (1 << (len(values) - 1).bit_length()) - len(values)
        records: list[Any] = await self._plan.run(session, {"%1": [*values, *values[-1:] * room]})
        return records


def many(
    model: str, tokens: Sequence[Any], values: Mapping[str, Any], plan: Callable[[dict[str, Any]], Plan]
) -> Many | None:
    """How calls of this shape are gathered; None for one that cannot be.

    That can be which names a record by one value and nothing else, and gets all of its fields back.
    """
    if len(tokens) < 9 or not isinstance(tokens[4], Placeholder):
        return None
    field, value, selected = tokens[3], tokens[4], tokens[7:]
    by_one_value = tokens[:7] == [OPEN, "where", OPEN, field, value, CLOSE, CLOSE] and len(values) == 1
    with_all_fields = selected[1] == "$scalars" and FALSE not in selected
    if not by_one_value or not with_all_fields or value.type not in GATHERED:
        return None
    return Many(model, field, value.type, query_of(selected)[0], plan)


class Gathering:
    """The calls that wait for the end of a turn of the event loop, and the queries for them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[Many, dict[Any, asyncio.Future[Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def find(self, many: Many, value: Any) -> Any:
        """The record with this value, None, or `ALONE`."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting.get(many)
        if waiting is None:
            waiting = self._waiting[many] = {}
            loop.call_soon(self._send, many)
        elif value in waiting:  # Two callers must not get one object.
            return ALONE
        future = waiting[value] = loop.create_future()
        return await future

    def _send(self, many: Many) -> None:
        waiting = list(self._waiting.pop(many).items())
        if len(waiting) == 1:
            settle(waiting[0][1], ALONE)
            return
        for start in range(0, len(waiting), LARGEST):
            task = asyncio.create_task(self._answer(many, dict(waiting[start : start + LARGEST])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, many: Many, waiting: dict[Any, asyncio.Future[Any]]) -> None:
        """Ask for all, and give each its record."""
        values = list(waiting)
        missing: Any = ALONE
        try:
            records = await self._engine.run(lambda session: many.run(session, values))
            for record in records:
                settle(waiting.pop(getattr(record, many.attribute), None), record)
            missing = many.missing
        except PoolTimeoutError as error:  # They have waited long enough.
            for future in waiting.values():
                if not future.done():
                    future.set_exception(error)
        except Exception:  # noqa: S110 - each meets its own error, in its own task
            pass
        finally:
            for future in waiting.values():
                settle(future, missing)


def settle(future: asyncio.Future[Any] | None, result: Any) -> None:
    """Give a result to a call that still waits."""
    if future is not None and not future.done():
        future.set_result(result)
