"""Whole operations, drawn from the DMMF: arguments, selections, aggregates and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.operations import Operation
from hypothesis import strategies as st

from generated.inputs import NOWHERE, UNUSED, Draw, Inputs, Json

ROOTS = {
    "create": "createOne", "update": "updateOne", "upsert": "upsertOne", "delete": "deleteOne",
}  # fmt: skip
READS = ("findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "findMany", "findMany")
NUMBERS = ("count", "aggregate", "groupBy")
WRITES = (
    "create", "create", "update", "update", "update", "upsert", "upsert", "delete", "createMany", "createManyAndReturn",
    "updateMany", "updateManyAndReturn", "deleteMany",
)  # fmt: skip
NO_TYPE = {"name": "", "fields": []}
COUNTED = frozenset({"createMany", "updateMany", "deleteMany"})
RETURNING = frozenset({"createManyAndReturn", "updateManyAndReturn"})


@dataclass
class Operations:
    """Draws operations on any model."""

    inputs: Inputs
    outputs: dict[str, Json] = field(init=False)
    roots: dict[str, Json] = field(init=False)
    models: dict[str, Json] = field(init=False)

    def __post_init__(self) -> None:
        schema = self.inputs.dmmf["schema"]["outputObjectTypes"]
        self.outputs = {item["name"]: item for item in [*schema["prisma"], *schema["model"]]}
        self.roots = {root["name"]: root for name in ("Query", "Mutation") for root in self.outputs[name]["fields"]}
        self.models = {model["name"]: model for model in self.inputs.dmmf["datamodel"]["models"]}

    def of(self, model: str, actions: Sequence[str]) -> st.SearchStrategy[Operation]:
        """Operations of some kinds on a model."""

        @st.composite
        def one(draw: Draw) -> Operation:
            return self.draw(draw, model, draw(st.sampled_from(actions)))

        return one()

    def draw(self, draw: Draw, model: str, action: str) -> Operation:
        """One operation."""
        if action == "groupBy":
            return Operation(model, action, self.group(draw, model))
        arguments = self.arguments(draw, model, action)
        if action in ("count", "aggregate"):
            arguments |= self.aggregate(draw, model) if action == "aggregate" else {}
        elif action in RETURNING:
            arguments |= self.selection(draw, model, 0)
        elif action not in COUNTED:
            arguments |= self.selection(draw, model, 2)
        return Operation(model, action, arguments)

    def arguments(self, draw: Draw, model: str, action: str) -> dict[str, Any]:
        """The arguments of an operation but for its selection."""
        root = self.root(model, "aggregate" if action == "count" else action)
        given = {}
        for argument in root["args"]:
            name = argument["name"]
            if name == "relationLoadStrategy" and action not in READS:
                continue
            if (
                argument["isRequired"]
                or name == "data"
                or draw(st.integers(0, 2)) == 0
                or (name == "where" and draw(st.booleans()))
            ):
                given[name] = self.argument(draw, argument)
        if action.startswith("findFirst") and "take" in given:
            given["take"] = draw(st.sampled_from([1, -1]))
        return self.settled(draw, model, given, first=action.startswith("findFirst"))

    def root(self, model: str, action: str) -> Json:
        """The DMMF's description of an operation."""
        words = {
            "createMany": f"createMany{model}",
            "createManyAndReturn": f"createMany{model}AndReturn",
            "updateMany": f"updateMany{model}",
            "updateManyAndReturn": f"updateMany{model}AndReturn",
            "findUniqueOrThrow": f"findUnique{model}OrThrow",
            "findFirstOrThrow": f"findFirst{model}OrThrow",
        }
        return self.roots[words.get(action, f"{ROOTS.get(action, action)}{model}")]

    def argument(self, draw: Draw, argument: Json) -> Any:
        """The value of one argument."""
        name = argument["name"]
        if name == "take":
            return draw(st.integers(-3, 4))
        if name in ("skip", "limit"):
            return draw(st.integers(0, 3))
        if name == "skipDuplicates":
            return draw(st.booleans())
        if name == "cursor":
            return self.inputs.key(draw, argument["inputTypes"][0]["type"])
        return self.inputs.field(draw, NO_TYPE, argument, 2, NOWHERE)

    def settled(self, draw: Draw, model: str, given: dict[str, Any], *, first: bool = False) -> dict[str, Any]:
        """The arguments with an order that leaves nothing open where it decides what is found: `first`, and pages."""
        if given.get("distinct") == []:
            del given["distinct"]  # Prisma makes wrong SQL of it.
        if first or given.keys() & {"take", "skip", "cursor", "distinct", "orderBy"}:
            order = given.get("orderBy", [])
            key = self.key(model)
            ordered = {name for item in (order if isinstance(order, list) else [order]) for name in item}
            given["orderBy"] = [*(order if isinstance(order, list) else [order])] + [
                {name: "asc"} for name in key if name not in ordered
            ]
        return given

    def key(self, model: str) -> list[str]:
        """The fields of a model's identifier."""
        known = self.models[model]
        if known["primaryKey"]:
            return list(known["primaryKey"]["fields"])
        return [next(item["name"] for item in known["fields"] if item["isId"] or item["isUnique"])]

    # ------------------------------------------------------------ selections

    def selection(self, draw: Draw, model: str, depth: int) -> dict[str, Any]:
        """`include`, `select`, `omit`, or nothing."""
        fields = [item for item in self.outputs[model]["fields"] if item["name"] not in UNUSED]
        scalars = [item["name"] for item in fields if item["outputType"]["location"] != "outputObjectTypes"]
        relations = [item for item in fields if item["outputType"]["location"] == "outputObjectTypes"]
        kind = draw(st.sampled_from(["none", "select", "omit", *(["include"] * 3 if depth and relations else [])]))
        chosen: dict[str, Any] = {}
        if kind == "omit":
            names = draw(st.lists(st.sampled_from(scalars), min_size=1, max_size=2, unique=True))
            return {"omit": dict.fromkeys(names, True)} if len(names) < len(scalars) else {}
        if kind == "select":
            names = draw(st.lists(st.sampled_from(scalars), min_size=1, max_size=4, unique=True))
            chosen = dict.fromkeys(names, True)
        if kind != "none" and depth and relations:
            least = 1 if kind == "include" else 0
            for item in draw(st.lists(st.sampled_from(relations), min_size=least, max_size=2, unique_by=id)):
                chosen[item["name"]] = self.relation(draw, item, depth - 1)
        return {kind: chosen} if chosen else {}

    def relation(self, draw: Draw, item: Json, depth: int) -> Any:
        """What is selected of a relation."""
        target = item["outputType"]["type"]
        if item["name"] == "_count":
            return self.counts(draw, target)
        if draw(st.integers(0, 2)) == 0:
            return True
        given = {
            argument["name"]: self.argument(draw, argument) for argument in item["args"] if draw(st.integers(0, 3)) == 0
        }
        return self.settled(draw, target, given) | self.selection(draw, target, depth) or True

    def counts(self, draw: Draw, target: str) -> Any:
        """`_count` of relations, with or without filters."""
        fields = self.outputs[target]["fields"]
        if draw(st.booleans()):
            return True
        chosen = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=2, unique_by=id))
        return {
            "select": {
                item["name"]: {"where": self.argument(draw, item["args"][0])}
                if item["args"] and draw(st.booleans())
                else True
                for item in chosen
            }
        }

    # ------------------------------------------------------------ numbers

    def aggregate(self, draw: Draw, model: str) -> dict[str, Any]:
        """Which aggregates of which fields."""
        fields = self.outputs[f"Aggregate{model}"]["fields"]
        chosen = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique_by=id))
        return {item["name"]: self.aggregated(draw, item) for item in chosen}

    def aggregated(self, draw: Draw, item: Json) -> Any:
        """The fields of one aggregate."""
        if item["name"] == "_count" and draw(st.booleans()):
            return True
        names = [
            inner["name"] for inner in self.outputs[item["outputType"]["type"]]["fields"] if inner["name"] not in UNUSED
        ]
        return dict.fromkeys(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)), True)

    def group(self, draw: Draw, model: str) -> dict[str, Any]:
        """Groups by some fields, ordered by these."""
        root = self.root(model, "groupBy")
        names = [
            item["name"]
            for item in self.outputs[model]["fields"]
            if item["outputType"]["location"] != "outputObjectTypes" and item["name"] not in (*UNUSED, "json")
        ]
        by = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        arguments = {argument["name"]: argument for argument in root["args"]}
        given: dict[str, Any] = {"by": by, "orderBy": [{name: draw(st.sampled_from(["asc", "desc"]))} for name in by]}
        for name in ("where", "take", "skip"):
            if draw(st.integers(0, 2)) == 0:
                given[name] = self.argument(draw, arguments[name])
        if draw(st.integers(0, 2)) == 0:
            given["having"] = self.having(draw, model, by)
        fields = self.outputs[f"Aggregate{model}"]["fields"]
        for item in draw(st.lists(st.sampled_from(fields), max_size=2, unique_by=id)):
            given[item["name"]] = self.aggregated(draw, item)
        return given

    def having(self, draw: Draw, model: str, by: list[str]) -> dict[str, Any]:
        """A condition on the fields that are grouped by."""
        type_ = self.inputs.types[f"{model}ScalarWhereWithAggregatesInput"]
        item = next(inner for inner in type_["fields"] if inner["name"] == by[0])
        return {by[0]: self.inputs.field(draw, type_, item, 0, NOWHERE)}
