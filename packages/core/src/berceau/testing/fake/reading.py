"""Finding rows in memory: filter, order, cursor, distinct and paging."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from berceau.testing.datamodel import Field, Model
from berceau.testing.fake.errors import not_faked
from berceau.testing.fake.filters import listed, matches
from berceau.testing.fake.store import Row, Tables


@dataclass(frozen=True)
class Order:
    """One criterion: how to get at its value, and in which direction."""

    value: Callable[[Row], Any]
    descending: bool
    nulls_first: bool

    def compare(self, left: Row, right: Row) -> int:
        """-1, 0 or 1 as the left row stands before, beside or after the right one."""
        one, other = self.value(left), self.value(right)
        if one is None or other is None:
            if one is None and other is None:
                return 0
            return -1 if (one is None) is self.nulls_first else 1
        if one == other:
            return 0
        return -1 if (one < other) is not self.descending else 1


def find(tables: Tables, model: Model, arguments: Mapping[str, Any], among: Collection[int] | None = None) -> list[int]:
    """The numbers of the rows that an operation's arguments find, in order."""
    rows = tables.rows(model.name)
    numbers = list(rows if among is None else among)
    where = arguments.get("where")
    if where:
        numbers = [number for number in numbers if matches(tables, model, where, rows[number]) is True]
    take, skip = arguments.get("take"), arguments.get("skip") or 0
    orders = orders_of(tables, model, arguments.get("orderBy") or [])
    if not orders and (skip or take is not None or "cursor" in arguments):
        orders = [field_order(tables, model.fields[name], "asc") for name in model.identifier]
    backwards = take is not None and take < 0

    def compare(left: int, right: int) -> int:
        for order in orders:
            if (found := order.compare(rows[left], rows[right])) != 0:
                return -found if backwards else found
        return 0

    numbers.sort(key=cmp_to_key(compare))
    if "cursor" in arguments:
        candidates = rows if among is None else among
        start = next((n for n in candidates if matches(tables, model, arguments["cursor"], rows[n]) is True), None)
        numbers = [] if start is None else [number for number in numbers if compare(number, start) >= 0]
    if "distinct" in arguments:
        numbers = distinct(rows, numbers, arguments["distinct"])
    numbers = numbers[skip:] if take is None else numbers[skip : skip + abs(take)]
    return numbers[::-1] if backwards else numbers


def distinct(rows: Mapping[int, Row], numbers: list[int], fields: Any) -> list[int]:
    """The first row of each combination of values."""
    kept: dict[str, int] = {}
    for number in numbers:
        key = repr([rows[number][name] for name in listed(fields)])
        kept.setdefault(key, number)
    return list(kept.values())


def orders_of(tables: Tables, model: Model, given: Any) -> list[Order]:
    """The criteria of an `orderBy`."""
    return [order_of(tables, model, name, how) for item in listed(given) for name, how in item.items()]


def order_of(tables: Tables, model: Model, name: str, how: Any) -> Order:
    """One criterion: a field, a field of a related record, or how many related records there are."""
    if name in model.fields:
        return field_order(tables, model.fields[name], how)
    if name not in model.relations:
        not_faked(f"the order {name!r} of {model.name}")
    relation = model.relations[name]
    ((inner, further),) = how.items()
    if inner == "_count":
        return Order(lambda row: len(tables.related(relation, row)), further == "desc", further == "desc")
    below = order_of(tables, tables.models.models[relation.target], inner, further)

    def value(row: Row) -> Any:
        related = tables.related(relation, row)
        return below.value(tables.rows(relation.target)[related[0]]) if related else None

    return Order(value, below.descending, below.nulls_first)


def field_order(tables: Tables, field: Field, how: Any) -> Order:
    """The criterion of a field: `asc`, `desc`, or with a place for nulls."""
    direction, nulls = (how["sort"], how.get("nulls")) if isinstance(how, dict) else (how, None)
    descending = direction == "desc"
    nulls_first = descending if nulls is None else nulls == "first"
    if field.type == "Json":
        not_faked(f"the order by the JSON field {field}")
    if field.kind == "enum":
        places = {name: place for place, name in enumerate(tables.models.enums[field.type])}

        def value(row: Row) -> Any:
            found = row[field.name]
            if isinstance(found, list):
                return [places[item] for item in found]
            return None if found is None else places[found]

        return Order(value, descending, nulls_first)
    return Order(lambda row: row[field.name], descending, nulls_first)


def unique(tables: Tables, model: Model, where: Mapping[str, Any]) -> int | None:
    """The row with these unique values, if it also fits what else is asked; None if there is none."""
    rows = tables.rows(model.name)
    return next((number for number, row in rows.items() if matches(tables, model, where, row) is True), None)
