"""What a migration takes away: found by comparing the database before and after it, and counted in the real rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from berceau.migrations.catalog import Catalog, Column, Enum, Table
from berceau.migrations.ownership import ModelNames, Owners
from berceau.migrations.type_widths import widens
from berceau_engine.postgres import Connection, quote_identifier


@dataclass(frozen=True)
class Loss:
    """One destructive step.

    Attributes:
        name: what it is consented to by: `Table`, `Table.column` or `Enum.value`.
        what: what happens to it, in a sentence.
        component: the component that it belongs to; None: the host.
        stake: what is at stake in the database as it is.
        names: all the names that may be given for it.
    """

    name: str
    what: str
    component: str | None
    stake: str
    names: frozenset[str] = field(repr=False)

    def __str__(self) -> str:
        owner = f"component {self.component!r}" if self.component else "the host"
        return f"{self.name} ({owner}): {self.what}; {self.stake}"


@dataclass(frozen=True)
class Comparison:
    """Two states of a database between which tables and columns have kept their identity, and whose they are."""

    before: Catalog
    after: Catalog
    owners: Owners
    names: ModelNames

    def dropped_tables(self) -> Iterator[Table]:
        """Tables that are gone."""
        return (table for table in self.before.tables if not table.is_view and table.oid not in self.after.by_oid)

    def kept_tables(self) -> Iterator[tuple[Table, Table]]:
        """Tables before and after."""
        for table in self.before.tables:
            if not table.is_view and (now := self.after.by_oid.get(table.oid)):
                yield table, now

    def dropped_columns(self) -> Iterator[tuple[Table, Table, Column]]:
        """Columns that are gone while their table is not."""
        for table, now in self.kept_tables():
            for column in table.columns:
                if column.number not in now.by_number:
                    yield table, now, column

    def narrowed_columns(self) -> Iterator[tuple[Table, Column, Column]]:
        """Columns whose type has become one that may not hold each value."""
        for table, now in self.kept_tables():
            for column in table.columns:
                changed = now.by_number.get(column.number)
                if changed and changed.type != column.type and not self._widens(column, changed):
                    yield table, column, changed

    def dropped_values(self) -> Iterator[tuple[Enum, str]]:
        """Values that an enum has no more."""
        after = {enum.oid: enum for enum in self.after.enums} | {(e.schema, e.name): e for e in self.after.enums}
        for enum in self.before.enums:
            now = after.get(enum.oid) or after.get((enum.schema, enum.name))
            for value in enum.values if now else ():
                if now and value not in now.values:
                    yield enum, value

    def owner(self, table: Table) -> str | None:
        """The component of a table."""
        return self.owners.of_table(table, self.before)

    def _widens(self, before: Column, after: Column) -> bool:
        old = next((enum for enum in self.before.enums if enum.oid == before.type_oid), None)
        new = next((enum for enum in self.after.enums if enum.oid == after.type_oid), None)
        if old and new:
            return set(old.values) <= set(new.values)
        return widens(before.type, after.type)


async def find_losses(comparison: Comparison, connection: Connection) -> tuple[Loss, ...]:
    """The destructive steps, with what is at stake in the database of `connection`, which is as it was before."""
    losses = []
    for table in comparison.dropped_tables():
        rows = await connection.fetchval(f"SELECT count(*) FROM {table.sql}")  # noqa: S608
        losses.append(_loss(comparison, table, None, "the table is dropped", _count(rows, "row")))
    for table, now, column in comparison.dropped_columns():
        anew = column.name in now.by_name
        what = "the column is dropped" + (" and made anew, as its values cannot be converted" if anew else "")
        losses.append(_loss(comparison, table, column, what, await _values(connection, table, column)))
    for table, column, changed in comparison.narrowed_columns():
        what = f"the type changes from {column.type} to {changed.type}, which may not hold each value"
        losses.append(_loss(comparison, table, column, what, await _values(connection, table, column)))
    for enum, value in comparison.dropped_values():
        rows = await rows_with_value(connection, comparison.before, enum, value)
        names = frozenset(comparison.names.names(enum.name, value))
        owner = comparison.owners.enums.get(enum.name)
        losses.append(
            Loss(f"{enum.name}.{value}", "the value is dropped", owner, _count(rows, "row") + " with it", names)
        )
    return tuple(losses)


def _loss(comparison: Comparison, table: Table, column: Column | None, what: str, stake: str) -> Loss:
    name = table.name if column is None else f"{table.name}.{column.name}"
    names = comparison.names.names(table.name, column.name if column else None)
    return Loss(name, what, comparison.owner(table), stake, frozenset(names))


async def _values(connection: Connection, table: Table, column: Column) -> str:
    name = quote_identifier(column.name)
    return _count(await connection.fetchval(f"SELECT count({name}) FROM {table.sql}"), "value")  # noqa: S608


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


async def rows_with_value(connection: Connection, before: Catalog, enum: Enum, value: str) -> int:
    """How many fields hold a value of an enum."""
    count = 0
    for table in before.tables:
        for column in table.columns:
            if table.is_view or not enum.is_type_of(column):
                continue
            test = "$1 = ANY({}::text[])" if column.type.endswith("[]") else "{}::text = $1"
            where = test.format(quote_identifier(column.name))
            count += await connection.fetchval(f"SELECT count(*) FROM {table.sql} WHERE {where}", value)  # noqa: S608
    return count
