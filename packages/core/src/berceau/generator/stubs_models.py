"""A model's classes: its records, and the base of partial ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from berceau.client.names import COUNT_ATTRIBUTE, model_attribute
from berceau.generator.stubs_annotations import Annotations, actions_module, model_module
from berceau.generator.stubs_behind import SHARED
from berceau.generator.stubs_selection import Selections
from berceau.generator.stubs_text import StubModule, docstring

CREATE_PARTIAL = """\
    @classmethod
    def create_partial(
        cls,
        name: str,
        include: list[str] | set[str] | tuple[str, ...] | None = None,
        exclude: list[str] | set[str] | tuple[str, ...] | None = None,
        required: list[str] | set[str] | tuple[str, ...] | None = None,
        optional: list[str] | set[str] | tuple[str, ...] | None = None,
        relations: dict[str, str] | dict[str, type[{base}]] | None = None,
        exclude_relational_fields: bool = False,
    ) -> type[Base{name}]: ...
"""


@dataclass(frozen=True)
class ModelWriter:
    """Writes the classes of one model."""

    module: StubModule
    annotations: Annotations
    selections: Selections
    model: Mapping[str, Any]
    writable: bool

    def write(self) -> None:
        """All of them."""
        self._base()
        self._record()
        for kind in ("Actions", "BatchActions") if self.writable else ("Actions",):
            self.module.pass_on(actions_module(self.model["name"]), f"{self.model['name']}{kind}")

    def _base(self) -> None:
        name = self.model["name"]
        base = self.module.helper(SHARED, "PrismaModel")
        client = self.module.helper("client", "Prisma")
        self.module.statement(
            f"Base{name}",
            f"\nclass Base{name}({base}):\n"
            f'    """Base of classes that hold some fields of {name}: its queries load only those."""\n'
            f"    @classmethod\n"
            f"    def prisma(cls, client: {client} | None = None) -> {name}Actions[_Self]: ...\n"
            + CREATE_PARTIAL.format(base=base, name=name),
        )

    def _record(self) -> None:
        name = self.model["name"]
        fields = [item for item in self.model["fields"] if item["kind"] != "unsupported"]
        annotations = {model_attribute(item["name"]): self._annotation(item) for item in fields}
        about = {model_attribute(item["name"]): item.get("documentation") for item in fields}
        countable = self.selections.countable.get(name)
        if countable:
            counts = "".join(f"    {model_attribute(key)}: int\n" for key in countable)
            base = self.module.helper(SHARED, "PrismaModel")
            self.module.statement(f"{name}Count", f"\nclass {name}Count({base}):\n{counts}")
            annotations[COUNT_ATTRIBUTE] = f"{name}Count | None = None"
            about[COUNT_ATTRIBUTE] = "How many records each relation has, where `_count` was included."
        header = f"\nclass {name}(Base{name}):\n{docstring(self.model.get('documentation') or f'A {name} record.')}"
        self.module.statement(name, header + self.module.class_body(annotations, about))

    def _annotation(self, item: Mapping[str, Any]) -> str:
        if item["kind"] == "object":
            target = self.module.hide(model_module(item["type"]), item["type"])
            return f"list[{target}] | None = None" if item["isList"] else f"{target} | None = None"
        text = self.annotations.result(self.module, item)
        return text if item["isRequired"] else f"{text} | None = None"
