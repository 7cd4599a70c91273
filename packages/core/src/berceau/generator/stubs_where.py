"""The conditions on a model's records: filters, identities, filters of its relations and of groups."""

from __future__ import annotations

from berceau.generator.stubs_records import RecordWriter
from berceau.generator.stubs_text import Entries


class WhereWriter(RecordWriter):
    """Writes the filters of one model. What others are made of comes first, which is quicker for mypy."""

    def write(self) -> None:
        """All of them."""
        types = self.types(filters=True)
        where, unique, scalar = (f"{self.name}{kind}Input" for kind in ("Where", "WhereUnique", "ScalarWhere"))
        compound = [item for item in types if item.endswith("CompoundUniqueInput")]
        family = {item: self.entries(item) for item in (where, unique, scalar) if item in types}
        identity = {key: family[unique].pop(key) for key in self.annotations.graph.unique_keys.get(self.name, ())}
        bases = self.base(f"_{self.name}Filters", family)
        for item in compound:
            self.typed_dict(item, self.entries(item))
        self.typed_dict(where, family[where], bases, f"Conditions on {self.name} records.")
        if scalar in family:
            self.typed_dict(scalar, family[scalar], bases, f"Conditions on {self.name} records, but not on relations.")
        self._unique(unique, family[unique], bases, identity)
        for item in types:
            if item not in family and item not in compound:
                self.typed_dict(item, self.ended(item, self.entries(item)))

    def _unique(self, name: str, entries: Entries, bases: tuple[str, ...], identity: Entries) -> None:
        """A record's identity, of which one unique key at least must be given.

        One type for each key, in which it is required; of the other keys, those that come later may be given too.
        """
        if not identity:
            self.module.alias(name, "_Never", "Nothing identifies one record.")
            return
        doc = f"What identifies one {self.name} record: {' or '.join(identity)}, and further conditions."
        if len(identity) == 1:
            required = {key: (text, True) for key, (text, _) in identity.items()}
            self.module.typed_dict(name, required | entries, bases=bases, doc=doc)
            return
        variants = []
        while identity:
            key, (text, _) = next(iter(identity.items()))
            variants.append(f"{name.removesuffix('Input')}By{key[0].upper()}{key[1:]}")
            self.module.typed_dict(variants[-1], identity | {key: (text, True)} | entries, bases=bases)
            del identity[key]
        self.module.alias(name, " | ".join(variants), doc)
