"""One test's use of the database: what it was lent, what it left open, what it asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from berceau.testing.worker import WorkerDatabase

if TYPE_CHECKING:
    from berceau.testing.lent_client import LentClient
    from berceau_engine.plan import QueryEvent

_LONGEST = 300


@dataclass
class Case:
    """A test with a database.

    Attributes:
        worker: the database.
        client: the client that the test and the application under test use.
        url: the address for code that opens connections of its own.
        foreign: such code may be at work, so that the server is asked for connections.
        before: what was open when the test's own code began.
    """

    worker: WorkerDatabase
    client: LentClient
    url: str
    foreign: bool = False
    before: frozenset[object] = field(default_factory=frozenset)
    pids: frozenset[int] = field(default_factory=frozenset)

    def begin(self) -> None:
        """Fixtures are ready; what they hold open is theirs to close."""
        self.before = self.worker.ledger.open()
        self.pids = frozenset(self.worker.foreign()) if self.foreign else frozenset()

    def check(self, *, at_end: bool = False) -> None:
        """Fail the test if something is open that was not before the test, or with `at_end` anything at all.

        What is found is closed.
        """
        before: frozenset[object] = frozenset() if at_end else self.before
        found = self.worker.leaks(before)
        foreign = self.worker.foreign() if self.foreign else {}
        left = {pid: text for pid, text in foreign.items() if at_end or pid not in self.pids}
        of_clients = any("client" in text for text in found)  # then the connections are theirs
        lines = found if of_clients else [*found, *left.values()]
        if lines:
            self.worker.end(list(left))
            text = "".join(f"  {line}\n" for line in lines)
            cure = "End transactions with `async with`, and close what you connect."
            pytest.fail(f"the test has left something open:\n{text}  {cure}", pytrace=False)

    def report(self) -> str:
        """The queries of the test, with parameters and times."""
        unseen = [f"({self.worker.unseen} earlier queries are left out)"] if self.worker.unseen else []
        return "\n".join([*unseen, *(line for query in self.worker.queries for line in _lines(query))])


def _lines(query: QueryEvent) -> Iterator[str]:
    what = f"{query.model}.{query.action}" if query.model else "raw SQL"
    yield f"{query.seconds * 1000:8.2f} ms  {what}: {query.sql}"
    if query.parameters:
        values = ", ".join(_shortened(repr(value)) for value in query.parameters)
        yield f"             parameters: {values}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
