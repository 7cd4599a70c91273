"""What an argument accepts and what a result is, as annotations: the DMMF's types in Python's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from berceau.client.names import client_attribute
from berceau.generator.stubs_behind import NESTED, RELATION_ARGUMENTS, SHARED, input_home, related_home, where_home
from berceau.generator.stubs_graph import InputGraph
from berceau.generator.stubs_shapes import Alternative
from berceau.generator.stubs_text import StubModule

ENUMS = "enums"

MODELS = "_models"
"""The package of the models' classes."""

SCALARS = {
    "String": "str",
    "Int": "int",
    "BigInt": "int",
    "Float": "float",
    "Decimal": "_Decimal",
    "Boolean": "bool",
    "DateTime": "_datetime",
    "Json": "_Json",
    "Bytes": "_Base64",
}
"""Prisma's scalar types in Python. The modules of the stubs import helpers under names that begin with an underscore,
which no field of a schema can have."""

BARE_JSON = {"JsonFilter": "", "JsonNullableFilter": "Null"}
"""Filters that a bare value may stand for, in place of `{"equals": value}`, and whether None may, too."""

_NULLS = frozenset({"Null", "NullableJsonNullValueInput", "JsonNullValueFilter"})
"""What None stands for. Of the two nulls of a JSON field it is the database's."""

ORDER_BY_COUNT = "OrderByRelationAggregateInput"
"""To order by how many records a relation has is the same for every model."""


SHARED_NAMES = ("AnyMapping", "FieldRef", "MYPY", "PrismaModel", "Strings", "UpsertInput")
"""What the shared module defines for every schema."""

CONDITIONS = ("WhereInput", "ScalarWhereInput")
"""The types that hold themselves, in `AND`, `OR` and `NOT`. mypy reads a module with such a type three times before it
knows what that is, so that they have a module of their own."""

_OWN = """
    Include Select Omit ReturningInclude ReturningSelect CountAggregateInput CountAggregateOutput AvgAggregateInput
    SumAggregateInput MinAggregateInput MaxAggregateInput Aggregate GroupByOutput
""".split()  # noqa: SIM905 - a list of words is easier to read than a list of strings
"""The types of a model's inputs module that are none of the DMMF's input types."""


@dataclass(frozen=True)
class Annotation:
    """An annotation, and the names of the package that are in it."""

    text: str
    names: tuple[str, ...]


@dataclass
class Annotations:
    """Writes the annotations of one schema; each distinct one is made once.

    Attributes:
        graph: the input types.
        names: input type of the DMMF → its name in the stubs.
        pairs: checked input type that is kept apart from its unchecked counterpart → the name of either.
        homes: name in the stubs → the module that defines it.
        words: Prisma's own enums and their values.
    """

    graph: InputGraph
    names: Mapping[str, str]
    pairs: Mapping[str, str]
    homes: Mapping[str, str]
    words: Mapping[str, Sequence[str]]
    _made: dict[tuple[Alternative, ...], Annotation] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: InputGraph, dmmf: Mapping[str, Any]) -> Annotations:
        """For a schema."""
        both = {checked: name for name in graph.reached if (checked := graph.checked_name(name)) in graph.reached}
        pairs = {checked: checked for checked, name in both.items() if not graph.covers(name, checked)}
        names = _list_operations(dmmf)
        names |= {name: _stub_name(graph, name, both.keys(), pairs) for name in graph.reached if name not in names}
        homes = {names[name]: _home(graph, name, names[name]) for name in graph.reached}
        homes |= {pair: _home(graph, pair, pair) for pair in pairs}
        models = [model["name"] for model in dmmf["datamodel"]["models"]]
        homes |= {name.format(model): related_module(model) for model in models for name in RELATION_ARGUMENTS}
        homes |= {f"{model}{name}": input_module(model) for model in models for name in _OWN}
        homes |= {f"{model}Fields": actions_module(model) for model in models}
        homes |= dict(_words(dmmf)) | dict.fromkeys(SHARED_NAMES, SHARED)
        words = {item["name"]: item["values"] for item in dmmf["schema"]["enumTypes"]["prisma"]}
        return cls(graph, names, pairs, homes, words)

    def accepted(self, module: StubModule, alternatives: tuple[Alternative, ...]) -> str:
        """The annotation of an argument or a key, its names imported into the module."""
        made = self.of_alternatives(alternatives)
        for name in made.names:
            module.need(self.homes[name], name)
        return made.text

    def of_alternatives(self, alternatives: tuple[Alternative, ...]) -> Annotation:
        """The annotation of what accepts one of several types."""
        made = self._made.get(alternatives)
        if made is None:
            made = self._made[alternatives] = self._accepted(self.graph.reduce(alternatives))
        return made

    def use(self, module: StubModule, name: str) -> str:
        """A name of the package, imported into the module."""
        return module.need(self.homes[name], name)

    def result(self, module: StubModule, item: Mapping[str, Any]) -> str:
        """The annotation of a scalar or enum field of a model, without None."""
        text = SCALARS.get(item["type"]) if item["kind"] == "scalar" else module.hide(ENUMS, item["type"])
        return f"list[{text}]" if item["isList"] else str(text)

    def _accepted(self, alternatives: tuple[Alternative, ...]) -> Annotation:
        parts: list[str] = []
        names: list[str] = []
        bare = [BARE_JSON[name] for name, _, _ in alternatives if name in BARE_JSON]
        if bare:
            alternatives = (
                *alternatives,
                ("Json", "scalar", False),
                *((null, "scalar", False) for null in bare if null),
            )
        for wanted in (False, True):
            group = [(name, kind) for name, kind, is_list in alternatives if is_list is wanted]
            objects = [self.names[name] for name, kind in group if kind == "input"]
            names += objects
            if objects:
                parts.append(f"_Sequence[{' | '.join(objects)}]" if wanted else " | ".join(objects))
            for name, kind in group:
                parts += self._plain(name, kind, wanted, names)
        if any(name in _NULLS for name, _, _ in alternatives):
            parts.append("None")
        return Annotation(" | ".join(dict.fromkeys(parts)), tuple(names))

    def _plain(self, name: str, kind: str, is_list: bool, names: list[str]) -> Iterator[str]:
        if kind == "input" or name in ("Null", "EnumQueryModeFieldRefInput"):
            return
        if kind == "field":
            yield self._field_reference(name, names)
        elif kind == "scalar" and is_list:
            if name == "String":
                names.append("Strings")
                yield "Strings"
            else:
                yield f"_Sequence[{SCALARS[name]}]"
        elif kind == "scalar":
            yield SCALARS[name]
        else:
            word = enum_value(name) if kind == "enum" else word_name(name)
            names.append(word)
            yield f"_Sequence[{word}]" if is_list else word

    def _field_reference(self, name: str, names: list[str]) -> str:
        inner = name.removesuffix("FieldRefInput")
        is_list = inner.startswith("List")
        inner = inner.removeprefix("List")
        if inner in SCALARS:
            inner = SCALARS[inner]
        else:
            inner = inner.removeprefix("Enum")
            names.append(inner)
        names.append("FieldRef")
        return f"FieldRef[list[{inner}]]" if is_list else f"FieldRef[{inner}]"


