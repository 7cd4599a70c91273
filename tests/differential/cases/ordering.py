"""Order, paging and distinct."""

from __future__ import annotations

from harness.operations import cases, op

from cases.people import ADA, BOB, EVE, VAULT, ZOE

NAME = {"select": {"name": True}}
SKU = {"select": {"sku": True}}

ORDERS = cases(
    op("Customer.findMany", orderBy={"name": "asc"}, **NAME),
    op("Customer.findMany", orderBy={"name": "desc"}, **NAME),
    op("Customer.findMany", orderBy=[{"score": "asc"}, {"name": "desc"}], **NAME),
    op("Customer.findMany", orderBy=[{"priority": "desc"}, {"createdAt": "asc"}, {"id": "desc"}], **NAME),
    op("Customer.findMany", orderBy=[{"nickname": {"sort": "asc", "nulls": "first"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"nickname": {"sort": "asc", "nulls": "last"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"nickname": {"sort": "desc", "nulls": "first"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"nickname": {"sort": "desc", "nulls": "last"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"nickname": {"sort": "desc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"referrer": {"name": "asc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"referrer": {"referrer": {"name": "desc"}}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"referrer": {"nickname": {"sort": "asc", "nulls": "first"}}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"profile": {"bio": "asc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"orders": {"_count": "desc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"orders": {"_count": "asc"}}, {"reviews": {"_count": "desc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"friends": {"_count": "desc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"referred": {"_count": "desc"}}, {"score": "asc"}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy=[{"mentee": {"mentee": {"id": "asc"}}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", orderBy={"_relevance": {"fields": ["name"], "search": "ada", "sort": "desc"}}, take=2, **NAME),
    op("Customer.findMany", orderBy=[{"_relevance": {"fields": ["name", "nickname"], "search": "al | cc", "sort": "asc"}}, {"id": "asc"}], **NAME),
    op("Product.findMany", orderBy=[{"supplier": {"name": "asc"}}, {"id": "asc"}], **SKU),
    op("Product.findMany", orderBy=[{"price": "desc"}, {"weight": {"sort": "asc", "nulls": "first"}}], **SKU),
    op("Product.findMany", orderBy=[{"categories": {"_count": "desc"}}, {"id": "desc"}], **SKU),
    op("OrderItem.findMany", orderBy=[{"order": {"customer": {"name": "asc"}}}, {"product": {"price": "desc"}}, {"orderId": "asc"}]),
    op("Category.findMany", orderBy=[{"parent": {"parent": {"title": "asc"}}}, {"id": "asc"}]),
    op("Category.findMany", orderBy=[{"children": {"_count": "desc"}}, {"title": "asc"}]),
    op("Awkward.findMany", orderBy=[{"not": "asc"}, {"id": "desc"}]),
    op("Scalar.findMany", orderBy={"json": "asc"}, select={"id": True}),
    op("Scalar.findMany", orderBy=[{"stringList": "asc"}, {"id": "asc"}], select={"id": True}),
    op("Scalar.findMany", orderBy=[{"enum": "desc"}, {"bytes": "asc"}, {"boolean": "asc"}], select={"id": True}),
    op("Customer.findMany", orderBy=[], **NAME),
    op("Customer.findMany", orderBy={}, **NAME),
    op("Customer.findFirst", orderBy={"score": "desc"}, **NAME),
    op("Customer.findFirst", orderBy={"score": "desc"}, skip=1, **NAME),
    op("Customer.findFirst", orderBy={"score": "asc"}, take=-1, **NAME),
    op("Customer.findFirst", orderBy={"score": "asc"}, take=-1, skip=2, **NAME),
    op("Customer.findFirst", where={"score": 10}, cursor={"id": BOB}, orderBy={"id": "asc"}, **NAME),
    op("Customer.findFirst", where={"name": "nobody"}),
    op("Customer.findFirst", distinct=["priority"], orderBy={"id": "desc"}, **NAME),
)

BY_ID = {"orderBy": {"id": "asc"}}
PAGES = cases(
    *(op("Customer.findMany", **page, **BY_ID, **NAME) for page in (
        {"take": 3}, {"take": 0}, {"take": -3}, {"take": 100}, {"skip": 3}, {"skip": 0}, {"skip": 100},
        {"take": 2, "skip": 2}, {"take": -2, "skip": 2},
        {"cursor": {"id": EVE}}, {"cursor": {"id": EVE}, "take": 2}, {"cursor": {"id": EVE}, "take": -2},
        {"cursor": {"id": EVE}, "skip": 1}, {"cursor": {"id": EVE}, "skip": 1, "take": 2},
        {"cursor": {"id": EVE}, "skip": 1, "take": -2}, {"cursor": {"email": "zoe@example.com"}},
        {"cursor": {"id": "00000000-0000-4000-8000-000000000099"}},
        {"cursor": {"mentorId": ADA}}, {"cursor": {"id": ADA}, "where": {"score": {"gt": 10}}},
        {"cursor": {"id": EVE}, "where": {"score": 10}}, {"cursor": {"id": EVE, "name": "x"}},
    )),
    op("Customer.findMany", cursor={"id": EVE}, orderBy=[{"score": "asc"}, {"id": "asc"}], **NAME),
    op("Customer.findMany", cursor={"id": BOB}, orderBy=[{"score": "desc"}, {"name": "asc"}], take=3, **NAME),
    op("Customer.findMany", cursor={"id": BOB}, orderBy=[{"nickname": "asc"}, {"id": "asc"}], **NAME),
    op("Customer.findMany", cursor={"id": BOB}, orderBy=[{"nickname": {"sort": "desc", "nulls": "last"}}, {"id": "asc"}], take=-3, **NAME),
    op("Customer.findMany", cursor={"id": ZOE}, orderBy=[{"referrer": {"name": "asc"}}, {"id": "asc"}], **NAME),
    op("Customer.findMany", cursor={"id": BOB}, orderBy=[{"orders": {"_count": "desc"}}, {"id": "asc"}], take=4, **NAME),
    op("Customer.findMany", cursor={"id": BOB}, orderBy=[{"createdAt": "desc"}, {"priority": "asc"}], take=2, skip=1, **NAME),
    op("Customer.findMany", cursor={"id": BOB}, **NAME),
    op("Product.findMany", cursor={"id": VAULT}, orderBy={"price": "asc"}, take=-3, **SKU),
    op("OrderItem.findMany", cursor={"line": {"orderId": "o2", "productId": 3}}, orderBy=[{"orderId": "asc"}, {"productId": "asc"}]),
    op("OrderItem.findMany", cursor={"line": {"orderId": "o2", "productId": 3}}, orderBy={"quantity": "desc"}, take=3),
    op("Supplier.findMany", cursor={"country_code": {"country": "DE", "code": "B2"}}, orderBy={"name": "asc"}),
    op("Category.findMany", cursor={"slug_locale": {"slug": "buero", "locale": "de"}}, orderBy=[{"parentId": "asc"}, {"id": "asc"}]),
    op("CustomerTotal.findMany", orderBy=[{"orders": "desc"}, {"customerId": "asc"}], skip=1, take=3),
)

DISTINCT = cases(
    *(op("Customer.findMany", **arguments) for arguments in (
        {"distinct": ["score"], **BY_ID, **NAME},
        {"distinct": "priority", **BY_ID, **NAME},
        {"distinct": ["priority", "score"], **BY_ID, **NAME},
        {"distinct": ["priority"], "orderBy": [{"score": "desc"}, {"id": "asc"}], **NAME},
        {"distinct": ["priority"], "orderBy": [{"priority": "asc"}, {"id": "asc"}], **NAME},
        {"distinct": ["nickname"], **BY_ID, **NAME},
        {"distinct": ["createdAt"], "take": 2, **BY_ID, **NAME},
        {"distinct": ["createdAt"], "take": -2, **BY_ID, **NAME},
        {"distinct": ["score"], "skip": 1, "take": 2, **BY_ID, **NAME},
        {"distinct": ["score"], "cursor": {"id": BOB}, **BY_ID, **NAME},
        {"distinct": ["score"], "cursor": {"id": BOB}, "skip": 1, "take": 1, **BY_ID, **NAME},
        {"distinct": ["referrerId"], **BY_ID, "include": {"referrer": {"select": {"name": True}}}},
        {"distinct": ["score"], **BY_ID, "include": {"orders": {"distinct": ["status"], "orderBy": {"id": "asc"}}}},
        {"distinct": ["id"], "where": {"score": 10}, **BY_ID, **NAME},
    )),
    op("Order.findMany", distinct=["status"], orderBy={"number": "desc"}, include={"items": {"take": 1, "orderBy": {"productId": "asc"}}}),
    op("Order.findMany", distinct=["placedAt"], orderBy={"number": "asc"}, select={"number": True}),
    op("OrderItem.findMany", distinct=["unitPrice"], orderBy=[{"orderId": "asc"}, {"productId": "asc"}]),
    op("Scalar.findMany", distinct=["string"], orderBy={"id": "asc"}, select={"id": True}),
    op("Scalar.findMany", distinct=["decimal", "bytes", "bigint"], orderBy={"id": "asc"}, select={"id": True}),
    op("Scalar.findMany", distinct=["datetime"], orderBy={"id": "asc"}, select={"id": True}),
    op("Scalar.findMany", distinct=["intList"], orderBy={"id": "asc"}, select={"id": True}),
    op("Scalar.findMany", distinct=["json"], orderBy={"id": "asc"}, select={"id": True}),
    op("Scalar.findMany", distinct=["bytesOpt"], orderBy={"id": "asc"}, select={"id": True}),
    op("Product.findMany", distinct=["price"], orderBy={"id": "asc"}, take=3, skip=1, **SKU),
    op("Product.findMany", distinct=["tags"], orderBy={"id": "asc"}, **SKU),
    op("Product.findMany", distinct=["attributes"], orderBy={"id": "asc"}, **SKU),
)

CASES = (*ORDERS, *PAGES, *DISTINCT)
