"""The query compiler's objections in the caller's terms: paths and names in Python, with the indices of lists.

The compiler sees Prisma's query, whose names, nesting and types are not quite what the caller wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from berceau.client.names import PYTHON_NAMES, type_name
from berceau.client.shape import Implied
from berceau.client.wrong_use import unknown

if TYPE_CHECKING:
    from berceau.client.errors import InputError
    from berceau.client.schema import InputType, ModelInfo, Schema

Route = list[tuple[str, Any]]

AGGREGATES = frozenset({"_count", "_avg", "_sum", "_min", "_max"})
WORDS = re.compile(rf"\b({'|'.join(name for name in PYTHON_NAMES if not name.islower())})\b")
REFUSED = re.compile(r"query argument \$\d+: (?P<value>.*) \((?P<reason>.*)\)$", re.DOTALL)
AT_ODDS = re.compile(r"fields? used (?:for|in) `?(orderBy|having)\b|'(take)' argument")
VALUE = re.compile(r"Invalid value for (\w+) argument|Provided (\w+) \(")


def explained(error: InputError, schema: Schema, model: ModelInfo, query: Mapping[str, Any]) -> InputError:
    """The compiler's error with path and message as the caller of the query would put them."""
    kind = error.meta.get("kind")
    place = Place(schema, model, query)
    if kind is None:
        text = str(error.args[0]).removeprefix("Input error. ")
        named = VALUE.search(text)
        if named:
            place.follow(lambda key, value: key == (named[1] or named[2]) and isinstance(value, int) and value < 0)
        elif "referenced scalar field" in text:
            place.follow(lambda key, value: isinstance(value, dict) and value.get("$type") == "FieldRef")
        elif "null-cursor" in text:
            place.follow(lambda key, value: key == "cursor")
        elif argument := AT_ODDS.search(text):
            place.follow(lambda key, value: key == (argument[1] or argument[2]))
            if not place.path:
                place.follow(lambda key, value: key in ("take", "skip"))
                text = "needs an `order` by fields that are in `by`"
        error.path = tuple(place.path)
        error.args = (in_python_words(text),)
        return error
    for name in error.meta.get("selectionPath", [])[1:]:
        place.select(name)
    for name in error.meta.get("argumentPath", []):
        place.enter(name)
    if kind == "EmptySelection":
        place.path.append("omit")
    error.path = tuple(place.path)
    error.args = (message(kind, error, place),)
    return error


def located(
    error: InputError, schema: Schema, model: ModelInfo, query: Mapping[str, Any], values: Mapping[str, Any]
) -> InputError:
    """The driver's error for a value that it cannot send, with the path to that value."""
    refused = REFUSED.search(str(error.args[0]))
    if refused is None or error.path:
        return error
    names = [name for name, value in values.items() if driver_text(value) == refused["value"]]
    for name in names:
        place = Place(schema, model, query)
        place.follow(lambda _, value, name=name: isinstance(value, dict) and param_name(value) == name)  # type: ignore[misc]
        error.path = tuple(place.path)
        error.args = (f"{refused['value']} does not fit the field's type in the database: {refused['reason']}",)
    return error


def driver_text(value: Any) -> str:
    """A value as the driver quotes it."""
    text = repr(value)
    return f"{text[:40]}..." if len(text) > 40 else text


def param_name(value: Mapping[str, Any]) -> str | None:
    """The name of a placeholder in a query; None for anything else."""
    return value["value"]["name"] if value.get("$type") == "Param" else None


