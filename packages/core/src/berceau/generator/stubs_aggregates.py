"""What `count`, `aggregate` and `group_by` are asked for and what they return.

A result type holds everything that can be asked for, as a key that is there: what was not asked for is not, and
looking it up is an error at run time. Otherwise the natural `result["_count"]["_all"]` would not pass a type checker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from berceau.generator.stubs_annotations import ENUMS, SCALARS, Annotations, word_name
from berceau.generator.stubs_text import StubModule

Fields = Mapping[str, Mapping[str, Any]]

_KINDS = ("count", "avg", "sum", "min", "max")


def aggregate_outputs(dmmf: Mapping[str, Any]) -> dict[str, Fields]:
    """The DMMF's result types of aggregations by name."""
    return {
        item["name"]: {field["name"]: field["outputType"] | {"null": field["isNullable"]} for field in item["fields"]}
        for item in dmmf["schema"]["outputObjectTypes"]["prisma"]
        if item["name"].endswith(("AggregateOutputType", "GroupByOutputType"))
    }


@dataclass(frozen=True)
class AggregateWriter:
    """Writes the aggregation types of one model."""

    module: StubModule
    annotations: Annotations
    outputs: Mapping[str, Fields]
    name: str

    def write(self) -> None:
        """All of them."""
        kinds: dict[str, Fields] = {
            kind: self.outputs.get(f"{self.name}{kind.title()}AggregateOutputType", {}) for kind in _KINDS
        }
        group = self.outputs.get(f"{self.name}GroupByOutputType", {})
        for kind in ("avg", "sum"):  # Prisma offers lists of numbers, too; PostgreSQL does not.
            kinds[kind] = {key: item for key, item in kinds[kind].items() if not group[key]["isList"]}
        keys = word_name(f"{self.name}ScalarFieldEnum")
        self.module.alias(f"{self.name}CountAggregateInput", f'_Mapping[{keys} | _Literal["_all"], bool]')
        self.module.alias(f"{self.name}CountAggregateOutput", f'_Mapping[{keys} | _Literal["_all"], int]')
        self._pair("Sum", kinds["sum"], "Avg", kinds["avg"])
        self._pair("Min", kinds["min"], "Max", kinds["max"])
        results = {f"_{kind}": (f"{self.name}{kind.title()}AggregateOutput", True) for kind in _KINDS if kinds[kind]}
        doc = f"Numbers over {self.name} records; holds what was asked for."
        self.module.typed_dict(f"{self.name}Aggregate", results, doc=doc)
        own = {key: (self._text(item), True) for key, item in group.items() if not key.startswith("_")}
        self.module.typed_dict(
            f"{self.name}GroupByOutput",
            own,
            bases=(f"{self.name}Aggregate",),
            doc="One group; holds what was asked for.",
        )

    def _pair(self, first: str, fields: Fields, second: str, others: Fields) -> None:
        for kind, mine in ((first, fields), (second, others)):
            name = f"{self.name}{kind}Aggregate"
            if not mine:
                self.module.alias(f"{name}Input", "_Never")
                continue
            self.module.alias(f"{name}Input", f"_Mapping[{self.module.keys(f'{self.name}{kind}Keys', mine)}, bool]")
            if mine == fields and kind == second:
                self.module.alias(f"{name}Output", f"{self.name}{first}AggregateOutput")
            else:
                self.module.typed_dict(f"{name}Output", {key: (self._text(item), True) for key, item in mine.items()})

    def _text(self, item: Mapping[str, Any]) -> str:
        inner = SCALARS.get(item["type"]) or self.module.hide(ENUMS, item["type"])
        text = f"list[{inner}]" if item["isList"] else inner
        return f"{text} | None" if item["null"] and not item["isList"] else text
