"""The user's own SQL: parameters by their PostgreSQL types, rows as dictionaries or models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from berceau.client.arguments import aware
from berceau.client.errors import InvalidValueError, RawQueryError
from berceau.client.fields import Base64, Json
from berceau.client.wrong_use import within, wrong_type

if TYPE_CHECKING:
    from berceau_engine.plan import Session
    from berceau_engine.plan.columns import Column


def parameter(value: Any) -> Any:
    """An argument of raw SQL in the form that the driver's conversions start from. Raises `RawQueryError`."""
    from datetime import datetime
    from enum import Enum
    from uuid import UUID

    if isinstance(value, str) and "\0" in value:
        raise RawQueryError("A parameter holds a null byte, which PostgreSQL's text cannot.", code="P2010")
    if isinstance(value, (Json, dict)):
        return Json.dumps(value if isinstance(value, Json) else Json(value))
    if isinstance(value, Base64):
        return value.decode()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return aware(value)
    return [parameter(item) for item in value] if isinstance(value, (list, tuple)) else value


def statement(sql: Any) -> str:
    """The text of a statement. Raises `WrongTypeError` for anything else."""
    if not isinstance(sql, str):
        raise within("query", wrong_type("SQL as text", sql))
    return sql


def parameters(arguments: Sequence[Any]) -> list[Any]:
    """The arguments of a statement. Raises `InvalidValueError` for one that no parameter can be."""
    plain: list[Any] = []
    try:
        for value in arguments:
            plain.append(parameter(value))  # noqa: PERF401 - the handler tells the place
    except (ValueError, TypeError, RecursionError) as error:
        raise within("args", within(str(len(plain)), InvalidValueError(str(error), code="P2009"))) from None
    return plain


def check_model(model: Any) -> None:
    """Raise `WrongTypeError` unless rows can be made into it."""
    if model is not None and not (isinstance(model, type) and hasattr(model, "model_validate")):
        raise within("model", wrong_type("a class of pydantic models", model))


async def query(session: Session, sql: str, arguments: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of a statement, each a dictionary of column names to values. Raises `RawQueryError`."""
    session.operation = (None, None)
    records, description = await session.query(statement(sql), parameters(arguments), raw=True)
    readers = [(column.name, column, index) for index, column in enumerate(description.columns)]
    return [{name: read(column, record[index]) for name, column, index in readers} for record in records]


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


async def execute(session: Session, sql: str, arguments: Sequence[Any]) -> int:
    """The number of rows that a statement touched. Raises `RawQueryError`."""
    session.operation = (None, None)
    return await session.execute(statement(sql), parameters(arguments), raw=True)
