"""The user's own SQL: parameters by their PostgreSQL types, rows as dictionaries or models."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from berceau.client.arguments import aware
from berceau.client.errors import InvalidValueError, RawQueryError, TransactionError
from berceau.client.fields import Base64, Json
from berceau.client.wrong_use import within, wrong_type

if TYPE_CHECKING:
    from pydantic import BaseModel

    from berceau.client.models import Enums
    from berceau_engine.plan import Session
    from berceau_engine.plan.columns import Column
    from berceau_engine.plan.raw import RawResult

    Record = TypeVar("Record", bound=BaseModel)

CONTROL = re.compile(
    r"(?:\s|;|--[^\n]*\n|/\*.*?\*/)*(begin|start\s+transaction|commit|end|abort|rollback|prepare\s+transaction"
    r"|savepoint|release)\b(?!\s+prepared\b)",
    re.IGNORECASE | re.DOTALL,
)
"""The beginning of a statement that begins or ends a transaction or a savepoint."""

SAVEPOINTS = re.compile(r"savepoint|release|rollback\b.*\bto\b", re.IGNORECASE | re.DOTALL)


def parameter(enums: Enums, value: Any) -> Any:
    """An argument of raw SQL in the form that the driver's conversions start from. Raises `RawQueryError`."""
    from datetime import datetime
    from enum import Enum
    from uuid import UUID

    if isinstance(value, Enum):
        return enums.in_database(value)
    if isinstance(value, str) and "\0" in value:
        raise RawQueryError("A parameter holds a null byte, which PostgreSQL's text cannot.", code="P2010")
    if isinstance(value, (Json, dict)):
        return Json.dumps(value if isinstance(value, Json) else Json(value))
    if isinstance(value, Base64):
        return value.decode()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return aware(value)
    return [parameter(enums, item) for item in value] if isinstance(value, (list, tuple)) else value


def statement(sql: Any) -> str:
    """The text of a statement. Raises `WrongTypeError` for anything else."""
    if not isinstance(sql, str):
        raise within("query", wrong_type("SQL as text", sql))
    return sql


def parameters(enums: Enums, arguments: Sequence[Any]) -> list[Any]:
    """The arguments of a statement. Raises `InvalidValueError` for one that no parameter can be."""
    plain: list[Any] = []
    try:
        for value in arguments:
            plain.append(parameter(enums, value))  # noqa: PERF401 - the handler tells the place
    except (ValueError, TypeError, RecursionError) as error:
        raise within("args", within(str(len(plain)), InvalidValueError(str(error), code="P2009"))) from None
    return plain


def check_model(model: Any) -> None:
    """Raise `WrongTypeError` unless rows can be made into it."""
    if model is not None and not (isinstance(model, type) and hasattr(model, "model_validate")):
        raise within("model", wrong_type("a class of pydantic models", model))


async def run(
    session: Session, enums: Enums, sql: str, arguments: Sequence[Any], of: tuple[str | None, str]
) -> RawResult:
    """What a statement gives; `of` is the model and the action that its comment names.

    Raises `RawQueryError`, and `TransactionError` for a statement that begins or ends a transaction.
    """
    from berceau_engine.plan.raw import run_raw

    values = parameters(enums, arguments)
    refuse_control(statement(sql), inside=session.in_transaction)
    session.operation = (None, None)
    comment = "" if session.comment is None else session.comment(*of)
    result = await run_raw(session, sql, values, comment)
    if not session.in_transaction and session.connection.is_in_transaction():
        raise TransactionError(left_open(sql))
    return result


def refuse_control(sql: str, *, inside: bool) -> None:
    """Raise `TransactionError` for SQL that would begin or end a transaction behind the client's back."""
    found = CONTROL.match(sql)
    if found is not None and not (inside and SAVEPOINTS.match(sql, found.start(1))):
        raise TransactionError(left_open(found[1].upper()))


def left_open(what: str) -> str:
    """The message: what to use instead."""
    return (
        f"{what}: transactions are begun and ended by `async with db.tx() as tx`, savepoints by `tx.tx()`; "
        "as raw SQL they would be left open on a connection that others use next."
    )


def rows(result: RawResult) -> list[dict[str, Any]]:
    """The rows of a result, each a dictionary of column names to values."""
    readers = [(column.name, column, index) for index, column in enumerate(result.columns)]
    return [{name: read(column, record[index]) for name, column, index in readers} for record in result.records]


def records(enums: Enums, found: list[dict[str, Any]], model: type[Record]) -> list[Record]:
    """Rows as instances of a model; values of its enums come by their names in the database."""
    renamed = enums.renamed_in(model)
    for row in found if renamed else ():
        for name in renamed.keys() & row.keys():
            row[name] = with_names(row[name], renamed[name])
    return [model.model_validate(row) for row in found]


def with_names(value: Any, names: dict[str, str]) -> Any:
    """A value of an enum, or a list of them, by the names in the schema."""
    if isinstance(value, list):
        return [with_names(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def read(column: Column, value: Any) -> Any:
    """One value of a row: JSON as documents, bytes in their wrapper, dates and times as aware datetimes."""
    if value is None:
        return None
    plain = value if column.decode is None else column.decode(value)
    if column.kind not in ("json", "bytes"):
        return plain
    convert = json.loads if column.kind == "json" else Base64.encode
    if column.is_list:
        return [None if item is None else convert(item) for item in plain]
    return convert(plain)
