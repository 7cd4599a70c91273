"""Filters through relations, and relations in results."""

from __future__ import annotations

from typing import Any

from harness.operations import Case, cases, op

from cases.people import ADA, BOB, EVE


def customers(where: dict[str, Any]) -> Case:
    """The customers that match."""
    return cases(op("Customer.findMany", where=where, select={"name": True}, orderBy={"id": "asc"}))[0]


FILTERS = (
    *map(
        customers,
        (
            {"orders": {"some": {}}},
            {"orders": {"none": {}}},
            {"orders": {"every": {}}},
            {"orders": {"some": {"status": "OPEN"}}},
            {"orders": {"every": {"status": "OPEN"}}},
            {"orders": {"none": {"status": "OPEN"}}},
            {"orders": {"some": {"status": "OPEN"}, "none": {"status": "CANCELLED"}}},
            {"orders": {"some": {"items": {"some": {"product": {"sku": "pen"}}}}}},
            {"orders": {"some": {"items": {"every": {"quantity": {"gt": 1}}}}}},
            {"orders": {"none": {"items": {"none": {"product": {"is": {"price": {"gt": 100}}}}}}}},
            {"NOT": {"orders": {"some": {}}}},
            {"profile": None},
            {"profile": {"is": None}},
            {"profile": {"isNot": None}},
            {"profile": {"bio": "Reader"}},
            {"profile": {"is": {"bio": None}}},
            {"profile": {"isNot": {"bio": "Reader"}}},
            {"profile": {"is": {"bio": "Reader"}, "isNot": {"website": None}}},
            {"referrer": {"name": "Ada"}},
            {"referrer": None},
            {"referrer": {"isNot": None}},
            {"referrer": {"referrer": {"name": "Ada"}}},
            {"referrer": {"isNot": {"referrer": {"is": None}}}},
            {"referred": {"some": {"score": {"gt": 5}}}},
            {"referred": {"every": {"referred": {"none": {}}}}},
            {"mentor": {"mentee": {"name": "Bob"}}},
            {"mentee": None},
            {"mentee": {"isNot": None}},
            {"friends": {"some": {"name": "Ada"}}},
            {"friends": {"every": {"name": "Ada"}}},
            {"friends": {"none": {}}},
            {"friendOf": {"some": {"friendOf": {"some": {"id": ADA}}}}},
            {"OR": [{"profile": {"website": {"not": None}}}, {"orders": {"some": {"note": "gift"}}}]},
            {"AND": [{"orders": {"some": {"status": "PAID"}}}, {"reviews": {"some": {"rating": {"gte": 4}}}}]},
            {"reviews": {"every": {"product": {"categories": {"some": {"parent": {"is": None}}}}}}},
        ),
    ),
    *cases(
        op("Product.findMany", where={"supplier": {"country": "DE"}}, select={"sku": True}),
        op("Product.findMany", where={"supplier": None}, select={"sku": True}),
        op("Product.findMany", where={"supplier": {"isNot": {"name": "Bolt"}}}, select={"sku": True}),
        op("Product.findMany", where={"categories": {"some": {"children": {"some": {}}}}}, select={"sku": True}),
        op("Product.findMany", where={"categories": {"none": {}}}, select={"sku": True}),
        op("Category.findMany", where={"parent": {"parent": {"title": "Kitchen"}}}),
        op("Category.findMany", where={"children": {"every": {"products": {"some": {}}}}}),
        op("OrderItem.findMany", where={"order": {"customer": {"id": EVE}}, "product": {"active": True}}),
        op("Review.findMany", where={"customer": {"is": None}}),
        op("Review.findMany", where={"customer": {"isNot": {"orders": {"some": {}}}}}),
        op("Customer.findUnique", where={"id": ADA, "score": 10, "orders": {"some": {}}}),
        op("Customer.findUnique", where={"id": ADA, "score": 11}),
        op("Customer.findUnique", where={"email": "bob@example.com", "OR": [{"score": 1}, {"score": 10}]}),
        op("OrderItem.findUnique", where={"line": {"orderId": "o1", "productId": 1}}),
        op("OrderItem.findUnique", where={"line": {"orderId": "o1", "productId": 1}, "quantity": 11}),
        op("Category.findUnique", where={"slug_locale": {"slug": "office", "locale": "fr"}}),
        op("Category.findUnique", where={"titleInParent": {"title": "Mugs", "parentId": 3}}),
        op("Supplier.findUnique", where={"country_code": {"country": "DE", "code": "B2"}}, include={"products": True}),
        op("Supplier.findUnique", where={"country_code": {"country": "DE", "code": "?"}}),
        op("Customer.findUnique", where={"mentorId": ADA}),
        op("Profile.findUnique", where={"customerId": ADA}, include={"customer": True}),
    ),
)

