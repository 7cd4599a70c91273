"""Watching queries: a callback for each, a log of all, a log of the slow ones."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau_engine.plan import QueryEvent

log = logging.getLogger("berceau.query")

OnQuery = Callable[["QueryEvent"], None]


@dataclass(frozen=True)
class Watching:
    """What is to be done with each statement that was run.

    Attributes:
        on_query: called with each.
        log_queries: log each at level INFO to `berceau.query`.
        slow_query_threshold: log those that took at least this many seconds at level WARNING; None: none.
    """

    on_query: OnQuery | None = None
    log_queries: bool = False
    slow_query_threshold: float | None = None

    def observer(self) -> OnQuery | None:
        """The function that does it; None where nothing is to be done, so that nothing is measured."""
        if self.log_queries or self.slow_query_threshold is not None:
            return self._observe
        return self.on_query

    def _observe(self, event: QueryEvent) -> None:
        if self.on_query is not None:
            self.on_query(event)
        slow = self.slow_query_threshold is not None and event.seconds >= self.slow_query_threshold
        if slow or self.log_queries:
            operation = f"{event.model}.{event.action}" if event.model else "raw SQL"
            level = logging.WARNING if slow else logging.INFO
            kind = "slow query, " if slow else ""
            log.log(level, "%s%s: %.1f ms: %s", kind, operation, event.seconds * 1000, event.sql)
