"""Hypothesis strategies from the schema: `@given(inputs("DemoPost"))` draws data that `create` takes."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from berceau.client.fields import Base64, Json
from berceau.client.prisma import Prisma
from berceau.testing.columns import decimal_digits, integer_range, text_length
from berceau.testing.datamodel import DataModel, Field, Generated, Model, Relation, data_model
from berceau.testing.factories.domains import domain
from berceau.testing.factories.overrides import schema_name
from berceau.testing.factories.parents import circle
from berceau.testing.factories.refusals import check_writable

if TYPE_CHECKING:
    import berceau_client

Strategy = st.SearchStrategy[Any]

TEXT = st.characters(codec="utf-8", exclude_characters="\x00")
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - st adds it
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(TEXT, max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters), inner, max_size=3),
    max_leaves=5,
)


def inputs(
    model: str, client: type[berceau_client.Prisma] | type[Prisma] | None = None, /, **fixed: Any
) -> st.SearchStrategy[dict[str, Any]]:
    """Data for `create` of a model, with the records that it requires nested in it.

    Optional fields and fields with defaults are there in some and not in others, numbers that the database counts in
    none. Unique fields differ only as far as what is drawn does: a second record may break a unique constraint.

    Args:
        model: the model's name.
        client: the client's class; that of `berceau_client` by default.
        fixed: values for some fields, or strategies for them.

    Raises `FactoryError` for a model whose records cannot be made, and for an unknown field.
    """
    bound: Any = client or import_module("berceau_client").Prisma
    schema = bound._schema
    check_writable(schema, model)
    models = data_model(schema)
    given = {schema_name(models.models[model], name): value for name, value in fixed.items()}
    return records(models, models.models[model], given, ())


def records(
    models: DataModel, model: Model, given: Mapping[str, Any], stack: tuple[Relation, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    """Data for a model; `stack` are the relations that have led here."""
    always: dict[str, Strategy] = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in given.items()
    }
    sometimes: dict[str, Strategy] = {}
    keys = {name for relation in model.relations.values() for name in relation.fields}
    for relation in model.relations.values():
        needed = relation.holds_key and relation.required and relation.field not in given
        if needed and not all(name in given for name in relation.fields):
            always[relation.field] = parent(models, relation, stack)
    for name, field in model.fields.items():
        if name in given or name in keys or field.default == Generated("autoincrement"):
            continue
        if field.required and not field.has_default and not field.updated_at and not field.is_list:
            always[name] = values(models, field)
        elif (not field.updated_at and field.kind == "scalar") or field.kind == "enum":
            sometimes[name] = values(models, field) if field.required else st.none() | values(models, field)
    return st.fixed_dictionaries(always, optional=sometimes)


def parent(models: DataModel, relation: Relation, stack: tuple[Relation, ...]) -> Strategy:
    """A record that must be there first. Raises `FactoryError` where models require each other in a circle."""
    for place, earlier in enumerate(stack):
        if earlier.model == relation.model:
            raise circle(stack[place:])
    made = records(models, models.models[relation.target], {}, (*stack, relation))
    return made.map(lambda data: {"create": data})


def values(models: DataModel, field: Field) -> Strategy:
    """Values of a field, within what its column holds."""
    single = one(models, field)
    return st.lists(single, max_size=3) if field.is_list else single


def one(models: DataModel, field: Field) -> Strategy:
    """One value, or one element of a list."""
    if field.kind == "enum":
        return st.sampled_from(models.enums[field.type])
    match field.type:
        case "String":
            return texts(models, field)
        case "Int" | "BigInt":
            return st.integers(*integer_range(field))
        case "Float":
            return st.floats(allow_nan=False, allow_infinity=False, width=32 if field.native == "Real" else 64)
        case "Boolean":
            return st.booleans()
        case "Decimal":
            precision, scale = decimal_digits(field)
            scale = min(scale, 10)
            most = Decimal(10 ** (min(precision, 25) - scale) - 1)
            return st.decimals(-most, most, allow_nan=False, allow_infinity=False, places=scale)
        case "DateTime":
            return INSTANTS
        case "Bytes":
            return st.binary(max_size=20).map(Base64.encode)
    return DOCUMENTS.map(Json)


def texts(models: DataModel, field: Field) -> Strategy:
    """Text; that of a native type in its form."""
    length = text_length(field)
    match field.native:
        case "Uuid":
            return st.uuids().map(str)
        case "Bit":
            return st.text("01", min_size=length or 1, max_size=length or 1)
        case "VarBit":
            return st.text("01", max_size=length or 16)
        case "Inet" | "Xml":
            values = domain(models, field)
            return st.integers(0, min(values.size, 1000) - 1).map(values.value)
    return st.text(TEXT, max_size=min(length or 50, 50))
