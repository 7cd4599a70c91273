"""The database service: one per process, with the pool and the client; connects at start-up, closes at shut-down."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from berceau.errors import BerceauError, ConfigurationError
from berceau_engine.errors import InvalidUrlError

if TYPE_CHECKING:
    from berceau_client import Prisma
    from berceau_engine.plan import QueryEvent

NO_ADDRESS = "Set DATABASE_URL (postgresql://user:password@host:5432/database), or run `berceau dev`."


class Database:
    """The one database of a process.

    Args:
        url: the address; None leaves it to `DATABASE_URL` when `connect` is called.
        on_query: called with every statement that was run.
    """

    def __init__(self, url: str | None = None, *, on_query: Callable[[QueryEvent], None] | None = None) -> None:
        self._url = url
        self._on_query = on_query
        self._client: Prisma | None = None

    @property
    def client(self) -> Prisma:
        """The generated client on this database's pool. Raises `ConfigurationError` before `connect`."""
        if self._client is None:
            raise ConfigurationError(
                "the database service is not connected", hint="It connects when the application starts."
            )
        return self._client

    async def connect(self) -> None:
        """Load the generated client and connect it; nothing happens if that is done.

        Raises `ConfigurationError` when the client has not been built or the address is missing or malformed, and a
        `DatabaseConnectionError` that names the server when there is no connection.
        """
        if self._client is not None:
            return
        package = generated_package()
        try:
            client = package.Prisma(datasource={"url": self._address()}, on_query=self._on_query)
            await client.connect()
        except InvalidUrlError as error:
            raise ConfigurationError(f"DATABASE_URL: {error}", hint=NO_ADDRESS) from error
        self._client = client

    def lend(self, client: Prisma) -> None:
        """Use a client that somebody else has connected, as tests do."""
        self._client = client

    async def disconnect(self) -> None:
        """Wait for running queries and close all connections; nothing happens if there are none."""
        client, self._client = self._client, None
        if client is not None:
            await client.disconnect()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()

    def _address(self) -> str:
        import os

        url = self._url or os.environ.get("DATABASE_URL")
        if not url:
            raise ConfigurationError("no database address", hint=NO_ADDRESS)
        return url


def generated_package() -> Any:
    """The package `berceau_client`. Raises `BerceauError` when it has not been built."""
    try:
        return import_module("berceau_client")
    except ImportError as error:
        raise BerceauError("the client has not been generated yet", hint="Run `berceau build`.") from error
