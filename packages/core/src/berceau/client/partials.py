"""Partial models: pydantic classes with some fields of a model, for answers, forms and queries of less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, create_model

from berceau.client.attributes import attribute_of
from berceau.client.bases import Bases, PrismaModel
from berceau.client.errors import UnknownRelationalFieldError
from berceau.client.names import model_attribute

if TYPE_CHECKING:
    from berceau.client.models import Models
    from berceau.client.schema import FieldInfo, ModelInfo


class Partials:
    """The partial models that a program has made, by name."""

    def __init__(self, bases: Bases, models: Models, module: str) -> None:
        self._bases = bases
        self._models = models
        self._module = f"{module}.partials"
        self._made: dict[str, type[PrismaModel]] = {}

    def names(self) -> Iterator[str]:
        """The names of those made so far."""
        return iter(self._made)

    def attribute(self, name: str) -> type[PrismaModel]:
        """A partial model for a module's `__getattr__`. Raises AttributeError if it has not been made."""
        return cast(type[PrismaModel], attribute_of(self._module, name, self._made, self._made.__getitem__))

    def create(
        self,
        model: ModelInfo,
        name: str,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        required: Iterable[str] | None = None,
        optional: Iterable[str] | None = None,
        relations: Mapping[str, str | type[PrismaModel]] | None = None,
        exclude_relational_fields: bool = False,
    ) -> type[PrismaModel]:
        """A class with some fields of a model; the arguments are those of `Model.create_partial`."""
        if name in self._made:
            raise ValueError(f"a partial model {name!r} has already been made")
        chosen = self._chosen(model, include, exclude, exclude_relational_fields)
        required, optional = set(required or ()), set(optional or ())
        check_combination(required, optional, relations, exclude_relational_fields)
        for relation in relations or ():
            if relation not in model.relations:
                raise UnknownRelationalFieldError(model.name, relation)
        for named in (*required, *optional, *(relations or ())):
            if named not in chosen:
                raise unknown_field(model, named)
        fields: dict[str, Any] = {}
        for field in chosen.values():
            needed = field.name in required or (
                field.name not in optional and field.kind != "object" and (field.required or field.is_list)
            )
            fields[model_attribute(field.name)] = self._definition(field, needed, (relations or {}).get(field.name))
        made = create_model(
            name, __base__=self._bases.get(model.name), __module__=self._module, __doc__=model.documentation, **fields
        )
        self._made[name] = made
        return made

    def _chosen(
        self, model: ModelInfo, include: Iterable[str] | None, exclude: Iterable[str] | None, only_scalars: bool
    ) -> dict[str, FieldInfo]:
        if include is not None and exclude is not None:
            raise TypeError("`include` and `exclude` exclude each other")
        if include is not None and only_scalars:
            raise TypeError("`include` and `exclude_relational_fields` exclude each other")
        known = {name: field for name, field in model.fields.items() if field.kind != "unsupported"}
        names = list(include if include is not None else exclude or ())
        for name in names:
            if name not in known:
                raise unknown_field(model, name)
        if include is not None:
            return {name: known[name] for name in known if name in names}
        return {
            name: field
            for name, field in known.items()
            if name not in names and not (only_scalars and field.kind == "object")
        }

    def _definition(self, field: FieldInfo, needed: bool, relation: str | type[PrismaModel] | None) -> tuple[Any, Any]:
        """The annotation and the pydantic field."""
        type_ = self._models.type_of(field)
        if relation is not None:
            if isinstance(relation, str) and relation not in self._made:
                raise ValueError(f"{field.name}: there is no partial model {relation!r}; make it before this one")
            target = self._made[relation] if isinstance(relation, str) else relation
            held = getattr(target, "__prisma_model__", field.type)
            if held != field.type:
                raise ValueError(
                    f"{field.name}: {target.__name__} is of {held}, but the relation leads to {field.type}"
                )
            type_ = list[target] if field.is_list else target  # type: ignore[valid-type]
        alias = field.name if model_attribute(field.name) != field.name else None
        if needed:
            return type_, Field(alias=alias, description=field.documentation)
        return type_ | None, Field(default=None, alias=alias, description=field.documentation)


def check_combination(
    required: set[str], optional: set[str], relations: Mapping[str, Any] | None, only_scalars: bool
) -> None:
    """Raise for arguments that contradict each other."""
    if shared := required & optional:
        raise ValueError(f"both required and optional: {', '.join(sorted(shared))}")
    if only_scalars and relations:
        raise ValueError("`exclude_relational_fields` and `relations` exclude each other")


def unknown_field(model: ModelInfo, name: str) -> ValueError:
    """The error for a field that the model, or the partial model, does not have."""
    return ValueError(f"{name!r} is not among the fields: {model.name} has {', '.join(model.fields)}")
