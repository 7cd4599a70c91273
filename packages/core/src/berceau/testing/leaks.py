"""What a test must not leave behind: open transactions and connections, each with the line that opened it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from berceau.client.prisma import Prisma
from berceau.testing.where import Place, caller

KIT: weakref.WeakSet[Prisma] = weakref.WeakSet()
"""The clients of the test kit itself, which outlive tests: no ledger has them."""


@dataclass
class Ledger:
    """What is open at the moment, and where it was opened; the newest last."""

    transactions: dict[object, Place] = field(default_factory=dict)
    clients: weakref.WeakKeyDictionary[Prisma, Place] = field(default_factory=weakref.WeakKeyDictionary)
    connections: dict[int, Place] = field(default_factory=dict)

    def begun(self, transaction: object, place: Place) -> None:
        """A transaction has been begun."""
        self.transactions[transaction] = place

    def ended(self, transaction: object) -> None:
        """It is over."""
        self.transactions.pop(transaction, None)

    def open(self) -> frozenset[object]:
        """What is open now."""
        return frozenset([*self.transactions, *(client for client in self.clients if client.is_connected())])


def watch(ledger: Ledger) -> Callable[[], None]:
    """Have clients and connections that the tests' code opens entered in the ledger; returns what ends that."""
    connect_client, connect = Prisma.connect, asyncpg.connect

    async def entered_client(self: Prisma, timeout: Any = None) -> None:
        place = caller()
        await connect_client(self, timeout)
        if self not in KIT:
            ledger.clients[self] = place

    async def entered(*arguments: Any, **options: Any) -> Any:
        place = caller()
        connection = await connect(*arguments, **options)
        ledger.connections[connection.get_server_pid()] = place
        return connection

    Prisma.connect = entered_client  # type: ignore[method-assign]
    asyncpg.connect = entered

    def stop() -> None:
        Prisma.connect = connect_client  # type: ignore[method-assign]
        asyncpg.connect = connect

    return stop
