"""The classes that a client's records are made of: what all have in common, and one base for each model.

A class on such a base holds some fields of the model, and its queries load only those:
`class Title(bases.BaseBook): title: str`, then `await Title.prisma().find_many()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict

from berceau.client.attributes import attribute_of

if TYPE_CHECKING:
    from berceau.client.actions import ModelActions
    from berceau.client.prisma import Prisma
    from berceau.client.schema import Schema

CONFIG = ConfigDict(defer_build=True, protected_namespaces=(), populate_by_name=True, arbitrary_types_allowed=True)


class PrismaModel(BaseModel):
    """Base of all classes of records."""

    model_config = CONFIG

    __prisma_model__: ClassVar[str]
    __prisma_generated__: ClassVar[type[PrismaModel] | None] = None
    """The class that records of the model have without further ado; None on bases."""

    @classmethod
    def prisma(cls, client: Prisma | None = None) -> ModelActions:
        """The operations of the model, whose records are of this class, on a client or on the registered one.

        Raises `ClientNotRegisteredError` where there is none.
        """
        from berceau.client.prisma import get_client

        client = client or get_client()
        return client._actions_of(cls.__prisma_model__, None if cls is cls.__prisma_generated__ else cls)


class Bases:
    """The bases of one client, made on first use."""

    def __init__(self, schema: Schema, module: str) -> None:
        self._schema = schema
        self._module = f"{module}.bases"
        self._made: dict[str, type[PrismaModel]] = {}

    def names(self) -> Iterator[str]:
        """The names of all bases."""
        return (f"Base{name}" for name in self._schema.model_names)

    def get(self, model: str) -> type[PrismaModel]:
        """The base for a model."""
        made = self._made.get(model)
        if made is None:
            about = f"Base of classes that hold some fields of {model}: its queries load only those."
            namespace: dict[str, Any] = {"__module__": self._module, "__doc__": about, "__prisma_model__": model}
            made = self._made[model] = cast(type[PrismaModel], type(f"Base{model}", (PrismaModel,), namespace))
        return made

    def attribute(self, name: str) -> type[PrismaModel]:
        """A base for a module's `__getattr__`. Raises AttributeError if there is none."""
        made = attribute_of(self._module, name, set(self.names()), lambda name: self.get(name.removeprefix("Base")))
        return cast(type[PrismaModel], made)
