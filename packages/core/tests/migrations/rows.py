"""Rows for any tables: several in each, with values in the columns, and parents where they refer to one."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg

from berceau.migrations.catalog import Catalog, Column, Enum, Table
from berceau_engine.postgres import Connection, quote_identifier

ROWS = 4


async def fill(connection: Connection, catalog: Catalog) -> None:
    """Put up to `ROWS` rows into each table; one that a key or a missing parent forbids is left out."""
    for numbers in (range(2), range(2, ROWS)):  # twice, as tables may refer to each other
        for table in (one for one in catalog.tables if not one.is_view and one.columns):
            for number in numbers:
                try:
                    await connection.execute(_insert(table, catalog, number))
                except asyncpg.IntegrityConstraintViolationError:
                    continue


def _insert(table: Table, catalog: Catalog, number: int) -> str:
    values = {column.number: literal(column, catalog, table, number) for column in table.columns}
    for key in (one for one in table.constraints if one.kind == "f"):
        values |= dict(zip(key.columns, _parent(key.other_columns, table, catalog, key.other, number), strict=True))
    names = ", ".join(quote_identifier(column.name) for column in table.columns)
    return f"INSERT INTO {table.sql} ({names}) VALUES ({', '.join(values[one.number] for one in table.columns)})"


def _parent(numbers: tuple[int, ...], table: Table, catalog: Catalog, other: int, number: int) -> Iterator[str]:
    """The values of a row that is there, or of the row itself."""
    parent = catalog.by_oid[other]
    order = ", ".join(quote_identifier(one.name) for one in parent.columns if one.number in numbers)
    for one in numbers:
        column = parent.by_number[one]
        if parent is table:
            yield literal(column, catalog, table, number)
        else:
            yield (
                f"(SELECT {quote_identifier(column.name)} FROM {parent.sql} ORDER BY {order} "
                f"OFFSET {number} % greatest((SELECT count(*) FROM {parent.sql}), 1) LIMIT 1)"
            )


def literal(column: Column, catalog: Catalog, table: Table, number: int) -> str:
    """The value of a column in the row of this number: not there in one row, the same in two unless it is unique."""
    unique = any(index.unique and column.number in index.columns for index in table.indexes)
    if not column.required and number == column.number % (ROWS + 1):
        return "NULL"
    number = number // 2 if not unique and column.number % 3 == 0 else number
    enum = next((one for one in catalog.enums if one.is_type_of(column)), None)
    kind = column.type.removesuffix("[]")
    if column.type.endswith("[]"):
        items = ", ".join(_item(kind, enum, number + place) for place in range(number % 3))
        return f"ARRAY[{items}]::{_type(column, enum)}"
    return f"{_item(kind, enum, number)}::{_type(column, enum)}"


def _type(column: Column, enum: Enum | None) -> str:
    return column.type if enum is None else enum.sql + ("[]" if column.type.endswith("[]") else "")


def _item(kind: str, enum: Enum | None, number: int) -> str:
    if enum is not None:
        return "'" + enum.values[number % len(enum.values)].replace("'", "''") + "'"
    return next(form for start, form in _FORMS.items() if kind.startswith(start)).format(number, bits=f"{number:03b}")


_FORMS = {
    "smallint": "{}",
    "integer": "{}",
    "bigint": "{}",
    "oid": "{}",
    "real": "{}.5",
    "double": "{}.5",
    "numeric": "{}.25",
    "money": "'{}.5'",
    "boolean": "({} % 2 = 0)",
    "text": "'{}'",
    "character": "'{}'",
    "uuid": "'00000000-0000-0000-0000-00000000000{}'",
    "inet": "'10.0.0.{}'",
    "bit": "B'{bits}'",
    "timestamp": "'2020-01-1{} 01:02:03.5'",
    "date": "'2020-01-1{}'",
    "time": "'01:02:0{}'",
    "json": "'[{}]'",
    "bytea": "'\\x0{}'",
}
