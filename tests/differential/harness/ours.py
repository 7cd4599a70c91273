"""Cases on our client: TypeScript's words in Python's names, and results as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel

from berceau.client import Base64, Json, Prisma
from berceau.client.names import client_attribute, model_attribute, python_name
from berceau_engine.errors import DataError, InputError, TransactionError
from harness.operations import Batch, Operation, Raw, Step, Transaction
from harness.values import DB_NULL, JSON_NULL, Document, Field, Null

AGGREGATES = ("_count", "_avg", "_sum", "_min", "_max")
COUNTED = frozenset({"createMany", "updateMany", "deleteMany"})


@dataclass(frozen=True)
class Failure:
    """How an operation failed: Prisma's code, whether the arguments were refused before any SQL, and the words."""

    code: str | None
    refused: bool
    message: str


Outcome = Any
"""A plain value, or a `Failure`; for transactions a list of them."""


class GivenUp(Exception):  # noqa: N818 - no error
    """Ends a transaction that is to be rolled back."""


async def run(db: Prisma, step: Step) -> Outcome:
    """What a step gives on our client."""
    match step:
        case Transaction():
            return await run_transaction(db, step)
        case Batch():
            return await outcome(run_batch(db, step))
    return await outcome(start(db, step))


async def outcome(work: Any) -> Outcome:
    """The value, or the failure."""
    try:
        return plain(await work)
    except InputError as error:
        return Failure(error.code, not is_from_database(error), f"{type(error).__name__}: {error}")
    except (DataError, TransactionError) as error:
        return Failure(getattr(error, "code", None), False, f"{type(error).__name__}: {error}")
    except GivenUp:
        return None
    except Exception as error:  # a missing or unknown argument of the method, or a fault that is to be seen
        refused = isinstance(error, TypeError) and " argument" in str(error)
        return Failure(None, refused, f"{type(error).__name__}: {error}")


def is_from_database(error: InputError) -> bool:
    """Whether the database refused the value, not the client."""
    return "sqlstate" in error.meta


async def start(db: Prisma, step: Operation | Raw) -> Any:
    """The result of one operation, in the form that TypeScript gives it."""
    if isinstance(step, Raw):
        run_raw = db.execute_raw if step.execute else db.query_raw
        return await run_raw(step.sql, *(python_value(db, value) for value in step.values))
    method = getattr(getattr(db, client_attribute(step.model)), method_name(step.action))
    result = await method(**arguments(db, step))
    if step.action in COUNTED:
        return {"count": result}
    if step.arguments.get("_count") is True:  # TypeScript gives the bare number there.
        return with_bare_count(result)
    return result


def with_bare_count(result: Any) -> Any:
    """`_count` of aggregates and groups as the number of records."""
    if isinstance(result, list):
        return [with_bare_count(item) for item in result]
    return result | {"_count": result["_count"]["_all"]}


async def run_batch(db: Prisma, step: Batch) -> Any:
    """Ours returns nothing, so that only the success of a batch can be compared."""
    async with db.batch_() as batch:
        for inner in step.steps:
            if isinstance(inner, Raw):
                batch.execute_raw(inner.sql, *(python_value(db, value) for value in inner.values))
            else:
                actions = getattr(batch, client_attribute(inner.model))
                getattr(actions, method_name(inner.action))(**arguments(db, inner))


async def run_transaction(db: Prisma, step: Transaction) -> Outcome:
    """What each step gave, and how the whole failed if it did."""
    outcomes: list[Outcome] = []
    options: dict[str, Any] = {} if step.isolation_level is None else {"isolation_level": step.isolation_level}

    async def whole() -> None:
        async with db.tx(**options) as tx:
            for inner in step.steps:
                outcomes.append(await outcome(start(tx, inner)))  # noqa: PERF401 - all before a failure count
            if step.rollback:
                raise GivenUp

    end = await outcome(whole())
    return [*outcomes, end]


# ------------------------------------------------------------ arguments


def method_name(action: str) -> str:
    """`find_unique_or_raise` for `findUniqueOrThrow`."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", action).lower().replace("_or_throw", "_or_raise")


def arguments(db: Prisma, step: Operation) -> dict[str, Any]:
    """The keyword arguments of our method."""
    given = dict(step.arguments)
    if step.action == "upsert":
        given["data"] = {name: given.pop(name) for name in ("create", "update") if name in given}
    wanted = {name: given.pop(name) for name in AGGREGATES if name in given}
    translated = {python_name(name): python_value(db, value) for name, value in given.items()}
    return translated | {name.removeprefix("_"): value for name, value in wanted.items()}


def python_value(db: Prisma, value: Any) -> Any:
    """A value of a case as our client takes it; Prisma's words inside are translated."""
    match value:
        case Document():
            return Json(value.data)
        case Null():
            return NULLS[value]
        case Field():
            return getattr(getattr(db, client_attribute(value.model)).fields, model_attribute(value.name))
        case bytes():
            return Base64.encode(value)
        case dict():
            return {python_name(name): python_value(db, item) for name, item in value.items()}
        case list() | tuple():
            return [python_value(db, item) for item in value]
    return value


NULLS = {DB_NULL: None, JSON_NULL: Json(None)}


# ------------------------------------------------------------ results


def plain(value: Any) -> Any:
    """A result without classes: records as dictionaries of the fields that were selected, enums as their names."""
    match value:
        case BaseModel():
            return {
                field.alias or name: plain(getattr(value, name))
                for name, field in type(value).model_fields.items()
                if name in value.model_fields_set
            }
        case Enum():
            return value.value
        case Base64():
            return value.decode()
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value