def where_module(model: str) -> str:
    """The module of the conditions on a model's records."""
    return where_home(client_attribute(model))


def input_module(model: str) -> str:
    """The module of a model's other inputs and of the numbers over its records."""
    return input_home(client_attribute(model))


def related_module(model: str) -> str:
    """The module of a model's types behind relations."""
    return related_home(client_attribute(model))


def actions_module(model: str) -> str:
    """The module of a model's operations and of the references to its fields."""
    return f"_actions.{client_attribute(model)}"


def model_module(model: str) -> str:
    """The module of a model's classes."""
    return f"{MODELS}.{client_attribute(model)}"


def enum_value(enum: str) -> str:
    """The type of a value of an enum as an argument: a member, or its name as text."""
    return f"{enum}Value"


def word_name(word: str) -> str:
    """The name of one of Prisma's own enums in the stubs."""
    return word.removesuffix("ScalarFieldEnum") + "ScalarFieldKeys" if word.endswith("ScalarFieldEnum") else word


def _is_nested_filter(name: str) -> bool:
    return name.startswith("Nested") or name.endswith("WithAggregatesFilter")


def _stub_name(graph: InputGraph, name: str, both: Set[str], pairs: Mapping[str, str]) -> str:
    model = graph.homes.get(name, "")
    rest = name[len(model) :]
    if name in both:
        return f"{model}Checked{rest}"
    checked = graph.checked_name(name)
    if checked and checked not in pairs:
        return graph.short.get(checked, checked)
    if rest in ("OrderByWithRelationInput", "OrderByWithRelationAndSearchRelevanceInput"):
        return f"{model}OrderByInput"
    return ORDER_BY_COUNT if rest == ORDER_BY_COUNT else graph.short.get(name, name)


def _home(graph: InputGraph, item: str, name: str) -> str:
    model = graph.homes.get(item)
    if model and name.startswith(model):
        if item in graph.nested:
            return related_module(model)
        return where_module(model) if item[len(model) :] in CONDITIONS else input_module(model)
    return NESTED if _is_nested_filter(item) else SHARED


def _list_operations(dmmf: Mapping[str, Any]) -> dict[str, str]:
    """Prisma makes a type for each list field of each model; in the stubs there is one for each element type."""
    return {
        f"{model['name']}{operation}{item['name']}Input": f"{item['type']}List{operation}Input"
        for model in dmmf["datamodel"]["models"]
        for item in model["fields"]
        if item["isList"] and item["kind"] in ("scalar", "enum")
        for operation in ("Create", "Update")
    }


def _words(dmmf: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Enums, the schema's and Prisma's, and where they are defined."""
    for item in dmmf["schema"]["enumTypes"].get("model", ()):
        yield item["name"], ENUMS
        yield enum_value(item["name"]), SHARED
    owners = {
        f"{model['name']}{kind}": model["name"]
        for model in dmmf["datamodel"]["models"]
        for kind in ("ScalarFieldEnum", "OrderByRelevanceFieldEnum")
    }
    for item in dmmf["schema"]["enumTypes"]["prisma"]:
        owner = owners.get(item["name"])
        yield word_name(item["name"]), input_module(owner) if owner else SHARED
