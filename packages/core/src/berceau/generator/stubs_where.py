"""The conditions on a model's records: filters, identities, filters of its relations and of groups."""

from __future__ import annotations

from dataclasses import dataclass

from berceau.generator.stubs_records import RecordWriter


class ConditionWriter(RecordWriter):
    """Writes the filters of one model that hold further ones on the same records."""

    def write(self, unique: str) -> tuple[tuple[str, ...], frozenset[str]]:
        """All of them; returns the bases that the model's identity shares with them, and the keys in these."""
        shapes, where = self.annotations.graph.shapes, f"{self.name}WhereInput"
        family = {item: self.entries(item) for item in self.types(filters=True)}
        keys = family[where].keys()
        alike = {key: family[where][key] for key in keys if shapes[unique].get(key) == shapes[where][key]}
        inherited = frozenset(keys)
        bases = self.base(f"_{self.name}Filters", {**family, unique: alike})
        inherited -= keys
        for item, entries in family.items():
            doc = f"Conditions on {self.name} records" + ("." if item == where else ", but not on relations.")
            self.typed_dict(item, entries, bases, doc)
        return bases, inherited


@dataclass(frozen=True, kw_only=True)
class WhereWriter(RecordWriter):
    """Writes the other filters of one model. What others are made of comes first, which is quicker for mypy.

    Attributes:
        conditions: the writer of those that hold further ones.
    """

    conditions: ConditionWriter

    def write(self) -> None:
        """All of them."""
        types, unique = self.types(filters=True), f"{self.name}WhereUniqueInput"
        bases, inherited = self.conditions.write(unique)
        entries = self.entries(unique, inherited)
        identity = self.identity(entries)
        compound = [item for item in types if item.endswith("CompoundUniqueInput")]
        for item in compound:
            self.typed_dict(item, self.entries(item))
        for base in bases:
            self.module.need(self.conditions.module.here, base)
        self.unique(unique, entries, bases, identity)
        for item in types:
            if item != unique and item not in compound:
                self.typed_dict(item, self.ended(item, self.entries(item)))
