"""Filters that compare a field with another of the same model."""

from __future__ import annotations

from collections.abc import Iterator

from harness.operations import Case, cases, op
from harness.values import Field

NUMBERS = (("int", "intOpt"), ("bigint", "bigintOpt"), ("float", "floatOpt"), ("decimal", "decimalOpt"))
ORDERED = (*NUMBERS, ("string", "stringOpt"), ("datetime", "datetimeOpt"))
ALIKE = (*ORDERED, ("boolean", "booleanOpt"), ("bytes", "bytesOpt"), ("uuid", "uuidOpt"), ("enum", "enumOpt"))
LISTS = ("string", "int", "bigint", "float", "decimal", "boolean", "datetime", "uuid", "enum")


def by_type() -> Iterator[Case]:
    """Each operator that takes a reference, for each type that has it."""
    for field, other in ALIKE:
        reference = Field("Scalar", other)
        operators = ("equals", "not", *(("lt", "lte", "gt", "gte") if (field, other) in ORDERED else ()))
        for operator in operators:
            yield from cases(op("Scalar.findMany", where={field: {operator: reference}}, select={"id": True}))
    for name in LISTS:
        yield from cases(
            op("Scalar.findMany", where={name: {"in": Field("Scalar", f"{name}List")}}, select={"id": True}),
            op("Scalar.findMany", where={name: {"notIn": Field("Scalar", f"{name}List")}}, select={"id": True}),
            op("Scalar.findMany", where={f"{name}List": {"has": Field("Scalar", name)}}, select={"id": True}),
            op("Scalar.findMany", where={f"{name}List": {"equals": Field("Scalar", f"{name}List")}}, select={"id": True}),
            op("Scalar.findMany", where={f"{name}List": {"hasSome": Field("Scalar", f"{name}List")}}, select={"id": True}),
        )


CASES = (
    *by_type(),
    *cases(
        op("Customer.findMany", where={"name": {"contains": Field("Customer", "nickname")}}, select={"name": True}),
        op("Customer.findMany", where={"name": {"startsWith": Field("Customer", "nickname")}}, select={"name": True}),
        op("Customer.findMany", where={"email": {"endsWith": Field("Customer", "nickname"), "mode": "insensitive"}}, select={"name": True}),
        op("Customer.findMany", where={"name": {"equals": Field("Customer", "nickname"), "mode": "insensitive"}}, select={"name": True}),
        op("Customer.findMany", where={"updatedAt": {"gt": Field("Customer", "createdAt")}}, select={"name": True}),
        op("Customer.findMany", where={"NOT": {"updatedAt": {"gt": Field("Customer", "createdAt")}}}, select={"name": True}),
        op("Customer.findMany", where={"orders": {"some": {"items": {"some": {"quantity": {"gt": Field("OrderItem", "unitPrice")}}}}}}),
        op("OrderItem.findMany", where={"productId": {"equals": Field("OrderItem", "productId")}}),
        op("Product.findMany", where={"stock": {"lt": Field("Product", "stock")}}, select={"sku": True}),
        op("Product.findMany", where={"title": {"not": Field("Product", "description")}}, select={"sku": True}),
        op("Product.findMany", where={"attributes": {"equals": Field("Product", "attributes")}}, select={"sku": True}),
        op("Product.updateMany", where={"title": {"equals": Field("Product", "sku"), "mode": "insensitive"}}, data={"stock": 0}),
        op("Product.deleteMany", where={"description": {"contains": Field("Product", "title")}, "items": {"none": {}}}),
        op("Product.count", where={"description": {"contains": Field("Product", "title"), "mode": "insensitive"}}),
        op("Product.groupBy", by=["active", "stock"], having={"stock": {"gt": Field("Product", "stock")}}, orderBy={"stock": "asc"}),
        op("Awkward.findMany", where={"from": {"equals": Field("Awkward", "in")}}),
        op("Awkward.findMany", where={"class": {"not": Field("Awkward", "schema")}, "not": {"gte": Field("Awkward", "id")}}),
        op("Customer.findMany", where={"score": {"gt": Field("Product", "stock")}}),
        op("Customer.findMany", where={"score": {"gt": Field("Customer", "name")}}),
    ),
)  # fmt: skip
