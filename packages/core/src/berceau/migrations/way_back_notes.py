"""What a user should know of a way back before he goes it: said on top of `down.sql`."""

from __future__ import annotations

from collections.abc import Iterator

from berceau.migrations.catalog import Catalog, Table
from berceau.migrations.losses import Comparison, destructive_steps
from berceau.migrations.obstacles import has_key, has_unique
from berceau.migrations.ownership import ModelNames, Owners


def notes(after: Catalog, returned: Catalog) -> Iterator[str]:
    """What is lost on the way back from `after` to `returned`, and what rows it may be refused for."""
    comparison = Comparison(after, returned, Owners({}, {}), ModelNames({}, {}))
    yield from (f"Lost: {step}" for step in destructive_steps(comparison))
    for table, now in comparison.kept_tables():
        yield from (f"Refused {refusal}" for refusal in _refusals(table, now, returned))
    for enum, value in comparison.dropped_values():
        left = returned.enum_now(enum)
        if left and any(left.is_type_of(column) for table in returned.tables for column in table.columns):
            yield f"Refused if a row has the value {enum.name}.{value}"


def _refusals(table: Table, now: Table, returned: Catalog) -> Iterator[str]:
    for column in now.columns:
        before = table.by_number.get(column.number)
        if before is None and column.required and not column.fills_itself:
            yield f"if there are rows: {now.name}.{column.name} is required again, and has no default"
        if before and column.required and not before.required:
            yield f"if a row has no value in {now.name}.{column.name}, which is required again"
    empty = {one.number for one in now.columns if one.number not in table.by_number and not one.fills_itself}
    for index in now.indexes:
        if index.unique and not has_unique(table, index) and not empty & set(index.columns):
            yield f"if there are duplicates: {now.name} ({_names(now, index.columns)}) is unique again"
    for key in now.constraints:
        if key.kind == "f" and not has_key(table, key) and not empty & set(key.columns):
            other = returned.by_oid[key.other].name
            yield f"if a row refers to nothing: {now.name} ({_names(now, key.columns)}) refers to {other} again"


def _names(table: Table, numbers: tuple[int, ...]) -> str:
    return ", ".join(table.by_number[number].name for number in numbers if number in table.by_number)
