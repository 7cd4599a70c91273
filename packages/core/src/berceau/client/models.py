"""Model classes and enums, made when they are first used: pydantic models named and typed as the schema says."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from berceau.client.fields import Base64, Json
from berceau.client.names import COUNT_ATTRIBUTE, client_attribute, enum_member, model_attribute
from berceau.client.schema import FieldInfo, Schema

Make = Callable[[dict[str, Any]], Any]

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


CONFIG = ConfigDict(defer_build=True, protected_namespaces=(), populate_by_name=True)


class Model(BaseModel):
    """Base of all generated models."""

    model_config = CONFIG

    __prisma_model__: ClassVar[str]
    __prisma_models__: ClassVar[Models]

    @classmethod
    def prisma(cls) -> Any:
        """The operations of this model on the registered client. Raises `ClientNotRegisteredError`."""
        from berceau.client.prisma import get_client

        return getattr(get_client(), client_attribute(cls.__prisma_model__))

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """Complete the class for validation: the models it relates to are made first."""
        cls.__prisma_models__.make_reachable(cls.__prisma_model__)
        options["_types_namespace"] = cls.__prisma_models__.made
        return super().model_rebuild(**options)


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

    def attribute(self, name: str) -> type[enum.Enum]:
        """`get` for a module's `__getattr__`. Raises AttributeError if there is none."""
        return cast(type[enum.Enum], attribute_of(self._module, name, self._schema.enums, self.get))


class Models:
    """The model classes of one client, made on first use."""

    def __init__(self, schema: Schema, enums: Enums, module: str) -> None:
        self._schema = schema
        self._enums = enums
        self._module = f"{module}.models"
        self._counts: dict[str, type[BaseModel]] = {}
        self.made: dict[str, type[Model]] = {}

    def names(self) -> Iterator[str]:
        """The names of all models."""
        return iter(self._schema.model_names)

    def get(self, name: str) -> type[Model]:
        """A model's class by its name. Raises KeyError if there is none."""
        made = self.made.get(name)
        if made is None:
            made = self.made[name] = self._make(name)
        return made

    def attribute(self, name: str) -> type[Model]:
        """`get` for a module's `__getattr__`. Raises AttributeError if there is none."""
        return cast(type[Model], attribute_of(self._module, name, self._schema.model_names, self.get))

    def make_reachable(self, name: str) -> None:
        """Make the classes of a model and of all that it relates to, near and far."""
        waiting, seen = [name], {name}
        while waiting:
            model = waiting.pop()
            self.get(model)
            targets = {info.type for info in self._schema.model(model).relations.values()} - seen
            waiting += targets
            seen |= targets

    def counts(self, name: str) -> type[BaseModel]:
        """The class for how many related records a model's record has."""
        made = self._counts.get(name)
        if made is None:
            fields: dict[str, Any] = {
                model_attribute(relation): (int | None, Field(default=None))
                for relation in sorted(self._schema.model(name).counts)
            }
            made = create_model(f"{name}Count", __config__=CONFIG, __module__=self._module, **fields)
            self._counts[name] = made
        return made

    def _make(self, name: str) -> type[Model]:
        info = self._schema.model(name)
        fields: dict[str, Any] = {
            model_attribute(field.name): (self._annotation(field), self._field(field))
            for field in info.fields.values()
            if field.kind != "unsupported"
        }
        if info.counts:
            fields[COUNT_ATTRIBUTE] = (self.counts(name) | None, Field(default=None, alias="_count"))
        made = create_model(name, __base__=Model, __module__=self._module, __doc__=info.documentation, **fields)
        made.__prisma_model__ = name
        made.__prisma_models__ = self
        return made

    def _annotation(self, field: FieldInfo) -> Any:
        if field.kind == "object":
            return f"list[{field.type}] | None" if field.is_list else f"{field.type} | None"
        type_: Any = self._enums.get(field.type) if field.kind == "enum" else SCALARS[field.type]
        if field.is_list:
            return list[type_]
        return type_ if field.required else type_ | None

    def _field(self, field: FieldInfo) -> Any:
        alias = field.name if model_attribute(field.name) != field.name else None
        if field.required and field.kind != "object":
            return Field(alias=alias, description=field.documentation)
        return Field(default=None, alias=alias, description=field.documentation)


def attribute_of(module: str, name: str, known: Any, get: Callable[[str], Any]) -> Any:
    """A name of a generated module, kept there so that it is found without us the next time."""
    if name not in known:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    value = get(name)
    if module in sys.modules:
        setattr(sys.modules[module], name, value)
    return value


def maker(model: type[BaseModel], fields: Iterable[str]) -> Make:
    """A function that makes an instance of a dictionary of its values, which are known to be right.

    It does what pydantic's `model_construct` does, without looking at defaults and aliases again for each row.
    `fields` are the names that count as set.
    """
    new = model.__new__
    put = object.__setattr__
    names = frozenset(fields)

    def make(values: dict[str, Any]) -> Any:
        instance = new(model)
        put(instance, "__dict__", values)
        put(instance, "__pydantic_fields_set__", set(names))
        put(instance, "__pydantic_extra__", None)
        put(instance, "__pydantic_private__", None)
        return instance

    return make
