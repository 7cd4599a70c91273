"""Every kind of wrong use: its error class, the path in Python names, what was expected; all before any SQL runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from berceau.client import Json
from berceau.client.errors import (
    FieldNotFoundError,
    InputError,
    InvalidValueError,
    MissingRequiredValueError,
    NullValueError,
    RawQueryError,
    ValueOutOfRangeError,
    WrongTypeError,
)

AUTHOR = {"connect": {"name": "Ada"}}

CASES: list[tuple[type[InputError], str, dict[str, Any], str]] = [
    # ------------------------------------------------------------ wrong types
    (WrongTypeError, "author.find_many", {"where": "Ada"}, "where: expected AuthorWhereInput, found str 'Ada'"),
    (WrongTypeError, "author.find_many", {"where": [{"name": "x"}]}, "where: expected AuthorWhereInput, found list"),
    (
        WrongTypeError,
        "author.find_many",
        {"where": {"OR": {}}},
        "where.OR: expected list of AuthorWhereInput, found dict",
    ),
    (
        WrongTypeError,
        "author.find_many",
        {"where": {"name": {"not_in": "x"}}},
        "where.name.not_in: expected list of String, found str 'x'",
    ),
    (
        WrongTypeError,
        "author.find_many",
        {"where": {"name": {"in": ["x", 1]}}},
        "where.name.in.1: expected String, found int 1",
    ),
    (
        WrongTypeError,
        "author.find_many",
        {"where": {"nicks": {"is_empty": "x"}}},
        "where.nicks.is_empty: expected Boolean, found str 'x'",
    ),
    (
        WrongTypeError,
        "book.find_many",
        {"where": {"author": 3}},
        "where.author: expected AuthorScalarRelationFilter or AuthorWhereInput, found int 3",
    ),
    (WrongTypeError, "author.find_many", {"include": ["books"]}, "include: expected a dictionary, found list"),
    (
        WrongTypeError,
        "author.find_many",
        {"include": {"books": "yes"}},
        "include.books: expected True, False or a dictionary of arguments, found str 'yes'",
    ),
    (
        WrongTypeError,
        "author.find_many",
        {"include": {"_count": {"selct": {}}}},
        'include._count: expected True, False or {"select": {relation: …}}, found dict',
    ),
    (
        WrongTypeError,
        "author.find_many",
        {"order": {"name": "asc", "score": "desc"}},
        "order: takes exactly one key, found 'name', 'score'; several go into a list of dictionaries",
    ),
    (WrongTypeError, "author.find_many", {"take": "all"}, "take: expected Int, found str 'all'"),
    (
        WrongTypeError,
        "author.create",
        {"data": {"name": "x", "score": True}},
        "data.score: expected Int, found bool True",
    ),
    (
        WrongTypeError,
        "author.create",
        {"data": {"name": "x", "score": 1.5}},
        "data.score: expected Int, found float 1.5",
    ),
    (
        WrongTypeError,
        "author.create",
        {"data": {"name": "x", "books": {"create": [{"title": "x"}, 3]}}},
        "data.books.create.1: expected BookCreateWithoutAuthorInput, found int 3",
    ),
    (
        WrongTypeError,
        "author.update",
        {"where": {"name": "x"}, "data": {"score": {"increment": 1, "set": 2}}},
        "data.score: takes exactly one key, found 'increment', 'set'",
    ),
    (
        WrongTypeError,
        "author.update",
        {"where": {"name": "x"}, "data": {"score": "x"}},
        "data.score: expected Int or {set, increment, decrement, multiply, divide}, found str 'x'",
    ),
    (WrongTypeError, "author.create_many", {"data": 3}, "data: expected a list of dictionaries, found int 3"),
    (WrongTypeError, "author.aggregate", {"sum": ["score"]}, "sum: expected a dictionary of fields, found list"),
    (
        WrongTypeError,
        "author.upsert",
        {"where": {"name": "x"}, "data": None},
        "data: expected a dictionary with `create` and `update`, found None",
    ),
    # ------------------------------------------------------------ missing
    (MissingRequiredValueError, "author.create", {"data": {}}, "data.name: must be given: expected String"),
    (
        MissingRequiredValueError,
        "author.create",
        {"data": {"name": "x", "books": {"create": [{"title": "x"}, {}]}}},
        "data.books.create.1.title: must be given: expected String",
    ),
    (
        MissingRequiredValueError,
        "author.create_many",
        {"data": [{"name": "x"}, {"score": 1}]},
        "data.1.name: must be given: expected String",
    ),
    (
        MissingRequiredValueError,
        "book.create",
        {"data": {"title": "x", "author": {"connect_or_create": {"where": {"name": "x"}}}}},
        "data.author.connect_or_create.create: must be given: expected AuthorCreateWithoutBooksInput",
    ),
    (MissingRequiredValueError, "author.find_unique", {"where": {}}, "where: needs at least one of id, name"),
    (MissingRequiredValueError, "author.find_unique", {"where": {"score": 1}}, "where: needs at least one of id, name"),
    (
        MissingRequiredValueError,
        "shelf.find_unique",
        {"where": {"room_place": {"room": "x"}}},
        "where.room_place.place: must be given: expected Int",
    ),
    (
        MissingRequiredValueError,
        "author.upsert",
        {"where": {"name": "x"}, "data": {"create": {"name": "x"}}},
        "data.update: must be given: an upsert takes `create` and `update`",
    ),
    (
        MissingRequiredValueError,
        "author.upsert",
        {"where": {"name": "x"}, "data": {"create": {}, "update": {}}},
        "data.create.name: must be given: expected String",
    ),
    (MissingRequiredValueError, "author.group_by", {"by": []}, "by: names no field to group by"),
    (MissingRequiredValueError, "author.aggregate", {}, "aggregate needs one of count, avg, sum, min and max"),
    *(
        (
            MissingRequiredValueError,
            "author.update",
            {"where": {"name": "x"}, "data": {"books": {operation: {"title": "x"}}}},
            f"data.books.{operation}: needs at least one of id",
        )
        for operation in ("connect", "delete", "set", "disconnect")
    ),
    # ------------------------------------------------------------ null
    (NullValueError, "author.create", {"data": None}, "data: must not be None: expected AuthorCreateInput"),
    (NullValueError, "author.create", {"data": {"name": None}}, "data.name: must not be None: expected String"),
    (
        NullValueError,
        "author.create",
        {"data": {"name": "x", "nicks": ["x", None]}},
        "data.nicks.1: must not be None: expected String",
    ),
    (
        NullValueError,
        "author.find_many",
        {"where": {"name": None}},
        "where.name: must not be None: expected String or StringFilter",
    ),
    (
        NullValueError,
        "author.create_many",
        {"data": [None]},
        "data.0: must not be None: expected AuthorCreateManyInput",
    ),
    (
        NullValueError,
        "book.update",
        {"where": {"id": 1}, "data": {"author": None}},
        "data.author: must not be None: expected AuthorUpdateOneRequiredWithoutBooksNestedInput",
    ),
    # ------------------------------------------------------------ unknown
    (
        FieldNotFoundError,
        "sample.aggregate",
        {"avg": {"wholes": True}},
        "avg.wholes: the avg of Sample has no 'wholes'",
    ),
    (
        FieldNotFoundError,
        "sample.aggregate",
        {"sum": {"exacts": True}},
        "sum.exacts: the sum of Sample has no 'exacts'",
    ),
    # ---------------------------------------- the relation that a nested write came by, and its key
    *(
        (
            FieldNotFoundError,
            "author.create",
            {"data": {"name": "x", "books": {write: given}}},
            f"data.books.{path}: {kind} has no '{path.rpartition('.')[2]}'",
        )
        for write, given, path, kind in (
            ("create", {"title": "x", "author": AUTHOR}, "create.author", "BookCreateWithoutAuthorInput"),
            ("create", {"title": "x", "authorId": 1}, "create.authorId", "BookCreateWithoutAuthorInput"),
            (
                "create_many",
                {"data": [{"title": "x", "authorId": 1}]},
                "create_many.data.0.authorId",
                "BookCreateManyAuthorInput",
            ),
            (
                "connect_or_create",
                {"where": {"id": 1}, "create": {"title": "x", "author": AUTHOR}},
                "connect_or_create.create.author",
                "BookCreateWithoutAuthorInput",
            ),
        )
    ),
    *(
        (
            FieldNotFoundError,
            "author.update",
            {"where": {"name": "x"}, "data": {"books": {write: given}}},
            f"data.books.{path}: {kind} has no '{path.rpartition('.')[2]}'",
        )
        for write, given, path, kind in (
            (
                "update",
                {"where": {"id": 1}, "data": {"author": AUTHOR}},
                "update.data.author",
                "BookUpdateWithoutAuthorInput",
            ),
            (
                "update_many",
                {"where": {}, "data": {"authorId": 1}},
                "update_many.data.authorId",
                "BookUpdateManyMutationInput or BookUpdateManyWithoutAuthorInput",
            ),
            (
                "upsert",
                {"where": {"id": 1}, "create": {"title": "x"}, "update": {"author": AUTHOR}},
                "upsert.update.author",
                "BookUpdateWithoutAuthorInput",
            ),
        )
    ),
    (FieldNotFoundError, "sample.aggregate", {"avg": {"text": True}}, "avg.text: the avg of Sample has no 'text'"),
    (FieldNotFoundError, "sample.aggregate", {"sum": {"at": True}}, "sum.at: the sum of Sample has no 'at'"),
    (
        FieldNotFoundError,
        "sample.group_by",
        {"by": "id", "sum": {"bigs": True}},
        "sum.bigs: the sum of Sample has no 'bigs'",
    ),
    (
        FieldNotFoundError,
        "sample.group_by",
        {"by": "id", "order": {"_avg": {"floats": "asc"}}},
        "order._avg.floats: SampleAvgOrderByAggregateInput has no 'floats'; did you mean 'float'?",
    ),
    (
        FieldNotFoundError,
        "book.update_many_and_return",
        {"data": {"title": "x"}, "include": {"title": True}},
        "include.title: Book has no 'title'",
    ),
    (
        FieldNotFoundError,
        "author.create_many_and_return",
        {"data": [{"name": "x"}], "include": {"books": True}},
        "include.books: the include of Author has no 'books'",
    ),
    (
        FieldNotFoundError,
        "author.find_many",
        {"where": {"nmae": "x"}},
        "where.nmae: AuthorWhereInput has no 'nmae'; did you mean 'name'?",
    ),
    (
        FieldNotFoundError,
        "author.find_many",
        {"where": {1: "x"}},
        "where.1: AuthorWhereInput has no 1; known are AND, NOT, OR, ",
    ),
    (
        FieldNotFoundError,
        "author.find_many",
        {"where": {"name": {"startsWith": "x"}}},
        "where.name.startsWith: StringFilter has no 'startsWith'; did you mean 'startswith'?",
    ),
    (
        FieldNotFoundError,
        "author.find_many",
        {"order": {"nmae": "asc"}},
        "order.nmae: AuthorOrderByInput has no 'nmae'; did you mean 'name'?",
    ),
    (
        FieldNotFoundError,
        "author.find_many",
        {"include": {"books": {"order_by": {"titel": "asc"}}}},
        "include.books.order_by.titel: BookOrderByInput has no 'titel'; did you mean 'title'?",
    ),
    (
        FieldNotFoundError,
        "author.find_many",
        {"include": {"_count": {"select": {"books": {"where": {"titel": "x"}}}}}},
        "include._count.select.books.where.titel: BookWhereInput has no 'titel'; did you mean 'title'?",
    ),
    (
        FieldNotFoundError,
        "book.create",
        {"data": {"title": "x", "author": {"conect": {}}}},
        "data.author.conect: AuthorCreateNestedOneWithoutBooksInput has no 'conect'; did you mean 'connect'?",
    ),
    (
        FieldNotFoundError,
        "book.create",
        {"data": {"title": "x", "author": AUTHOR, "authorId": "1"}},
        "data.authorId: cannot stand beside 'author': give either relations (connect, create …) or their keys",
    ),
    (
        FieldNotFoundError,
        "author.count",
        {"select": {"nmae": True}},
        "select.nmae: the count of Author has no 'nmae'; did you mean 'name'?",
    ),
    (
        FieldNotFoundError,
        "author.aggregate",
        {"sum": {"name": True}},
        "sum.name: the sum of Author has no 'name'; known are big, fortune, score",
    ),
    (
        FieldNotFoundError,
        "author.upsert",
        {"where": {"name": "x"}, "data": {"create": {"name": "x"}, "updte": {}}},
        "data.updte: an upsert has no 'updte'; did you mean 'update'?",
    ),
    # ------------------------------------------------------------ values that do not fit
    (
        ValueOutOfRangeError,
        "author.create",
        {"data": {"name": "x", "score": 2**31}},
        "data.score: 2147483648 does not fit an Int (-2147483648 to 2147483647)",
    ),
    (
        ValueOutOfRangeError,
        "author.find_many",
        {"where": {"big": {"in": [1, 2**63]}}},
        "where.big.in.1: 9223372036854775808 does not fit a BigInt",
    ),
    (ValueOutOfRangeError, "author.find_many", {"take": 2**40}, "take: 1099511627776 does not fit an Int"),
    # ------------------------------------------------------------ values that are none
    (
        InvalidValueError,
        "book.find_many",
        {"where": {"status": {"not_in": ["DRAFT", "PUBLISH"]}}},
        "where.status.not_in.1: expected one of DRAFT, PUBLISHED, found str 'PUBLISH'; did you mean 'PUBLISHED'?",
    ),
    (
        InvalidValueError,
        "author.find_many",
        {"distinct": ["nmae"]},
        "distinct.0: expected one of id, name, score, born, fortune, secret, notes, big, nicks, found str 'nmae'; did",
    ),
    (
        InvalidValueError,
        "author.create",
        {"data": {"name": "x", "fortune": "many"}},
        "data.fortune: 'many' is not a dec",
    ),
    (InvalidValueError, "author.create", {"data": {"name": "x", "born": "2020-13-01"}}, "data.born: month must be in"),
    (
        InvalidValueError,
        "author.create",
        {"data": {"name": "x", "notes": Json({"a": object()})}},
        "data.notes: object ",
    ),
    (InvalidValueError, "author.find_many", {"skip": -1}, "skip: Invalid value for skip argument"),
    (
        InvalidValueError,
        "author.find_many",
        {"include": {"books": {"skip": -1}}},
        "include.books.skip: Invalid value for skip argument",
    ),
    (
        InvalidValueError,
        "author.create",
        {"data": {"name": "a\0b"}},
        "data.name: PostgreSQL's text cannot hold null bytes",
    ),
    (
        InvalidValueError,
        "author.create",
        {"data": {"name": "x", "nicks": ["a", "\0"]}},
        "data.nicks.1: PostgreSQL's text cannot hold null bytes",
    ),
    # ------------------------------------------------------------ arguments that do not go together
    (InputError, "author.delete_many", {"limit": -1}, "limit: Provided limit (-1) must be a positive integer"),
    (
        InputError,
        "author.group_by",
        {"by": ["name"], "order": {"score": "asc"}},
        "order: Every field used for order must be included in the by-arguments",
    ),
    (InputError, "author.group_by", {"by": ["name"], "having": {"score": {"gt": 1}}}, "having: Every field used in"),
    (InputError, "author.group_by", {"by": ["name"], "take": 1}, "take: needs an `order` by fields that are in `by`"),
    (InputError, "author.find_first", {"take": 0}, "take: The 'findFirst' operation cannot be used with a 'take'"),
    (InputError, "author.find_many", {"select": {}}, "select: names nothing: at least one field must be selected"),
    (InvalidValueError, "author.find_many", {"distinct": []}, "distinct: names no field"),
    (FieldNotFoundError, "author.find_many", {"omit": {"books": True}}, "omit.books: is a relation, which is loaded"),
    (WrongTypeError, "author.find_many", {"omit": {"name": 1}}, "omit.name: expected True or False, found int 1"),
    (WrongTypeError, "author.group_by", {"by": 5}, "by: expected a field or a list of fields, found int 5"),
    (WrongTypeError, "author.group_by", {"by": [{}]}, "by.0: expected a field, found dict"),
    (
        InputError,
        "shelf.find_many",
        {"omit": {"room": True, "place": True, "facts": True, "notes": True}},
        "omit: leaves nothing: at least one field must be loaded",
    ),
]


async def test_wrong_arguments_are_told_by_class_path_and_expectation_before_any_sql(
    db: Any, events: list[Any]
) -> None:
    wrong: list[str] = []
    for error_class, operation, arguments, expected in CASES:
        model, _, action = operation.partition(".")
        with pytest.raises(InputError) as caught:
            await getattr(getattr(db, model), action)(**arguments)
        if type(caught.value) is not error_class or not str(caught.value).startswith(expected):
            wrong.append(f"{operation}({arguments}): {type(caught.value).__name__}: {caught.value}")
    assert not wrong, "\n".join(wrong)
    assert events == []


CODES = {
    row[0]: set(re.findall(r"P\d{4}", row[1]))
    for row in re.findall(
        r"^\| `(\w+)` \| ([P\d, ]+) \|",
        (Path(__file__).parents[4] / "docs/client/errors.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}
"""The codes that the reference tells for each class of errors."""


async def test_the_codes_are_those_that_the_reference_tells(db: Any) -> None:
    found: dict[str, set[str]] = {}
    for _, operation, arguments, _ in CASES:
        model, _, action = operation.partition(".")
        with pytest.raises(InputError) as caught:
            await getattr(getattr(db, model), action)(**arguments)
        found.setdefault(type(caught.value).__name__, set()).add(caught.value.code)
    assert {name: codes - CODES[name] for name, codes in found.items() if codes - CODES[name]} == {}


def test_the_classes_of_what_can_be_wrong_with_a_value_are_apart_and_have_their_family() -> None:
    assert issubclass(NullValueError, MissingRequiredValueError)
    assert issubclass(WrongTypeError, InvalidValueError)
    assert issubclass(ValueOutOfRangeError, InvalidValueError)
    families = (FieldNotFoundError, InvalidValueError, MissingRequiredValueError)
    for one in families:
        assert issubclass(one, InputError)
        assert not any(issubclass(one, other) for other in families if other is not one)


async def test_a_field_of_another_type_or_model_is_named_by_the_argument_that_compares_with_it(db: Any) -> None:
    with pytest.raises(InputError, match=r"^where\.score\.gt: .*type Int but found Author\.name of type String"):
        await db.author.find_many(where={"score": {"gt": db.author.fields.name}})
    with pytest.raises(InputError, match=r"^include\.books\.where\.title\.equals: .*field of model Author"):
        await db.author.find_many(include={"books": {"where": {"title": {"equals": db.author.fields.name}}}})


async def test_a_value_that_the_driver_cannot_send_is_named_by_its_path(db: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^where\.id: 'nope' does not fit .*invalid UUID"):
        await db.author.find_unique(where={"id": "nope"})
    with pytest.raises(InvalidValueError, match=r"^data\.name: '.ud800' does not fit .*surrogates"):
        await db.author.create(data={"name": "\ud800"})
    with pytest.raises(InvalidValueError, match=r"^data\.nicks: .*'.ud800'.* does not fit .*surrogates"):
        await db.author.create(data={"name": "x", "nicks": ["a", "\ud800"]})
    with pytest.raises(InvalidValueError, match=r"^include\.books\.where\.OR\.1\.authorId: 'no' does not fit"):
        where = {"OR": [{"title": "x"}, {"authorId": "no"}]}
        await db.author.create(data={"name": "x"})
        await db.author.find_many(include={"books": {"where": where}})


async def test_none_as_an_argument_of_an_included_relation_counts_as_not_given(db: Any) -> None:
    await db.author.create(data={"name": "Ada", "books": {"create": [{"title": "x"}]}})
    [author] = await db.author.find_many(include={"books": {"where": None, "take": None, "order_by": None}})
    assert [book.title for book in author.books] == ["x"]


async def test_null_bytes_in_parameters_of_raw_sql_are_refused_clearly(db: Any) -> None:
    with pytest.raises(RawQueryError, match="null byte"):
        await db.query_raw("SELECT $1::text", "a\0b")
    with pytest.raises(RawQueryError, match="null byte"):
        await db.execute_raw("SELECT $1::text[]", ["a\0b"])


@pytest.mark.parametrize("document", ["\0", {"a": ["\0"]}, {"\0": 1}, "\\\0"])
async def test_a_null_byte_in_a_document_is_refused_before_sql(db: Any, document: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^data\.notes: PostgreSQL's JSON cannot hold null bytes"):
        await db.author.create(data={"name": "x", "notes": Json(document)})


async def test_a_backslash_before_u0000_is_no_null_byte(db: Any) -> None:
    assert (await db.author.create(data={"name": "x", "notes": Json(["\\u0000"])})).notes == ["\\u0000"]


async def test_a_document_that_is_nested_too_deeply_is_refused(db: Any) -> None:
    document: Any = 0
    for _ in range(100_000):
        document = [document]
    with pytest.raises(InvalidValueError, match=r"^data\.notes: .*nested too deeply"):
        await db.author.create(data={"name": "x", "notes": Json(document)})


async def test_the_number_of_parameters_of_raw_sql_is_compared(db: Any) -> None:
    with pytest.raises(InvalidValueError, match="takes 2 parameters, but 1 were given"):
        await db.query_raw("SELECT $1::int + $2::int", 1)
