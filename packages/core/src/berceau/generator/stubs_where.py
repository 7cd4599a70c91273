"""The conditions on a model's records: filters, identities, filters of its relations and of groups."""

from __future__ import annotations

from berceau.generator.stubs_records import RecordWriter


class WhereWriter(RecordWriter):
    """Writes the filters of one model. What others are made of comes first, which is quicker for mypy."""

    def write(self) -> None:
        """All of them."""
        types = self.types(filters=True)
        where, unique, scalar = (f"{self.name}{kind}Input" for kind in ("Where", "WhereUnique", "ScalarWhere"))
        compound = [item for item in types if item.endswith("CompoundUniqueInput")]
        family = {item: self.entries(item) for item in (where, unique, scalar) if item in types}
        identity = self.identity(family[unique])
        bases = self.base(f"_{self.name}Filters", family)
        for item in compound:
            self.typed_dict(item, self.entries(item))
        self.typed_dict(where, family[where], bases, f"Conditions on {self.name} records.")
        if scalar in family:
            self.typed_dict(scalar, family[scalar], bases, f"Conditions on {self.name} records, but not on relations.")
        self.unique(unique, family[unique], bases, identity)
        for item in types:
            if item not in family and item not in compound:
                self.typed_dict(item, self.ended(item, self.entries(item)))
