"""The classes that a client's records are made of: what all have in common, and one base for each model.

A class on such a base holds some fields of the model, and its queries load only those:
`class Title(bases.BaseBook): title: str`, then `await Title.prisma().find_many()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict

from berceau.client.attributes import attribute_of

if TYPE_CHECKING:
    from berceau.client.binding import BoundSchema
    from berceau.client.prisma import Prisma
    from berceau.client.read_actions import ReadActions

CONFIG = ConfigDict(
    defer_build=True,
    protected_namespaces=(),
    populate_by_name=True,
    arbitrary_types_allowed=True,
    ser_json_inf_nan="strings",
)


class PrismaModel(BaseModel):
    """Base of all classes of records."""

    model_config = CONFIG

    __prisma_bound__: ClassVar[BoundSchema]
    __prisma_model__: ClassVar[str]
    __prisma_generated__: ClassVar[type[PrismaModel] | None] = None
    """The class that records of the model have without further ado; None on bases."""

    @classmethod
    def prisma(cls, client: Prisma | None = None) -> ReadActions:
        """The operations of the model, whose records are of this class, on a client or on the registered one.

        Raises `ClientNotRegisteredError` where there is none.
        """
        from berceau.client.prisma import get_client

        client = client or get_client()
        return client._actions_of(cls.__prisma_model__, None if cls is cls.__prisma_generated__ else cls)

    @classmethod
    def create_partial(
        cls,
        name: str,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        required: Iterable[str] | None = None,
        optional: Iterable[str] | None = None,
        relations: Mapping[str, str | type[PrismaModel]] | None = None,
        exclude_relational_fields: bool = False,
    ) -> type[PrismaModel]:
        """A class with some fields of the model, whose queries load only those; also found in `partials` by its name.

        Args:
            name: of the class.
            include: the fields it has; without it, all.
            exclude: the fields it has not.
            required: fields that must have a value, though they may be null in the model.
            optional: fields that need not have a value, though they must in the model.
            relations: relation → the class of related records, or the name of a partial model.
            exclude_relational_fields: leave out all relations.

        Raises `ValueError` for an unknown field or a name that is taken, `UnknownRelationalFieldError` for a relation
        that is none, `TypeError` for arguments that exclude each other.
        """
        bound = cls.__prisma_bound__
        return bound.partials.create(
            bound.schema.model(cls.__prisma_model__),
            name,
            include=include,
            exclude=exclude,
            required=required,
            optional=optional,
            relations=relations,
            exclude_relational_fields=exclude_relational_fields,
        )


class Bases:
    """The bases of one client, made on first use."""

    def __init__(self, bound: BoundSchema) -> None:
        self._bound = bound
        self._module = f"{bound.module}.bases"
        self._made: dict[str, type[PrismaModel]] = {}

    def names(self) -> Iterator[str]:
        """The names of all bases."""
        return (f"Base{name}" for name in self._bound.schema.model_names)

    def get(self, model: str) -> type[PrismaModel]:
        """The base for a model."""
        made = self._made.get(model)
        if made is None:
            about = f"Base of classes that hold some fields of {model}: its queries load only those."
            namespace: dict[str, Any] = {
                "__module__": self._module,
                "__doc__": about,
                "__prisma_bound__": self._bound,
                "__prisma_model__": model,
            }
            made = self._made[model] = cast(type[PrismaModel], type(f"Base{model}", (PrismaModel,), namespace))
        return made

    def attribute(self, name: str) -> type[PrismaModel]:
        """A base for a module's `__getattr__`. Raises AttributeError if there is none."""
        made = attribute_of(self._module, name, set(self.names()), lambda name: self.get(name.removeprefix("Base")))
        return cast(type[PrismaModel], made)
