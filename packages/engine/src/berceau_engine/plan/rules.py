"""Checks inside a plan: what must hold of the rows found so far, and the error if it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from berceau_engine.errors import DataError, EngineError, error_for

Rule = Callable[[Any], bool]

CODES = {
    "RELATION_VIOLATION": "P2014",
    "RECORDS_NOT_CONNECTED": "P2017",
    "INCOMPLETE_CONNECT_OUTPUT": "P2018",
    "MISSING_RECORD": "P2025",
    "MISSING_RELATED_RECORD": "P2025",
    "INCOMPLETE_CONNECT_INPUT": "P2025",
}
DEPENDS = "An operation failed because it depends on one or more records that were required but not found."


def row_count(value: Any) -> int:
    """How many rows a plan value stands for."""
    return len(value) if isinstance(value, list) else 0 if value is None else 1


def rule(spec: Mapping[str, Any]) -> Rule:
    """The check that a rule of the plan describes. Raises `EngineError` for an unknown one."""
    expected = spec.get("args")
    match spec["type"]:
        case "rowCountEq":
            return lambda value: row_count(value) == expected
        case "rowCountNeq":
            return lambda value: row_count(value) != expected
        case "affectedRowCountEq":
            return lambda value: bool(value == expected)
        case "never":
            return lambda value: False
    raise EngineError(f"The plan holds an unknown rule: {spec['type']}")


def violation(identifier: str, context: Mapping[str, Any], value: Any) -> DataError:
    """The error of a check that failed; `context` is the plan's, `value` what was found."""
    found = row_count(value)
    match identifier:
        case "RELATION_VIOLATION":
            message = (
                f"The change you are trying to make would violate the required relation '{context['relation']}' "
                f"between the `{context['modelA']}` and `{context['modelB']}` models."
            )
        case "RECORDS_NOT_CONNECTED":
            message = (
                f"The records for relation `{context['relation']}` between the `{context['parent']}` and "
                f"`{context['child']}` models are not connected."
            )
        case "INCOMPLETE_CONNECT_OUTPUT":
            message = (
                f"The required connected records were not found. Expected {context['expectedRows']} records to be "
                f"connected after connect operation on {context['relationType']} relation '{context['relation']}', "
                f"found {found}."
            )
        case "MISSING_RECORD":
            message = f"{DEPENDS} No record was found for {context['operation']}."
        case "MISSING_RELATED_RECORD":
            needed = f" (needed to {context['neededFor']})" if context.get("neededFor") else ""
            message = (
                f"{DEPENDS} No '{context['model']}' record{needed} was found for {context['operation']} on "
                f"{context['relationType']} relation '{context['relation']}'."
            )
        case "INCOMPLETE_CONNECT_INPUT":
            message = f"{DEPENDS} Expected {context['expectedRows']} records to be connected, found only {found}."
        case _:
            raise EngineError(f"The plan holds an unknown check: {identifier}")
    return error_for(CODES[identifier], message, dict(context))
