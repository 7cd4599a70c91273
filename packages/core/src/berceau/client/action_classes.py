"""The classes of the models' operations, one for each model: what `actions` exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from berceau.client.actions import ModelActions
from berceau.client.attributes import attribute_of
from berceau.client.batch import BatchActions
from berceau.client.read_actions import ReadActions
from berceau.client.schema import Schema

ALL, BATCH = "Actions", "BatchActions"


class ActionClasses:
    """The classes of one client, made on first use."""

    def __init__(self, schema: Schema, module: str) -> None:
        self._schema = schema
        self._module = f"{module}.actions"
        self._made: dict[str, type[ReadActions]] = {}
        self._batches: dict[str, type[BatchActions]] = {}

    def names(self) -> Iterator[str]:
        """The names of all of them."""
        for model in self._schema.model_names:
            yield f"{model}{ALL}"
            if self._schema.model(model).is_writable:
                yield f"{model}{BATCH}"

    def get(self, model: str) -> type[ReadActions]:
        """The class of a model's operations; those of a view only read."""
        made = self._made.get(model)
        if made is None:
            base = ModelActions if self._schema.model(model).is_writable else ReadActions
            made = self._made[model] = cast(type[ReadActions], self._make(f"{model}{ALL}", base))
        return made

    def batch(self, model: str) -> type[BatchActions]:
        """The class of a model's operations in a batch."""
        made = self._batches.get(model)
        if made is None:
            made = self._batches[model] = cast(type[BatchActions], self._make(f"{model}{BATCH}", BatchActions))
        return made

    def attribute(self, name: str) -> type[ReadActions] | type[BatchActions]:
        """A class for a module's `__getattr__`. Raises AttributeError if there is none."""
        # The operations of a model `ItemBatch` are called as those of a batch of `Item`, and come first.
        models = self._schema.model_names
        if name.endswith(ALL) and name.removesuffix(ALL) in models:
            return cast(type[ReadActions], attribute_of(self._module, name, (name,), self._get))
        owner = name.removesuffix(BATCH)
        known = (name,) if owner != name and owner in models and self._schema.model(owner).is_writable else ()
        return cast(type[BatchActions], attribute_of(self._module, name, known, lambda _: self.batch(owner)))

    def _get(self, name: str) -> type[ReadActions]:
        return self.get(name.removesuffix(ALL))

    def _make(self, name: str, base: type) -> type:
        return type(name, (base,), {"__module__": self._module, "__slots__": (), "__doc__": base.__doc__})
