"""Turns what the query compiler objects to into a typed error that names the argument and says what would fit.

The compiler gives every objection the code P2009; what it is about stands in `kind`. Where an argument may be of
several types, it reports one objection for each; the one that got deepest is the one that was meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from berceau_engine.errors import (
    EngineError,
    FieldNotFoundError,
    InputError,
    InvalidValueError,
    MissingRequiredValueError,
    PrismaError,
    ValueOutOfRangeError,
    WrongTypeError,
    error_for,
)
from berceau_engine.javascript import without_undefined

KINDS: dict[str, tuple[type[InputError], str]] = {
    "RequiredArgumentMissing": (MissingRequiredValueError, "P2012"),
    "SomeFieldsMissing": (MissingRequiredValueError, "P2012"),
    "InvalidArgumentType": (WrongTypeError, "P2007"),
    "InvalidArgumentValue": (InvalidValueError, "P2007"),
    "ValueTooLarge": (ValueOutOfRangeError, "P2020"),
    "UnknownInputField": (FieldNotFoundError, "P2009"),
    "UnknownArgument": (FieldNotFoundError, "P2009"),
    "UnknownSelectionField": (FieldNotFoundError, "P2009"),
}
"""Class and code of the error for each kind of objection; others are an `InputError` with the code they come with."""
# Objections to values that the compiler makes before it looks at the schema, without code or place.
VALUE_AT_FAULT = re.compile(r"Invalid value for \w+ argument: [^\"]+|Could not convert argument value .+")
PREFERENCE = {
    "InvalidArgumentValue": 20,
    "ValueTooLarge": 20,
    "SomeFieldsMissing": 15,
    "InvalidArgumentType": 10,
    "RequiredArgumentMissing": -10,
}


def compile_error(thrown: Any) -> PrismaError:
    """The typed error for what `compile` threw: an object with `message`, `code` and `meta`."""
    thrown = without_undefined(thrown)
    if not isinstance(thrown, dict) or "code" not in thrown:
        text = str(thrown.get("message") if isinstance(thrown, dict) else thrown)
        if match := VALUE_AT_FAULT.search(text):
            return error_for("P2007", match[0])
        return EngineError(f"Prisma's query compiler does not understand the query: {text}")
    meta = thrown.get("meta") or {}
    if "kind" not in meta:
        return error_for(str(thrown["code"]), str(thrown["message"]), meta)
    objection = most_specific(meta)
    kind = str(objection["kind"])
    path = (*objection.get("selectionPath", [])[1:], *objection.get("argumentPath", []))
    error_class, code = KINDS.get(kind, (InputError, str(thrown["code"])))
    error = error_class(explanation(objection), code=code, meta=objection)
    error.path = path
    return error


def most_specific(objection: Mapping[str, Any]) -> dict[str, Any]:
    """The one objection among alternatives that is closest to what the caller meant."""
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for leaf in leaves(objection):
        key = (leaf["kind"], *place(leaf))
        if key in merged and leaf["kind"] == "InvalidArgumentType":
            argument = merged[key]["argument"]
            names = dict.fromkeys([*argument["typeNames"], *leaf["argument"]["typeNames"]])
            merged[key]["argument"] = {**argument, "typeNames": list(names)}
        else:
            merged.setdefault(key, dict(leaf))
    return max(merged.values(), key=lambda leaf: (len(place(leaf)), PREFERENCE.get(leaf["kind"], 0)))


def leaves(objection: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objections that are no lists of alternatives themselves."""
    if objection["kind"] != "Union":
        return [objection]
    return [leaf for alternative in objection["errors"] for leaf in leaves(alternative)]


def place(objection: Mapping[str, Any]) -> tuple[str, ...]:
    """Where in the query an objection lies."""
    return (*objection.get("selectionPath", []), *objection.get("argumentPath", []))


def explanation(objection: Mapping[str, Any]) -> str:
    """What is wrong at the place, in one sentence or two."""
    kind = objection["kind"]
    argument = (objection.get("argumentPath") or [""])[-1]
    match kind:
        case "UnknownInputField":
            known = names(objection["inputType"]["fields"])
            return f"{objection['inputType']['name']} has no field `{argument}`.{suggestion(argument, known)}"
        case "UnknownArgument":
            known = names(objection["arguments"])
            return f"the operation has no argument `{argument}`.{suggestion(argument, known)}"
        case "UnknownSelectionField":
            field, known = objection["selectionPath"][-1], names(objection["outputType"]["fields"])
            return f"{objection['outputType']['name']} has no field `{field}`.{suggestion(field, known)}"
        case "SelectionSetOnScalar":
            return "this is a plain value, of which nothing can be selected."
        case "EmptySelection":
            return "nothing is selected; at least one field must be."
        case "RequiredArgumentMissing":
            return f"A value is required but not set ({types(objection['inputTypes'])})."
        case "InvalidArgumentType":
            return f"the value has the wrong type: expected {expected(objection)}, got {objection['inferredType']}."
        case "InvalidArgumentValue":
            reason = f": {objection['underlyingError']}" if objection.get("underlyingError") else ""
            return f"the value is not a valid {expected(objection)}{reason}."
        case "ValueTooLarge":
            return "the number is too large for the field."
        case "SomeFieldsMissing":
            wanted = objection["constraints"].get("requiredFields") or names(objection["inputType"]["fields"])
            return (
                f"at least {objection['constraints'].get('minFieldCount', 1)} of these is needed: {', '.join(wanted)}."
            )
        case "TooManyFieldsGiven":
            return f"at most {objection['constraints'].get('maxFieldCount', 1)} field may be given here."
    return str(kind)


def expected(objection: Mapping[str, Any]) -> str:
    """The types that an argument may have; references to other fields are left out where a value would do."""
    known = [str(name) for name in objection["argument"]["typeNames"]]
    return " or ".join([name for name in known if not name.endswith("FieldRefInput")] or known)


def names(described: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of described fields or arguments."""
    return [str(item["name"]) for item in described]


def suggestion(wrong: str, known: Sequence[str]) -> str:
    """What may have been meant, or all that there is."""
    near = difflib.get_close_matches(wrong, known, n=1)
    if near:
        return f" Did you mean `{near[0]}`?"
    return f" Known are: {', '.join(known)}." if known else ""


def types(described: Sequence[Mapping[str, Any]]) -> str:
    """The names of possible types."""
    found = [f"{types([item['elementType']])}[]" if item["kind"] == "list" else str(item["name"]) for item in described]
    return " or ".join(dict.fromkeys(found))
