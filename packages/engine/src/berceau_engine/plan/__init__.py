"""Executes query plans: what the compiler returned, turned once into functions and run on a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau_engine.plan.nodes import compile_node
from berceau_engine.plan.results import PlainTypes, RecordType, ResultTypes
from berceau_engine.plan.session import Descriptions, QueryEvent, Session
from berceau_engine.plan.shortening import shortened
from berceau_engine.plan.values import NOW, Instant

__all__ = ["Descriptions", "PlainTypes", "Plan", "QueryEvent", "RecordType", "ResultTypes", "Session"]


class Plan:
    """One compiled query, ready to run any number of times with other values.

    Args:
        spec: the query compiler's plan.
        types: what the results are made of; dictionaries by default.
    """

    __slots__ = ("_run", "many")

    def __init__(self, spec: Mapping[str, Any], types: ResultTypes | None = None) -> None:
        self._run = compile_node(shortened(spec), types or PlainTypes())
        self.many: Any = None
        """What the caller keeps with the plan for asking the same of many values at once."""

    async def run(self, session: Session, values: Mapping[str, Any] | None = None) -> Any:
        """Run the plan; `values` are those of the placeholders, by name.

        Raises a `DataError` when the database or a check of the plan refuses.
        """
        return await self._run(session, {NOW: Instant(), **(values or {})})
