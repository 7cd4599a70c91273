"""Input objects, drawn from the DMMF's description of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from generated.values import IDS, NEW_KEYS, NULLS, PATHS, SEARCHES, UUIDS, Pools, pools_of, scalar

Draw = Any
"""hypothesis' `draw`."""

Json = Mapping[str, Any]
GENERATORS = frozenset({"uuid", "cuid", "ulid", "nanoid", "dbgenerated"})
UNUSED = frozenset({"xml", "bytesList", "byteses"})
"""Fields left alone: the server has no xml; lists of bytes are a known difference in every filter."""


@dataclass(frozen=True)
class Context:
    """The model and field that a value is for."""

    model: str = ""
    field: str = ""


NOWHERE = Context()


@dataclass
class Inputs:
    """Draws input objects; `depth` bounds how deep relations go."""

    dmmf: Json
    records: Mapping[str, list[dict[str, Any]]]
    pools: Pools = field(init=False)
    types: dict[str, Json] = field(init=False)
    enums: dict[str, list[str]] = field(init=False)
    fields: dict[tuple[str, str], Json] = field(init=False)

    def __post_init__(self) -> None:
        self.pools = pools_of(self.records)
        schema = self.dmmf["schema"]
        self.types = {item["name"]: item for item in schema["inputObjectTypes"]["prisma"]}
        self.enums = {
            item["name"]: [value if isinstance(value, str) else value["name"] for value in item["values"]]
            for kind in schema["enumTypes"].values()
            for item in kind
        }
        self.fields = {
            (model["name"], item["name"]): item
            for model in self.dmmf["datamodel"]["models"]
            for item in model["fields"]
        }

    # ------------------------------------------------------------ objects

    def object(self, draw: Draw, name: str, depth: int, context: Context = NOWHERE) -> dict[str, Any]:
        """One object of an input type."""
        type_ = self.types[name]
        if name.endswith("OrderByRelevanceInput"):
            return self.relevance(draw, type_)
        if name.endswith("WhereUniqueInput"):
            return self.unique(draw, type_, depth)
        usable = [item for item in type_["fields"] if item["name"] not in UNUSED and self.usable(item, depth)]
        required = [item for item in usable if item["isRequired"] or self.is_generated(type_, item)]
        optional = [item for item in usable if item not in required]
        chosen = required + self.optional(draw, type_, optional, len(required))
        return {item["name"]: self.field(draw, type_, item, depth, context) for item in chosen}

    def optional(self, draw: Draw, type_: Json, optional: list[Json], given: int) -> list[Json]:
        """Some of the optional fields, as many as the type allows."""
        limits = type_["constraints"]
        least = max((limits["minNumFields"] or 0) - given, 0)
        if "OrderBy" in type_["name"] or type_["name"].endswith(("CreateNestedOneInput", "Filter")):
            least = max(least, 1)
        most = max(least, min(limits["maxNumFields"] or 3, 3))
        if not optional:
            return []
        names = draw(
            st.lists(
                st.sampled_from(range(len(optional))), min_size=min(least, len(optional)), max_size=most, unique=True
            )
        )
        return [optional[index] for index in names]

    def is_generated(self, type_: Json, item: Json) -> bool:
        """Whether the field is an identifier that would be random: it is always given."""
        model = (type_.get("meta") or {}).get("grouping", "")
        known = self.fields.get((model, item["name"]))
        if "Create" not in type_["name"] or known is None or not isinstance(known.get("default"), dict):
            return False
        return known["type"] == "String" and known["default"]["name"] in (
            "uuid",
            "cuid",
            "ulid",
            "nanoid",
            "dbgenerated",
        )

    def usable(self, item: Json, depth: int) -> bool:
        """Whether a field can be drawn at this depth."""
        return bool(self.alternatives(item, depth))

    def alternatives(self, item: Json, depth: int) -> list[Json]:
        """The types of a field that can be drawn at this depth."""
        return [type_ for type_ in item["inputTypes"] if self.drawable(type_, item, depth)]

    def drawable(self, type_: Json, item: Json, depth: int) -> bool:
        """Whether a value of the type can be drawn: references to fields cannot, relations not at the bottom."""
        if type_["location"] == "fieldRefTypes":
            return False
        if type_["location"] != "inputObjectTypes" or depth > 0:
            return True
        name = type_["type"]
        if self.types[name].get("meta") is None or "FieldUpdateOperations" in name or "Compound" in name:
            return True
        if name.endswith(("WhereUniqueInput", "ListFilter")) or "ListInput" in name:
            return True
        return bool(item["isRequired"]) or self.is_scalar_list(name)

    def is_scalar_list(self, name: str) -> bool:
        """Whether the type is `{set, push}` for a list of scalars."""
        return {item["name"] for item in self.types[name]["fields"]} <= {"set", "push"} and all(
            inner["location"] != "inputObjectTypes"
            for item in self.types[name]["fields"]
            for inner in item["inputTypes"]
        )

    def unique(self, draw: Draw, type_: Json, depth: int) -> dict[str, Any]:
        """A unique key and now and then a filter beside it."""
        chosen = self.key(draw, type_["name"])
        others = [item for item in type_["fields"] if item["name"] not in type_["constraints"]["fields"]]
        usable = [item for item in others if self.usable(item, depth) and item["name"] not in UNUSED]
        if usable and draw(st.integers(0, 4)) == 0:
            item = draw(st.sampled_from(usable))
            chosen[item["name"]] = self.field(draw, type_, item, depth, NOWHERE)
        return chosen

    def key(self, draw: Draw, name: str) -> dict[str, Any]:
        """One of the unique keys of a model, mostly that of a record that is there."""
        type_ = self.types[name]
        keys = [item for item in type_["fields"] if item["name"] in type_["constraints"]["fields"]]
        item = draw(st.sampled_from(keys))
        records = self.records.get(type_["meta"]["grouping"], [])
        if records and draw(st.integers(0, 3)):
            record = draw(st.sampled_from(records))
            inner = item["inputTypes"][0]
            if inner["location"] != "inputObjectTypes":
                value = record[item["name"]]
            else:
                value = {part["name"]: record[part["name"]] for part in self.types[inner["type"]]["fields"]}
            if value is not None and not (isinstance(value, dict) and None in value.values()):
                return {item["name"]: value}
        return {item["name"]: self.field(draw, type_, item, 0, NOWHERE)}

    # ------------------------------------------------------------ fields

    def field(self, draw: Draw, owner: Json, item: Json, depth: int, context: Context) -> Any:
        """The value of one field of an input object."""
        name, model = item["name"], (owner.get("meta") or {}).get("grouping", "")
        if (model, name) in self.fields:
            context = Context(model, name)
        if self.is_generated(owner, item):
            pool = self.pools.get((model, name), [])
            return draw(UUIDS if pool and len(pool[0]) == 36 else IDS)
        if self.is_new_key(owner, model, name):
            return draw(NEW_KEYS[item["inputTypes"][0]["type"]])
        if name == "path":
            return draw(PATHS)
        if name == "search":
            return draw(SEARCHES)
        return self.value(draw, self.pick(draw, item, depth), depth, context)

    def is_new_key(self, owner: Json, model: str, name: str) -> bool:
        """Whether the field is one that must be new in a record that is made."""
        known = self.fields.get((model, name))
        makes = "Create" in owner["name"] and "Connect" not in owner["name"]
        return makes and known is not None and (known["isId"] or known["isUnique"]) and name[-2:] != "Id"

    def pick(self, draw: Draw, item: Json, depth: int) -> Json:
        """One of the field's types."""
        choices = self.alternatives(item, depth)
        if depth <= 0 and item["isRequired"]:  # The way down must end: what asks for no further relation.
            plain = [type_ for type_ in choices if type_["location"] != "inputObjectTypes" or self.ends(type_["type"])]
            choices = plain or choices
        return draw(st.sampled_from(choices))

    def ends(self, name: str) -> bool:
        """Whether all that the type requires can be drawn without another relation."""
        return all(
            any(type_["location"] in ("scalar", "enumTypes") for type_ in item["inputTypes"])
            for item in self.types[name]["fields"]
            if item["isRequired"]
        )

    def value(self, draw: Draw, type_: Json, depth: int, context: Context) -> Any:
        """A value of one type."""
        name = type_["type"]
        if type_["location"] == "inputObjectTypes":
            deeper = depth - (self.types[name].get("meta") is not None)
            if not type_["isList"]:
                return self.nested(draw, name, deeper, context)
            return [self.nested(draw, name, deeper, context) for _ in range(draw(st.integers(1, 2)))]
        if name == "Null":
            return None
        single = self.scalar(name, type_, context)
        if type_["isList"]:
            return draw(st.lists(single, max_size=3))
        return draw(single)

    def nested(self, draw: Draw, name: str, depth: int, context: Context) -> dict[str, Any]:
        """An object inside another; at the bottom a required relation is connected."""
        names = {item["name"] for item in self.types[name]["fields"]}
        if depth <= 0 and "connect" in names and "Create" in name:
            (connect,) = (item for item in self.types[name]["fields"] if item["name"] == "connect")
            return {"connect": self.object(draw, connect["inputTypes"][0]["type"], 0, context)}
        return self.object(draw, name, depth, context)

    def scalar(self, name: str, type_: Json, context: Context) -> st.SearchStrategy[Any]:
        """Values of a scalar or an enum."""
        if type_["location"] == "enumTypes":
            values = [value for value in self.enums[name] if value != "AnyNull" and value not in UNUSED]
            return st.sampled_from([NULLS.get(value, value) for value in values])
        pool = self.pools.get((context.model, context.field), [])
        return scalar(name, pool, form_matters=context.model == "Native")

    def relevance(self, draw: Draw, type_: Json) -> dict[str, Any]:
        """Order by relevance: text fields and words to search."""
        (names,) = (item["inputTypes"][0]["type"] for item in type_["fields"] if item["name"] == "fields")
        fields = draw(st.lists(st.sampled_from(self.enums[names]), min_size=1, max_size=2, unique=True))
        return {"fields": fields, "search": draw(SEARCHES), "sort": draw(st.sampled_from(["asc", "desc"]))}
