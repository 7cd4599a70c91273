"""The data of a model's changes, nested writes, and order."""

from __future__ import annotations

from berceau.generator.stubs_records import RecordWriter
from berceau.generator.stubs_text import literal


class InputWriter(RecordWriter):
    """Writes the inputs of one model that are no filters."""

    def write(self) -> None:
        """All of them. What others are made of comes first, with which mypy is quicker."""
        name, types = self.name, self.types(filters=False)
        orders = [item for item in types if item.endswith("OrderByAggregateInput")]
        parts = [item for item in types if item.endswith("OrderByRelevanceInput")]
        creates, updates = self.data(types, "Create"), self.data(types, "Update")
        sorts = [
            item
            for item in types
            if item.removeprefix(name) in ("OrderByWithRelationInput", "OrderByWithAggregationInput")
        ]
        for item in orders:
            self._order_by_aggregate(item)
        for item in parts:
            word = f"{name}OrderByRelevanceFieldEnum"
            self.module.alias(word, literal(self.annotations.words[word]))
            self.typed_dict(item, self.entries(item))
        self.family(f"_{name}CreateFields", creates)
        self.family(f"_{name}UpdateFields", updates)
        self.family(f"_{name}OrderByFields", sorts)
        done = {*orders, *parts, *creates, *updates, *sorts}
        for item in types:
            if item not in done:
                self.typed_dict(item, self.entries(item))
        self._pairs(types)

    def _pairs(self, types: list[str]) -> None:
        """The common names of checked and unchecked types."""
        names, pairs = self.annotations.names, self.annotations.pairs
        for item in types:
            checked = self.annotations.graph.checked_name(item)
            if checked is not None and checked in pairs:
                self.module.alias(pairs[checked], f"{names[checked]} | {names[item]}")

    def _order_by_aggregate(self, item: str) -> None:
        shape = self.annotations.graph.shapes[item]
        keys = self.module.keys(f"{item.removesuffix('OrderByAggregateInput')}Keys", shape)
        order = self.annotations.use(self.module, "SortOrder")
        self.module.alias(self.annotations.names[item], f"_Mapping[{keys}, {order}]")
