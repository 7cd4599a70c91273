"""A client in memory, for fast tests of code that takes a client: the same calls, classes and errors, no database."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from berceau.client.prisma import Prisma
from berceau.testing.fake.engine import FakeEngine
from berceau.testing.fake.errors import NotFakedError, not_faked

if TYPE_CHECKING:
    import berceau_client

__all__ = ["FakePrisma", "NotFakedError", "fake_client"]

Client = TypeVar("Client", bound=Prisma)


class InMemory(Prisma):
    """What a client in memory does otherwise than one with a database."""

    def __init__(self) -> None:
        super().__init__()
        self._memory = FakeEngine(self._schema)
        self._connected = self._runner = self._memory.as_engine()

    async def connect(self, timeout: float | timedelta | None = None) -> None:
        """Let queries pass again; a client in memory is connected from the start, and keeps its records."""
        self._connected = self._runner = self._memory.as_engine()

    async def query_raw(self, query: str, *args: Any, model: Any = None) -> list[Any]:
        """Raises `NotFakedError`."""
        not_faked(f"raw SQL: {query}")

    async def execute_raw(self, query: str, *args: Any) -> int:
        """Raises `NotFakedError`."""
        not_faked(f"raw SQL: {query}")


def fake_client(client: type[Client]) -> Client:
    """A client in memory of the same class as `client`, without records."""
    made: Any = type("FakePrisma", (InMemory, client), {"__doc__": client.__doc__, "__module__": client.__module__})
    return cast(Client, made())


def FakePrisma() -> berceau_client.Prisma:  # noqa: N802 - it is used as the class is
    """A `berceau_client.Prisma` in memory, without records, that is connected from the start."""
    return cast("berceau_client.Prisma", fake_client(import_module("berceau_client").Prisma))
