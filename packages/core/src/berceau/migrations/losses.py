"""What a migration takes away: found by comparing the database before and after it, and counted in the real rows."""

from __future__ import annotations

from collections.abc import Iterator, Set
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
    """Two states of a database between which tables and columns have kept their identity, and whose they are.

    A rename keeps an enum's identity, but a step that takes a value away makes it anew under its name: `via` is the
    state between the two, if both may have happened.
    """

    before: Catalog
    after: Catalog
    owners: Owners
    names: ModelNames
    via: Catalog | None = None

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
        for enum in self.before.enums:
            if (now := self._now(enum)) is not None:
                yield from ((enum, value) for value in enum.values if value not in now[1])

    def _now(self, enum: Enum) -> tuple[Enum, Set[str]] | None:
        """What has become of an enum; and those of its values, by their names before, that it still has."""
        now, values = enum, dict(zip(enum.values, enum.values, strict=True))
        for state in (self.via, self.after):
            found = state.enum_now(now) if state else now
            if found is None:
                return None
            kept = _kept_values(now, found)
            values = {value: kept[name] for value, name in values.items() if name in kept}
            now = found
        return now, values.keys()

    def owner(self, table: Table) -> str | None:
        """The component of a table."""
        return self.owners.of_table(table, self.before)

    def _widens(self, before: Column, after: Column) -> bool:
        """Whether nothing is lost by the type; values that an enum loses are told on their own."""
        old = next((enum for enum in self.before.enums if enum.is_type_of(before)), None)
        new = next((enum for enum in self.after.enums if enum.is_type_of(after)), None)
        if old and new and before.type.endswith("[]") == after.type.endswith("[]"):
            now = self._now(old)
            return (now is not None and now[0] == new) or set(old.values) <= set(new.values)
        return widens(before.type, after.type)


def _kept_values(before: Enum, after: Enum) -> dict[str, str]:
    """The values of an enum that are still there, with their names then."""
    if before.oid != after.oid:
        return {value: value for value in before.values if value in after.values}
    names = dict(zip(after.value_oids, after.values, strict=True))
    return {value: names[oid] for oid, value in zip(before.value_oids, before.values, strict=True) if oid in names}


@dataclass(frozen=True)
class Step:
    """A step that takes something away, of a table (with `column`: of that), or of an enum: its value."""

    what: str
    table: Table | None = None
    column: Column | None = None
    enum: Enum | None = None
    value: str = ""

    @property
    def name(self) -> str:
        """`Table`, `Table.column` or `Enum.value`."""
        if self.enum:
            return f"{self.enum.name}.{self.value}"
        name = self.table.name if self.table else ""
        return f"{name}.{self.column.name}" if self.column else name

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


def destructive_steps(comparison: Comparison) -> Iterator[Step]:
    """What is taken away between the two states."""
    for table in comparison.dropped_tables():
        yield Step("the table is dropped", table)
    for table, now, column in comparison.dropped_columns():
        anew = column.name in now.by_name
        what = "the column is dropped" + (" and made anew, as its values cannot be converted" if anew else "")
        yield Step(what, table, column)
    for table, column, changed in comparison.narrowed_columns():
        what = f"the type changes from {column.type} to {changed.type}, which may not hold each value"
        yield Step(what, table, column)
    for enum, value in comparison.dropped_values():
        yield Step("the value is dropped", enum=enum, value=value)


async def find_losses(comparison: Comparison, connection: Connection) -> tuple[Loss, ...]:
    """The destructive steps, with what is at stake in the database of `connection`, which is as it was before."""
    return tuple([await _loss(step, comparison, connection) for step in destructive_steps(comparison)])


async def _loss(step: Step, comparison: Comparison, connection: Connection) -> Loss:
    if step.table is None:
        enum = step.enum
        assert enum is not None
        stake = _count(await rows_with_value(connection, comparison.before, enum, step.value), "row") + " with it"
        names = comparison.names.names(enum.name, step.value)
        return Loss(step.name, step.what, comparison.owners.enums.get(enum.name), stake, frozenset(names))
    column = step.column
    what = f"count({quote_identifier(column.name)})" if column else "count(*)"
    number = await connection.fetchval(f"SELECT {what} FROM {step.table.sql}")  # noqa: S608
    names = comparison.names.names(step.table.name, column.name if column else None)
    stake = _count(number, "value" if column else "row")
    return Loss(step.name, step.what, comparison.owner(step.table), stake, frozenset(names))


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