class Place:
    """A place in a query while one goes down to it: the path in Python names, the type and the value there.

    `selected_from` is the model that the last field of the selection was asked of.
    """

    def __init__(self, schema: Schema, model: ModelInfo, query: Mapping[str, Any]) -> None:
        self.path: list[str] = []
        self.parent: Any = None
        self.value: Any = query["query"]["arguments"]
        self.type: InputType | None = model.actions.get(query["action"])
        self.selected_from = model
        self._schema = schema
        self._model = model
        self._selection: Any = query["query"]["selection"]

    def follow(self, wanted: Callable[[Any, Any], bool]) -> None:
        """Go down to the first argument that is wanted by its key and value; stay where there is none."""
        route = route_to({"arguments": self.value, "selection": self._selection}, wanted)
        for kind, name in route or ():
            self.select(name) if kind == "selection" else self.enter(name)

    def select(self, name: str) -> None:
        """Go to the arguments of a field of the selection."""
        selection = self._selection if isinstance(self._selection, dict) else {}
        below = selection.get(name)
        below = below if isinstance(below, dict) else {}
        self._selection, self.value = below.get("selection"), below.get("arguments")
        self.selected_from = self._model
        info = self._model.fields.get(name)
        if info is not None and info.kind == "object":
            self._model = self._schema.model(info.type)
            self.type = self._model.actions["findMany"]
        if self.path and self.path[-1] == "_count":
            self.path += ("select", name)
        elif name in AGGREGATES and "$scalars" not in selection:
            self.path.append(name[1:])
        elif self.path and self.path[-1] in {aggregate[1:] for aggregate in AGGREGATES}:
            self.path.append(name)
        else:
            self.path += ("include" if "$scalars" in selection else "select", name)

    def enter(self, name: str | int) -> None:
        """Go to an argument or a key, through the element of a list that lacks it unless an index says which."""
        if isinstance(name, int):
            self.path.append(str(name))
            self.value = self.value[name]
            return
        if isinstance(self.value, list):
            index = next((place for place, item in enumerate(self.value) if not is_given(item, name)), 0)
            self.path.append(str(index))
            self.value = self.value[index] if self.value else None
        self.parent = self.value if isinstance(self.value, dict) else None
        python = self.type.python_name(name) if self.type is not None else name
        field = self.type.get(python) if self.type is not None else None
        if not any(type(key) is Implied and key == name for key in self.parent or ()):
            self.path.append(python)
        self.value = self.parent.get(name) if self.parent is not None else None
        self.type = None if field is None else field.list_object if isinstance(self.value, list) else field.object


def is_given(item: Any, name: str) -> bool:
    """Whether an element of a list has a key."""
    return isinstance(item, dict) and name in item


def message(kind: str, error: InputError, place: Place) -> str:
    """What is wrong at the place."""
    match kind:
        case "RequiredArgumentMissing":
            return f"must be given: expected {types(error.meta['inputTypes'])}"
        case "SomeFieldsMissing":
            wanted = error.meta["constraints"].get("requiredFields") or [
                item["name"] for item in error.meta["inputType"]["fields"]
            ]
            return f"needs at least one of {', '.join(wanted)}"
        case "UnknownSelectionField":
            name = error.meta["selectionPath"][-1]
            known = [item["name"] for item in error.meta["outputType"]["fields"]]
            if place.path[-2] == "include":
                known = [item for item in known if item in place.selected_from.relations]
            return str(unknown(name, known, f"the {place.path[-2]} of {place.selected_from.name}", path=()))
        case "EmptySelection":
            return "leaves nothing: at least one field must be loaded"
        case "UnknownInputField" if place.parent is not None:
            return excluding(error.meta["inputType"], error.meta["argumentPath"][-1], place.parent)
        case "InvalidArgumentType" if isinstance(place.value, dict) and "$type" not in place.value:
            return not_one_key(place.value, in_a_list=place.path[-1] in ("order", "order_by"))
    return in_python_words(str(error.args[0]))


def excluding(input_type: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> str:
    """For fields that each exist but not together: relations beside the keys of relations."""
    known = {field["name"] for field in input_type["fields"]}
    others = [key for key in given if key != name and key in known]
    relations = [key for key in others if isinstance(given[key], dict) and "$type" not in given[key]]
    beside = f" beside {', '.join(map(repr, relations or others))}" if others else ""
    return f"cannot stand{beside}: give either relations (connect, create …) or their keys, not both"


def not_one_key(value: Mapping[str, Any], *, in_a_list: bool) -> str:
    """For objects that must have exactly one key."""
    found = ", ".join(repr(PYTHON_NAMES.get(key, key)) for key in value) or "none"
    several = "; several go into a list of dictionaries" if in_a_list else ""
    return f"takes exactly one key, found {found}{several}"


def types(described: Sequence[Mapping[str, Any]]) -> str:
    """Types by the names that they have in Python."""
    names = [
        f"list of {types([item['elementType']])}" if item["kind"] == "list" else type_name(str(item["name"]))
        for item in described
    ]
    return " or ".join(dict.fromkeys(names))


def in_python_words(text: str) -> str:
    """A message of the compiler with Prisma's words in Python."""
    return WORDS.sub(lambda match: PYTHON_NAMES[match[1]], text)


def route_to(level: Mapping[str, Any], wanted: Callable[[Any, Any], bool]) -> Route | None:
    """The steps to the first argument that is wanted, at this level of the selection or further down."""
    found = argument_route(level["arguments"], wanted)
    if found is not None:
        return found
    selection = level["selection"]
    for name, below in selection.items() if isinstance(selection, dict) else ():
        if isinstance(below, dict) and (found := route_to(below, wanted)) is not None:
            return [("selection", name), *found]
    return None


def argument_route(value: Any, wanted: Callable[[Any, Any], bool]) -> Route | None:
    """The steps through arguments, their keys and indices."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if wanted(key, item):
            return [("argument", key)]
        if (found := argument_route(item, wanted)) is not None:
            return [("argument", key), *found]
    return None
