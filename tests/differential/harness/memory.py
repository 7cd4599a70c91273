"""Our client on a database and the one in memory, which begins each case with what the database holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from berceau.client import Base64, Prisma
from berceau.client.fields import dump_json
from berceau.client.names import client_attribute
from berceau.testing.datamodel import DataModel, Field, Model, data_model
from berceau.testing.fake import NotFakedError
from berceau.testing.fake.engine import FakeEngine
from berceau.testing.fake.store import State, is_first
from berceau.testing.fake.values import Document
from harness import ours
from harness.compare import Found, differences
from harness.databases import SEQUENCES_START, Contents, Database
from harness.free_order import settled, sort_key
from harness.fresh import Neutral, texts
from harness.operations import Case, Operation, Step, Transaction


@dataclass
class Pair:
    """The two clients; `unknown` counts what the one in memory does not support, by what it says."""

    db: Prisma
    fake: Prisma
    memory: FakeEngine
    database: Database
    content: Contents
    seed: State
    known: frozenset[str]
    asked: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    async def check(self, case: Case) -> None:
        """Run a case on both. Raises AssertionError with every difference."""
        if any(map(is_open, case.steps)):
            return
        self.memory.memory.state = self.seed.copy()
        models = self.memory.memory.models
        self.memory.memory.numbers = {
            info: SEQUENCES_START for model in models.models.values() for info in model.fields.values()
        }
        known = self.known | frozenset(text for step in case.steps for text in texts(step.request()))
        real_values, fake_values = Neutral(known), Neutral(known)
        found: list[Found] = []
        try:
            for step in case.steps:
                fake = await ours.run(self.fake, step)
                if (reason := not_faked(fake)) is not None:
                    self.unknown[reason] += 1
                    return
                real = await ours.run(self.db, step)
                if failed(real) == "P2022":  # Prisma's compiler makes wrong SQL of some joins.
                    return
                self.asked["failed" if isinstance(real, ours.Failure) else "answered"] += 1
                found += compare(step, fake_values.value(fake), real_values.value(real))
            if not all(step.reads for step in case.steps):
                found += await self.compare_contents(models, await self.dirty(), fake_values, real_values)
        finally:
            if not all(step.reads for step in case.steps):
                await self.database.restore(await self.dirty())
        lines = [f"{path}\n    fake: {fake!r:.1500}\n    real: {real!r:.1500}" for path, fake, real in found[:10]]
        assert not found, "\n".join(["", *(f"  {step}" for step in case.steps), *lines])

    async def dirty(self) -> list[str]:
        """The tables of the database that are not as they were at the start."""
        contents = await self.database.contents()
        return [table for table in contents if self.content[table] != contents[table]]

    async def compare_contents(
        self, models: DataModel, dirty: list[str], fake_values: Neutral, real_values: Neutral
    ) -> list[Found]:
        """How what the two hold now differs."""
        found = []
        state = self.memory.memory.state
        linked = any(table.startswith("_") for table in dirty) or state.links != self.seed.links
        for model in models.models.values():
            touched = model.table in dirty or state.tables[model.name] != self.seed.tables[model.name]
            if model.name == "CustomerTotal" or not (touched or linked):
                continue
            links = {name: {"select": dict.fromkeys(models.models[relation.target].identifier, True)}
                     for name, relation in model.relations.items() if models.is_many_to_many(relation)}  # fmt: skip
            outcomes = []
            for client, values in ((self.fake, fake_values), (self.db, real_values)):
                actions = getattr(client, client_attribute(model.name))
                records = ours.plain(await actions.find_many(include=links or None))
                for record in records:
                    for name in links:
                        record[name].sort(key=repr)
                records.sort(key=lambda record: repr(values.value(record, numbered=False)))
                outcomes.append([values.value(record) for record in records])
            found += differences(f"contents of {model.name}", *outcomes)
        return found


def is_open(step: Step) -> bool:
    """Whether the database may answer in several ways: without an order, or among equals, it takes what comes first.

    `timetz` is left out, too: the client in memory knows nothing of the zones that come with it.
    """
    if not isinstance(step, Operation):
        return any(map(is_open, getattr(step, "steps", ())))
    given = step.arguments
    if "limit" in given or "timetz" in str(given.get("where")):
        return True
    if step.action.startswith("findFirst") and not given.get("orderBy"):
        return True
    return "{'_count': 'desc'}" in str(given.get("include"))


def compare(step: Step, fake: Any, real: Any) -> list[Found]:
    """The differences of one step; errors must be of the same class."""
    if isinstance(step, Transaction) and isinstance(fake, list) and isinstance(real, list):
        ends = [("end", fake[-1], real[-1])] if failed(fake[-1]) != failed(real[-1]) else []
        steps = zip(step.steps, fake, real, strict=False)
        return ends + [found for inner, mine, other in steps for found in compare(inner, mine, other)]
    if isinstance(step, Operation) and not step.arguments.get("orderBy", True):
        step = Operation(step.model, step.action, {k: v for k, v in step.arguments.items() if k != "orderBy"})
    found = list(differences("result", settled(step, fake, sort_key), settled(step, real, sort_key)))
    if not found and isinstance(fake, ours.Failure):
        ours_class, theirs_class = (failure.message.partition(":")[0] for failure in (fake, real))
        if ours_class != theirs_class:
            found.append(("error", fake, real))
    return found


def failed(outcome: Any) -> str | None:
    """The code of a failure."""
    return outcome.code if isinstance(outcome, ours.Failure) else None


def not_faked(outcome: Any) -> str | None:
    """What the client in memory says that it does not support."""
    if isinstance(outcome, list):
        return next((reason for item in outcome if (reason := not_faked(item))), None)
    if isinstance(outcome, ours.Failure) and outcome.message.startswith(NotFakedError.__name__):
        return outcome.message.partition(": ")[2].partition("\n")[0]
    return None


async def read_state(db: Prisma) -> State:
    """What a database holds, as the state of a client in memory."""
    models, state = data_model(db._schema), State()
    for model in models.models.values():
        links = {name: True for name, relation in model.relations.items() if models.is_many_to_many(relation)}
        order: list[Any] = [{name: "asc"} for name in model.identifier]
        actions = getattr(db, client_attribute(model.name))
        records = await actions.find_many(include=links or None, order=order)
        rows = state.tables[model.name] = {}
        for record, nulls in zip(records, await read_nulls(db, model), strict=True):
            row = {
                name: None if nulls[name] else stored(info, value_of(record, name))
                for name, info in model.fields.items()
            }
            rows[len(rows) + 1 + 10_000 * len(state.tables)] = row
            for name in links:
                relation = model.relations[name]
                pairs = state.links.setdefault(relation.name, {})
                for other in getattr(record, name):
                    mine = row[model.identifier[0]]
                    theirs = value_of(other, models.models[relation.target].identifier[0])
                    pairs[(mine, theirs) if is_first(relation) else (theirs, mine)] = None
    return state


async def read_nulls(db: Prisma, model: Model) -> list[dict[str, bool]]:
    """Which columns of which rows are null, which results do not tell of lists and documents."""
    columns = ", ".join(f'"{info.column}" IS NULL AS "{name}"' for name, info in model.fields.items())
    order = ", ".join(f'"{model.fields[name].column}"' for name in model.identifier)
    found: list[dict[str, bool]] = await db.query_raw(f'SELECT {columns} FROM "{model.table}" ORDER BY {order}')
    return found


def value_of(record: Any, name: str) -> Any:
    """A field's value in a record."""
    return getattr(record, next((own for own, info in type(record).model_fields.items() if info.alias == name), name))


def stored(info: Field, value: Any) -> Any:
    """A result as the client in memory stores it."""
    if info.is_list:
        return [single(info, item) for item in value]
    return None if value is None and info.type != "Json" else single(info, value)


def single(info: Field, value: Any) -> Any:
    """One value or element."""
    if info.type == "Json":
        return Document.of(dump_json(value))
    if isinstance(value, Base64):
        return value.decode()
    return str(value.value) if isinstance(value, Enum) else value
