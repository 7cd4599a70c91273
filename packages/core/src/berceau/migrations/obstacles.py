"""What the rows of a database do not allow: found before a migration is written, by asking for the rows themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from berceau.migrations.catalog import Catalog, Column, Constraint, Index, Table
from berceau.migrations.losses import Comparison, rows_with_value
from berceau_engine.postgres import Connection, quote_identifier

_EXAMPLES = 3


@dataclass(frozen=True)
class Obstacles:
    """Looks for rows that stand against the steps from `comparison.before` to `comparison.after`.

    `comparison.before` is the database as it is when the generated steps begin; `real` is the catalog of the database
    as it is now, with the same identities. A table that an upgrade script works on before is not looked at.
    """

    comparison: Comparison
    real: Catalog
    connection: Connection

    async def find(self) -> tuple[str, ...]:
        """A sentence for each."""
        found = [sentence async for sentence in self._in_tables()]
        for enum, value in self.comparison.dropped_values():
            if rows := await rows_with_value(self.connection, self._kept, enum, value):
                found.append(f"{enum.name}.{value}: the value is dropped, but {_rows(rows)} it")
        return tuple(found)

    @property
    def _kept(self) -> Catalog:
        """The tables and columns as they are now that will still be there."""
        after = self.comparison.after.by_oid
        tables = (
            replace(table, columns=tuple(one for one in table.columns if one.number in after[table.oid].by_number))
            for table in self.real.tables
            if table.oid in after
        )
        return replace(self.real, tables=tuple(tables))

    async def _in_tables(self) -> AsyncIterator[str]:
        for table, now in self.comparison.kept_tables():
            rows = self.real.by_oid.get(table.oid)
            if rows is None:
                continue
            async for sentence in self._required(rows, table, now):
                yield sentence
            for index in now.indexes:
                if index.unique and not has_unique(table, index):
                    async for sentence in self._duplicates(rows, table, now, index):
                        yield sentence
            for constraint in now.constraints:
                if constraint.kind == "f" and not has_key(table, constraint):
                    async for sentence in self._orphans(rows, constraint):
                        yield sentence

    async def _required(self, rows: Table, table: Table, now: Table) -> AsyncIterator[str]:
        for column in now.columns:
            before = table.by_number.get(column.number)
            if before is None and column.required and not column.fills_itself:
                count = await self._count(rows, "true")
                if count:
                    yield f"{now.name}.{column.name}: a new required column without a default, but there {_are(count)}"
            old = rows.by_number.get(column.number)
            if before and old and column.required and not before.required:
                count = await self._count(rows, f"{quote_identifier(old.name)} IS NULL")
                if count:
                    yield f"{now.name}.{column.name}: the column becomes required, but {_rows(count)} no value"

    async def _duplicates(self, rows: Table, table: Table, now: Table, index: Index) -> AsyncIterator[str]:
        alike = {one.number for one in now.columns if one.number not in table.by_number and _is_the_same(one)}
        kept = tuple(number for number in index.columns if number not in alike)
        columns = _names(rows, kept)
        if index.partial or len(columns) < len(kept):
            return
        label = ", ".join(_label(rows, now, number) for number in index.columns)
        if not kept:
            count = await self._count(rows, "true")
            if count > 1:
                yield f"{rows.name}.{label}: a new unique index, but all of the {count} rows get the same default"
            return
        names = ", ".join(quote_identifier(column.name) for column in columns)
        present = " AND ".join(f"{quote_identifier(column.name)} IS NOT NULL" for column in columns)
        found = await self.connection.fetch(
            f"SELECT {', '.join(quote_identifier(column.name) + '::text' for column in columns)}, count(*) "  # noqa: S608
            f"FROM {rows.sql} WHERE {'true' if index.nulls_alike else present} GROUP BY {names} HAVING count(*) > 1 "
            f"ORDER BY count(*) DESC, 1 LIMIT {_EXAMPLES + 1}"
        )
        if found:
            examples = [f"({', '.join(map(repr, row[:-1]))}) {row[-1]} times" for row in map(tuple, found)]
            listed = ", ".join(examples[:_EXAMPLES]) + (", …" if len(found) > _EXAMPLES else "")
            yield f"{rows.name}.{label}: a new unique index, but there are duplicates: {listed}"

    async def _orphans(self, rows: Table, constraint: Constraint) -> AsyncIterator[str]:
        other = self.real.by_oid.get(constraint.other)
        columns = _names(rows, constraint.columns)
        others = _names(other, constraint.other_columns) if other else []
        label = ", ".join(column.name for column in columns)
        present = " AND ".join(f"a.{quote_identifier(column.name)} IS NOT NULL" for column in columns)
        if columns and constraint.other not in self.comparison.before.by_oid:
            count = await self.connection.fetchval(f"SELECT count(*) FROM {rows.sql} a WHERE {present}")  # noqa: S608
            if count:
                name = self.comparison.after.by_oid[constraint.other].name
                yield f"{rows.name}.{label}: a foreign key to {name}, which is made anew, but {_rows(count)} a value"
            return
        if other is None or not columns or not others:
            return
        same = " AND ".join(
            f"a.{quote_identifier(one.name)} = b.{quote_identifier(two.name)}"
            for one, two in zip(columns, others, strict=True)
            if one.type == two.type
        )
        if not same:
            return
        count = await self.connection.fetchval(
            f"SELECT count(*) FROM {rows.sql} a WHERE {present} AND NOT EXISTS (SELECT FROM {other.sql} b WHERE {same})"  # noqa: S608
        )
        if count:
            yield f"{rows.name}.{label}: a new foreign key to {other.name}, but {_rows(count)} a value that it lacks"

    async def _count(self, table: Table, where: str) -> int:
        count: int = await self.connection.fetchval(f"SELECT count(*) FROM {table.sql} WHERE {where}")  # noqa: S608
        return count


def has_unique(table: Table, index: Index) -> bool:
    """Whether a table has a unique index like this one."""
    return any(one.unique and one.columns == index.columns and one.partial == index.partial for one in table.indexes)


def has_key(table: Table, constraint: Constraint) -> bool:
    """Whether a table has a foreign key like this one."""
    mine = (constraint.columns, constraint.other, constraint.other_columns)
    return any(one.kind == "f" and (one.columns, one.other, one.other_columns) == mine for one in table.constraints)


def _names(table: Table, numbers: tuple[int, ...]) -> list[Column]:
    """The columns of these numbers; none if one of them is not there, or is an expression."""
    columns = [table.by_number[number] for number in numbers if number in table.by_number]
    return columns if len(columns) == len(numbers) else []


def _label(rows: Table, now: Table, number: int) -> str:
    """The name of a column as it is now, or will be."""
    column = rows.by_number.get(number) or now.by_number.get(number)
    return column.name if column else "(expression)"


def _is_the_same(column: Column) -> bool:
    """Whether a new column gets the same value in all rows: a default that calls nothing."""
    return column.value is not None and not column.kind and ("(" not in column.value or column.value == "now()")


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count} rows have"


def _are(count: int) -> str:
    return "is 1 row" if count == 1 else f"are {count} rows"