ITEMS = {"items": {"orderBy": {"productId": "asc"}}}
SELECTIONS = (
    {"include": {"orders": True}},
    {"include": {"orders": {"include": ITEMS, "orderBy": {"number": "desc"}}}},
    {"include": {"orders": {"where": {"status": "OPEN"}, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"take": 1, "orderBy": {"number": "desc"}}}},
    {"include": {"orders": {"take": -1, "orderBy": {"number": "desc"}}}},
    {"include": {"orders": {"skip": 1, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"skip": 1, "take": 1, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"take": 0}}},
    {"include": {"orders": {"cursor": {"id": "o2"}, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"cursor": {"id": "o2"}, "skip": 1, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"cursor": {"number": 7}, "take": -2, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"distinct": ["status"], "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"distinct": ["status", "placedAt"], "orderBy": {"number": "asc"}, "take": 2}}},
    {"include": {"orders": {"select": {"status": True}, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"omit": {"note": True}, "orderBy": {"number": "asc"}}}},
    {"include": {"orders": {"orderBy": [{"status": "asc"}, {"number": "desc"}]}}},
    {"include": {"orders": {"orderBy": {"items": {"_count": "desc"}}, "select": {"id": True, "_count": True}}}},
    {"include": {"orders": {"orderBy": {"note": {"sort": "asc", "nulls": "first"}}, "select": {"note": True}}}},
    {"include": {"profile": True, "referrer": True, "mentor": True, "mentee": True}},
    {"include": {"profile": {"select": {"settings": True, "avatar": True}}}},
    {"include": {"referred": {"include": {"referred": True}}, "referrer": {"include": {"referrer": True}}}},
    {"include": {"friends": {"orderBy": {"id": "asc"}}, "friendOf": {"select": {"id": True}, "orderBy": {"id": "asc"}}}},
    {"include": {"friends": {"include": {"friends": {"take": 1, "orderBy": {"id": "desc"}}}, "orderBy": {"id": "asc"}}}},
    {"include": {"reviews": {"include": {"product": {"include": {"categories": {"orderBy": {"id": "asc"}}}}}}}},
    {"include": {"_count": True}},
    {"include": {"_count": {"select": {"orders": True, "friends": True}}}},
    {"include": {"_count": {"select": {"orders": {"where": {"status": "OPEN"}}}}}},
    {"include": {"_count": {"select": {"friends": {"where": {"score": {"gt": 0}}}, "reviews": True}}, "orders": True}},
    {"include": {"orders": False, "profile": True}},
    {"select": {"id": True}},
    {"select": {"name": True, "email": False}},
    {"select": {"id": True, "orders": {"select": {"items": {"select": {"product": {"select": {"title": True}}}}}}}},
    {"select": {"orders": {"include": {"items": {"include": {"product": True}}}}}},
    {"select": {"orders": True, "profile": True, "_count": {"select": {"referred": True}}}},
    {"select": {"_count": True}},
    {"select": {"priority": True, "createdAt": True, "referrer": {"select": {"priority": True, "updatedAt": True}}}},
    {"omit": {"email": True, "createdAt": True}},
    {"omit": {"email": False}},
    {"omit": {"email": True}, "include": {"profile": {"omit": {"settings": True}}}},
)


def selections() -> tuple[Case, ...]:
    """Each selection with joins and with one query a relation."""
    return tuple(
        case
        for selection in SELECTIONS
        for strategy in ("join", "query")
        for case in cases(
            op("Customer.findMany", orderBy={"id": "asc"}, relationLoadStrategy=strategy, **selection),
        )
    )


OTHERS = cases(
    op("Product.findMany", include={"categories": {"include": {"parent": True, "children": True}}, "supplier": True}),
    op("Product.findMany", include={"categories": {"take": 1, "orderBy": {"id": "desc"}}}, relationLoadStrategy="join"),
    op("Product.findMany", include={"categories": {"take": 1, "orderBy": {"id": "desc"}}}, relationLoadStrategy="query"),
    op("Product.findMany", include={"categories": {"cursor": {"id": 2}, "orderBy": {"id": "asc"}}}),
    op("Product.findMany", include={"categories": {"distinct": ["locale"], "orderBy": {"id": "asc"}}}),
    op("Product.findMany", include={"items": {"orderBy": {"orderId": "asc"}}, "reviews": {"orderBy": {"id": "asc"}}}),
    op("Product.findMany", include={"items": {"cursor": {"line": {"orderId": "o2", "productId": 1}}, "orderBy": [{"orderId": "asc"}]}}),
    op("Supplier.findMany", include={"products": {"include": {"_count": True}, "orderBy": {"id": "asc"}}, "_count": True}),
    op("Category.findMany", include={"products": {"orderBy": {"price": "desc"}, "take": 2}, "children": True}),
    op("Category.findMany", include={"products": {"select": {"id": True, "price": True, "tags": True, "sizes": True}}}),
    op("Order.findMany", include={"customer": {"include": {"profile": True}}, "items": {"include": {"product": True}}}),
    op("Order.findMany", include={"customer": True}, relationLoadStrategy="query"),
    op("OrderItem.findMany", include={"order": True, "product": {"include": {"supplier": True}}}),
    op("Review.findMany", include={"customer": {"select": {"name": True}}, "product": {"omit": {"attributes": True}}}),
    op("Profile.findMany", include={"customer": {"include": {"orders": {"include": {"items": True}}}}}),
    op("Customer.findFirst", where={"id": BOB}, include={"orders": {"include": {"_count": {"select": {"items": {"where": {"quantity": {"gt": 1}}}}}}}}),
    op("Customer.findUnique", where={"id": ADA}, select={"friends": {"select": {"friends": {"select": {"name": True}}}}}),
    op("Customer.findUniqueOrThrow", where={"email": "ada@example.com"}, include={"orders": True}),
    op("Customer.findFirstOrThrow", where={"name": "nobody"}),
    op("Customer.findFirstOrThrow", where={"name": {"startsWith": "A"}}, orderBy={"id": "asc"}, select={"email": True}),
    op("Customer.findUnique", where={"id": ADA}, include={"orders": True}, select={"id": True}),
    op("Customer.findUnique", where={"id": ADA}, select={}),
    op("Customer.findUnique", where={"id": ADA}, select={"id": False}),
    op("Customer.findUnique", where={"id": ADA}, include={"name": True}),
    op("Customer.findUnique", where={"id": ADA}, include={}),
    op("Customer.findUnique", where={"id": ADA}, select={"name": True}, omit={"name": True}),
)

CASES = (*FILTERS, *selections(), *OTHERS)
