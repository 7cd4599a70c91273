"""`where` on rows in memory: true, false or, as in SQL, unknown (None) where a null is compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from berceau.testing.datamodel import Field, Model, Relation
from berceau.testing.fake.errors import database_error, not_faked
from berceau.testing.fake.store import Row, Tables
from berceau.testing.fake.values import Reference, compared

Truth = bool | None
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
}
PATTERNS = {"contains": "%{}%", "startsWith": "{}%", "endsWith": "%{}"}


def negated(truth: Truth) -> Truth:
    """SQL's NOT."""
    return None if truth is None else not truth


def all_of(truths: Iterable[Truth]) -> Truth:
    """SQL's AND."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        result = None if truth is None else result
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """SQL's OR."""
    return negated(all_of(negated(truth) for truth in truths))


def listed(value: Any) -> list[Any]:
    """Several filters; a single one counts as a list of one."""
    return value if isinstance(value, list) else [value]


def matches(tables: Tables, model: Model, where: Mapping[str, Any], row: Row) -> Truth:
    """Whether a row fits."""
    return all_of(condition(tables, model, name, value, row) for name, value in where.items())


def condition(tables: Tables, model: Model, name: str, value: Any, row: Row) -> Truth:
    """One entry of a `where`."""
    if name == "AND":
        return all_of(matches(tables, model, item, row) for item in listed(value))
    if name == "OR":
        return any_of(matches(tables, model, item, row) for item in listed(value) if item)
    if name == "NOT":
        return all_of(negated(matches(tables, model, item, row)) for item in listed(value) if item)
    if name in model.relations:
        return relation_condition(tables, model.relations[name], value, row)
    if name in model.key_names and name not in model.fields:
        return matches(tables, model, value, row)
    return field_condition(tables, model.fields[name], value, row)


# ------------------------------------------------------------ relations


def relation_condition(tables: Tables, relation: Relation, value: Any, row: Row) -> Truth:
    """A filter on related rows."""
    target = tables.models.models[relation.target]
    related = [tables.rows(target.name)[number] for number in tables.related(relation, row)]

    def fits(where: Mapping[str, Any]) -> list[Truth]:
        return [matches(tables, target, where, other) for other in related]

    if value is None:
        return not related
    if relation.many:
        return all_of(many_condition(name, fits(where)) for name, where in value.items())
    if not value.keys() <= {"is", "isNot"} or (value.keys() & target.fields.keys()):
        return any_of(fits(value))
    return all_of(one_condition(name, where, related, fits) for name, where in value.items())


def many_condition(name: str, truths: list[Truth]) -> bool:
    """`some`, `every` or `none`."""
    if name == "every":
        return False not in truths
    return (True in truths) is (name == "some")


def one_condition(
    name: str, where: Mapping[str, Any] | None, related: list[Row], fits: Callable[[Mapping[str, Any]], list[Truth]]
) -> Truth:
    """`is` or `isNot`."""
    truth: Truth = not related if where is None else any_of(fits(where))
    return truth if name == "is" else negated(truth)


# ------------------------------------------------------------ fields


def field_condition(tables: Tables, field: Field, value: Any, row: Row) -> Truth:
    """A filter on a field: a value, or operators."""
    if not isinstance(value, dict):
        value = {"equals": value}
    unknown = value.keys() - {"equals", "not", "mode"}
    if field.type == "Json" and not field.is_list and unknown:
        not_faked(f"the filter {', '.join(sorted(unknown))} on the JSON field {field}")
    ignore_case = value.get("mode") == "insensitive"
    return all_of(
        operation(tables, field, name, operand, row, ignore_case=ignore_case)
        for name, operand in value.items()
        if name != "mode"
    )


def operation(tables: Tables, field: Field, name: str, operand: Any, row: Row, *, ignore_case: bool) -> Truth:
    """One operator."""
    found = row[field.name]
    if name == "not":
        if isinstance(operand, dict):
            insensitive = ignore_case or operand.get("mode") == "insensitive"
            return all_of(  # Prisma negates each operator by itself.
                negated(operation(tables, field, inner, value, row, ignore_case=insensitive))
                for inner, value in operand.items()
                if inner != "mode"
            )
        return negated(operation(tables, field, "equals", operand, row, ignore_case=ignore_case))
    if isinstance(operand, Reference):
        operand = row[operand.field]
        if operand is None:
            return None
    if name == "equals" and operand is None:
        return found is None
    if field.is_list:
        return list_operation(tables, field, name, operand, found)
    if name in ("in", "notIn"):
        return one_of(tables, field, name, operand, found, ignore_case=ignore_case)
    if found is None or operand is None:
        return None
    if name in PATTERNS:
        return like(PATTERNS[name].format(operand), found, ignore_case=ignore_case)
    operand = compared(tables.models, field, operand)
    if name == "equals":
        return like(operand, found, ignore_case=True) if ignore_case else same(found, operand)
    if name in COMPARISONS:
        return COMPARISONS[name](*((found.lower(), operand.lower()) if ignore_case else (found, operand)))
    return not_faked(f"the filter {name!r} on {field}")


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal; NaN is, to PostgreSQL."""
    return bool(left == right) or (left != left and right != right)


def one_of(tables: Tables, field: Field, name: str, operands: Any, found: Any, *, ignore_case: bool) -> Truth:
    """`in` and `notIn`."""
    if isinstance(operands, Reference):
        not_faked(f"the filter {name!r} on {field} with another field")
    if not operands:
        return name == "notIn"
    if found is None:
        return None
    among = [compared(tables.models, field, operand) for operand in operands if operand is not None]
    if ignore_case:
        truth: Truth = any(like(operand, found, ignore_case=True) for operand in among)
    else:
        truth = any(same(found, operand) for operand in among)
    if not truth and None in operands:
        truth = None
    return truth if name == "in" else negated(truth)


def list_operation(tables: Tables, field: Field, name: str, operand: Any, found: list[Any] | None) -> Truth:
    """An operator of a list field."""
    if name == "isEmpty":
        return None if found is None else (not found) is operand
    if found is None or operand is None:
        return None
    operands = [None if item is None else compared(tables.models, field, item) for item in listed(operand)]
    match name:
        case "equals":
            return found == operands
        case "has":
            return operands[0] in found
        case "hasEvery":
            return all(item in found for item in operands)
        case "hasSome":
            return any(item in found for item in operands)
    return not_faked(f"the filter {name!r} on the list {field}")


def like(pattern: str, text: str, *, ignore_case: bool) -> bool:
    """SQL's LIKE: `%` stands for any text, `_` for any character, a backslash takes its meaning from the next one."""
    if pattern.endswith("\\") and (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        words = "Database error. Code: `22025`. Message: `LIKE pattern must not end with escape character`"
        raise database_error("P2039", words, "22025")
    parts, escaped = [], False
    for character in pattern:
        if escaped or character not in "%_\\":
            parts.append(re.escape(character))
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append(".*" if character == "%" else ".")
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.fullmatch("".join(parts), text, flags) is not None
