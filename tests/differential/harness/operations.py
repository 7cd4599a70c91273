"""What a case consists of: operations in TypeScript's words, alone, in a batch or in a transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.values import to_oracle

READS = frozenset(
    "findUnique findUniqueOrThrow findFirst findFirstOrThrow findMany count aggregate groupBy".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Operation:
    """`prisma.<model>.<action>(<arguments>)`."""

    model: str
    action: str
    arguments: dict[str, Any]

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.action in READS

    def request(self) -> dict[str, Any]:
        """As the oracle takes it."""
        return {
            "do": "operation",
            "model": self.model,
            "action": self.action,
            "args": to_oracle(self.arguments),
        }

    def __str__(self) -> str:
        return f"{self.model}.{self.action}({self.arguments!r})"


@dataclass(frozen=True)
class Raw:
    """`prisma.$queryRawUnsafe(sql, …)` or, for its effect, `prisma.$executeRawUnsafe(sql, …)`."""

    sql: str
    values: tuple[Any, ...] = ()
    execute: bool = False

    @property
    def reads(self) -> bool:
        """Nobody can tell from here."""
        return False

    def request(self) -> dict[str, Any]:
        """As the oracle takes it."""
        what = "executeRaw" if self.execute else "queryRaw"
        return {"do": what, "sql": self.sql, "values": to_oracle(self.values)}

    def __str__(self) -> str:
        return f"{'execute' if self.execute else 'query'} {self.sql} {self.values!r}"


@dataclass(frozen=True)
class Batch:
    """`prisma.$transaction([…])`."""

    steps: tuple[Operation | Raw, ...]

    @property
    def reads(self) -> bool:
        """Batches are for writing."""
        return False

    def request(self) -> dict[str, Any]:
        """As the oracle takes it."""
        return {"do": "batch", "steps": [step.request() for step in self.steps]}

    def __str__(self) -> str:
        return f"batch [{'; '.join(map(str, self.steps))}]"


@dataclass(frozen=True)
class Transaction:
    """`prisma.$transaction(async (tx) => …)`, its steps one after the other, kept or given up at the end."""

    steps: tuple[Operation | Raw, ...]
    rollback: bool = False
    isolation_level: str | None = None

    @property
    def reads(self) -> bool:
        """Transactions are for writing."""
        return False

    def request(self) -> dict[str, Any]:
        """As the oracle takes it."""
        options = {} if self.isolation_level is None else {"isolationLevel": self.isolation_level}
        steps = [step.request() for step in self.steps]
        return {"do": "transaction", "steps": steps, "rollback": self.rollback, "options": options}

    def __str__(self) -> str:
        return f"transaction [{'; '.join(map(str, self.steps))}]{' given up' if self.rollback else ''}"


Step: TypeAlias = Operation | Raw | Batch | Transaction


@dataclass(frozen=True)
class Case:
    """Steps that are run one after the other on both clients."""

    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The case as one short line, for the names of tests."""
        text = re.sub(r"00000000-0000-4000-8000-0+", "#", "; ".join(map(str, self.steps)))
        text = re.sub(r"[^\x20-\x7e]", "?", re.sub(r"['\[\]\\]", "", text))
        return text if len(text) < 110 else f"{text[:107]}..."


def op(name: str, **arguments: Any) -> Operation:
    """`op("Product.findMany", where=…)`."""
    model, action = name.split(".")
    return Operation(model, action, arguments)


def query(sql: str, *values: Any) -> Raw:
    """Raw SQL that returns rows."""
    return Raw(sql, values)


def execute(sql: str, *values: Any) -> Raw:
    """Raw SQL for its effect."""
    return Raw(sql, values, execute=True)


def batch(*steps: Operation | Raw) -> Batch:
    """Several operations as one transaction."""
    return Batch(steps)


def transaction(*steps: Operation | Raw, rollback: bool = False, isolation_level: str | None = None) -> Transaction:
    """Several operations in one interactive transaction."""
    return Transaction(steps, rollback, isolation_level)


def case(*steps: Step) -> Case:
    """One case of several steps."""
    return Case(steps)


def cases(*given: Step | Case) -> tuple[Case, ...]:
    """A list of cases, of which most are a single operation."""
    return tuple(item if isinstance(item, Case) else Case((item,)) for item in given)
