"""The classes of the models' operations, one for each model: what `actions` exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from berceau.client.actions import ModelActions
from berceau.client.attributes import attribute_of
from berceau.client.batch import BatchActions
from berceau.client.schema import Schema

READ, BATCH = "Actions", "BatchActions"


class ActionClasses:
    """The classes of one client, made on first use."""

    def __init__(self, schema: Schema, module: str) -> None:
        self._schema = schema
        self._module = f"{module}.actions"
        self._made: dict[str, type[ModelActions] | type[BatchActions]] = {}

    def names(self) -> Iterator[str]:
        """The names of all of them."""
        return (f"{model}{suffix}" for model in self._schema.model_names for suffix in (READ, BATCH))

    def get(self, model: str) -> type[ModelActions]:
        """The class of a model's operations."""
        return cast(type[ModelActions], self._class(model + READ))

    def batch(self, model: str) -> type[BatchActions]:
        """The class of a model's operations in a batch."""
        return cast(type[BatchActions], self._class(model + BATCH))

    def attribute(self, name: str) -> type[ModelActions] | type[BatchActions]:
        """A class for a module's `__getattr__`. Raises AttributeError if there is none."""
        known = set(self.names())
        return cast(type[ModelActions], attribute_of(self._module, name, known, self._class))

    def _class(self, name: str) -> type[ModelActions] | type[BatchActions]:
        made = self._made.get(name)
        if made is None:
            base = BatchActions if self._is_batch(name) else ModelActions
            made = type(name, (base,), {"__module__": self._module, "__slots__": (), "__doc__": base.__doc__})
            self._made[name] = made
        return made

    def _is_batch(self, name: str) -> bool:
        # A model may be called `ItemBatch`, whose operations are `ItemBatchActions`, too: then the batch loses.
        return name.endswith(BATCH) and name.removesuffix(READ) not in self._schema.model_names
