"""Model classes and enums, made when they are first used: pydantic models named and typed as the schema says."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from typing import Annotated, Any, cast, get_args

from pydantic import BaseModel, BeforeValidator, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema

from berceau.client.attributes import attribute_of
from berceau.client.bases import CONFIG, Bases, PrismaModel
from berceau.client.fields import Base64, Json
from berceau.client.names import COUNT_ATTRIBUTE, enum_member, model_attribute
from berceau.client.schema import FieldInfo, Schema

MakeAll = Callable[[Sequence[dict[str, Any]]], list[Any]]

SCALARS: dict[str, Any] = {
    "String": str,
    "Int": int,
    "BigInt": int,
    "Float": float,
    "Decimal": Decimal,
    "Boolean": bool,
    "DateTime": datetime,
    "Json": Json,
    "Bytes": Base64,
}


class Model(PrismaModel):
    """Base of all generated models."""


class Related:
    """Stands for a model in annotations until pydantic needs it: models relate to each other in circles."""

    def __init__(self, models: Models, name: str) -> None:
        self._models = models
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self._models.get(self._name))


def empty_for_none(value: Any) -> Any:
    """A list that the database left empty by having none, as raw SQL returns it."""
    return [] if value is None else value


class Enums:
    """The enums of one client, made on first use."""

    def __init__(self, schema: Schema, module: str) -> None:
        self._schema = schema
        self._module = f"{module}.enums"
        self._made: dict[str, type[enum.Enum]] = {}

    def names(self) -> Iterator[str]:
        """The names of all enums."""
        return iter(self._schema.enums)

    def get(self, name: str) -> type[enum.Enum]:
        """An enum by its name; its members are text. Raises KeyError if there is none."""
        made = self._made.get(name)
        if made is None:
            members = {enum_member(value): value for value in self._schema.enums[name]}
            made = cast(type[enum.Enum], enum.StrEnum(name, members, module=self._module))
            self._made[name] = made
        return made

    def in_database(self, member: enum.Enum) -> Any:
        """What a member is in the database; of an enum that is not the client's, its value."""
        kind = type(member)
        ours = self._made.get(kind.__name__) is kind
        return self._schema.enums[kind.__name__][member.value] if ours else member.value

    def renamed_in(self, model: type[BaseModel]) -> dict[str, dict[str, str]]:
        """The fields of a model, under all their names, whose enum has other names in the database: those → ours."""
        found: dict[str, dict[str, str]] = {}
        for name, field in model.model_fields.items():
            for kind in filter(lambda kind: self._made.get(kind.__name__) is kind, enums_inside(field.annotation)):
                names = {inside: outside for outside, inside in self._schema.enums[kind.__name__].items()}
                found |= dict.fromkeys({name, field.alias or name}, names)
        return found

    def attribute(self, name: str) -> type[enum.Enum]:
        """`get` for a module's `__getattr__`. Raises AttributeError if there is none."""
        return cast(type[enum.Enum], attribute_of(self._module, name, self._schema.enums, self.get))


def enums_inside(annotation: Any) -> Iterator[type[enum.Enum]]:
    """The enums in an annotation, also in unions and lists."""
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        yield annotation
    for part in get_args(annotation):
        yield from enums_inside(part)


class Models:
    """The model classes of one client, made on first use."""

    def __init__(self, schema: Schema, enums: Enums, bases: Bases, module: str) -> None:
        self.schema = schema
        self._enums = enums
        self._bases = bases
        self._module = f"{module}.models"
        self._counts: dict[str, type[BaseModel]] = {}
        self._made: dict[str, type[Model]] = {}

    def names(self) -> Iterator[str]:
        """The names of all models."""
        return iter(self.schema.model_names)

    def get(self, name: str) -> type[Model]:
        """A model's class by its name. Raises KeyError if there is none."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def attribute(self, name: str) -> type[BaseModel]:
        """The class of a model, or of its counts, for a module's `__getattr__`. Raises AttributeError without one."""
        known, owner = self.schema.model_names, name.removesuffix("Count")
        if name not in known and owner in known and self.schema.model(owner).counts:
            return cast(type[BaseModel], attribute_of(self._module, name, (name,), lambda _: self.counts(owner)))
        return cast(type[Model], attribute_of(self._module, name, known, self.get))

    def counts(self, name: str) -> type[BaseModel]:
        """The class for how many related records a model's record has."""
        made = self._counts.get(name)
        if made is None:
            fields: dict[str, Any] = {
                model_attribute(relation): (int | None, Field(default=None))
                for relation in sorted(self.schema.model(name).counts)
            }
            made = create_model(f"{name}Count", __config__=CONFIG, __module__=self._module, **fields)
            self._counts[name] = made
        return made

    def _make(self, name: str) -> type[Model]:
        info = self.schema.model(name)
        fields: dict[str, Any] = {
            model_attribute(field.name): (self._annotation(field), self._field(field))
            for field in info.fields.values()
            if field.kind != "unsupported"
        }
        if info.counts:
            fields[COUNT_ATTRIBUTE] = (self.counts(name) | None, Field(default=None, alias="_count"))
        bases = (self._bases.get(name), Model)
        made = cast(
            type[Model],
            create_model(name, __base__=bases, __module__=self._module, __doc__=info.documentation, **fields),
        )
        made.__prisma_generated__ = made
        return made

    def type_of(self, field: FieldInfo) -> Any:
        """The annotation of a field that has a value."""
        if field.kind == "object":
            type_: Any = Annotated[Model, Related(self, field.type)]
            return list[type_] if field.is_list else type_
        type_ = self._enums.get(field.type) if field.kind == "enum" else SCALARS[field.type]
        return Annotated[list[type_], BeforeValidator(empty_for_none)] if field.is_list else type_

    def _annotation(self, field: FieldInfo) -> Any:
        type_ = self.type_of(field)
        return type_ if field.kind != "object" and (field.required or field.is_list) else type_ | None

    def _field(self, field: FieldInfo) -> Any:
        alias = field.name if model_attribute(field.name) != field.name else None
        if field.required and field.kind != "object":
            return Field(alias=alias, description=field.documentation)
        return Field(default=None, alias=alias, description=field.documentation)


SETTERS = [vars(BaseModel)[name].__set__ for name in ("__dict__", "__pydantic_fields_set__")]
ALWAYS_NONE = [vars(BaseModel)[name].__set__ for name in ("__pydantic_extra__", "__pydantic_private__")]
"""What an instance of a pydantic model consists of; assigning to the attributes would go through pydantic's checks."""

exhaust = deque[None](maxlen=0).extend


def maker(model: type[BaseModel], fields: Iterable[str]) -> MakeAll:
    """A function that makes instances of dictionaries of their values, which are known to be right.

    It does what pydantic's `model_construct` does, without looking at defaults and aliases again for each row, and one
    step for all rows after the other, so that C code calls C code. `fields` are the names that count as set.
    """
    new = model.__new__
    put_values, put_names = SETTERS
    names = frozenset(fields)

    def make(rows: Sequence[dict[str, Any]]) -> list[Any]:
        instances = list(map(new, repeat(model, len(rows))))
        exhaust(map(put_values, instances, rows))
        exhaust(map(put_names, instances, map(set, repeat(names))))
        for put_none in ALWAYS_NONE:
            exhaust(map(put_none, instances, repeat(None)))
        return instances

    return make
