"""Reading: the operations and their arguments."""

from __future__ import annotations

from harness.operations import cases, op

from cases.people import ADA, BOB, CLEO, VAULT, uuid

CASES = cases(
    op("Customer.findMany"),
    op("Product.findMany"),
    op("Scalar.findMany"),
    op("Native.findMany"),
    op("Awkward.findMany"),
    op("Default.findMany"),
    op("CustomerTotal.findMany", orderBy={"customerId": "asc"}),
    op("Customer.findUnique", where={"id": ADA}),
    op("Customer.findUnique", where={"id": uuid(99)}),
    op("Customer.findUniqueOrThrow", where={"id": uuid(99)}),
    op("Customer.findMany", include={"orders": {"include": {"items": True}}, "profile": True}),
    op("Product.findMany", include={"supplier": True, "categories": True, "_count": True}),
    op("Product.findUnique", where={"id": VAULT}),
    op("Customer.update", where={"id": BOB}, data={"name": "Robert"}),
    op("Customer.update", where={"id": uuid(99)}, data={"name": "Robert"}),
    op("Customer.create", data={"email": "new", "name": "New"}),
    op("Customer.create", data={"email": "ada@example.com", "name": "New"}),
    op("Customer.delete", where={"id": CLEO}),
    op("Customer.count"),
    op("Customer.aggregate", _count=True, _sum={"score": True}),
    op("Customer.groupBy", by=["priority"], _count=True, orderBy={"priority": "asc"}),
    op("Customer.findMany", where={"nope": 1}),
)
