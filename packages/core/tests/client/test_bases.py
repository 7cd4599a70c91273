"""Users' own classes of records: on a base, on a model, and partial models."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError, computed_field, field_validator

from berceau.client import BoundSchema, prisma
from berceau.client.errors import (
    ClientAlreadyRegisteredError,
    ClientNotRegisteredError,
    InputError,
    UnknownRelationalFieldError,
)

BOOK = {"id": 1, "title": "x", "isEmpty": False, "status": "DRAFT", "authorId": "1"}
NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def unregistered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prisma, "_registered", None)


@pytest.fixture
async def ada(db: Any) -> Any:
    """Someone with two books."""
    books = {"create": [{"title": "x"}, {"title": "y", "status": "PUBLISHED"}]}
    return await db.author.create(data={"name": "Ada", "score": 3, "books": books})


@pytest.fixture
def name() -> Iterator[str]:
    """A name for a partial model that no other test takes."""
    return (f"Partial{number}" for number in NUMBERS)


async def test_a_class_on_a_base_holds_the_fields_that_it_names_and_loads_no_others(
    bound: BoundSchema, url: str
) -> None:
    statements: list[str] = []

    class Named(bound.bases.get("Author")):  # type: ignore[misc]
        name: str
        score: int

        @field_validator("name")
        @classmethod
        def shout(cls, value: str) -> str:
            return value.upper()

        @computed_field  # type: ignore[prop-decorator]
        @property
        def double(self) -> int:
            return self.score * 2

    async with bound.client_class()(url, on_query=lambda event: statements.append(event.sql)) as db:
        created = await Named.prisma(db).create(data={"name": "Ada", "score": 2})
        found = await Named.prisma(db).find_many(where={"name": "Ada"})
    assert created == found[0] == Named.model_construct(name="ADA", score=2)
    assert type(found[0]) is Named
    assert found[0].model_dump() == {"name": "ADA", "score": 2, "double": 4}
    assert '"born"' not in statements[-1]


async def test_related_records_are_of_the_class_that_the_annotation_names(
    db: Any, bound: BoundSchema, ada: Any
) -> None:
    class Title(bound.bases.get("Book")):  # type: ignore[misc]
        title: str

    class Writer(bound.bases.get("Author")):  # type: ignore[misc]
        name: str
        books: list[Title] | None = None
        rivals: list[bound.models.get("Author")] | None = None  # type: ignore[misc]

    writer = await Writer.prisma(db).find_unique(where={"id": ada.id})
    assert (writer.name, writer.books) == ("Ada", None)
    writer = await Writer.prisma(db).find_unique(
        where={"id": ada.id}, include={"books": {"order": {"title": "asc"}}, "rivals": True}
    )
    assert writer.books == [Title(title="x"), Title(title="y")]
    assert writer.rivals == []


async def test_a_subclass_of_a_model_has_its_records(db: Any, bound: BoundSchema, ada: Any) -> None:
    class Person(bound.models.get("Author")):  # type: ignore[misc]
        @property
        def greeting(self) -> str:
            return f"I am {self.name}"

    person = await Person.prisma(db).find_unique(where={"id": ada.id}, include={"books": True, "_count": True})
    assert type(person) is Person
    assert person.greeting == "I am Ada"
    assert sorted(book.title for book in person.books) == ["x", "y"]
    assert type(person.books[0]) is bound.models.get("Book")
    assert person.count_.books == 2
    [person] = await Person.prisma(db).query_raw('SELECT * FROM "Author"')
    assert type(person) is Person


async def test_plans_for_a_model_and_for_a_users_class_are_kept_apart(db: Any, bound: BoundSchema, ada: Any) -> None:
    class Person(bound.models.get("Author")):  # type: ignore[misc]
        pass

    for _ in range(2):
        assert type(await db.author.find_first()) is bound.models.get("Author")
        assert type(await Person.prisma(db).find_first()) is Person


async def test_select_and_omit_do_not_go_with_a_class_that_tells_what_is_loaded(db: Any, bound: BoundSchema) -> None:
    class Named(bound.bases.get("Author")):  # type: ignore[misc]
        name: str

    with pytest.raises(InputError, match="Named tells which fields are loaded"):
        await Named.prisma(db).find_many(select={"score": True})


async def test_models_are_found_on_the_client_that_is_given_else_on_the_registered_one(
    db: Any, bound: BoundSchema
) -> None:
    author = bound.models.get("Author")
    with pytest.raises(ClientNotRegisteredError):
        author.prisma()
    assert await author.prisma(db).count() == 0
    assert not db.is_registered()
    prisma.register(db)
    assert db.is_registered()
    assert prisma.get_client() is db
    assert await author.prisma().count() == 0
    with pytest.raises(ClientAlreadyRegisteredError):
        prisma.register(db)


def test_a_function_may_be_registered_which_is_asked_each_time(bound: BoundSchema) -> None:
    clients = [bound.client_class()(), bound.client_class()()]
    waiting = iter(clients)
    prisma.register(lambda: next(waiting))
    assert [prisma.get_client(), prisma.get_client()] == clients


def test_only_a_client_or_a_function_can_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="found int"):
        prisma.register(3)  # type: ignore[arg-type]
    prisma.register(lambda: 3)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="returned int"):
        prisma.get_client()


def test_a_client_registers_itself_if_told(bound: BoundSchema) -> None:
    client = bound.client_class()(auto_register=True)
    assert prisma.get_client() is client


def test_models_can_be_parts_of_other_types(bound: BoundSchema) -> None:
    adapter = TypeAdapter(list[bound.models.get("Book")])  # type: ignore[misc]
    shelf = {"room": "x", "place": 1, "facts": {}, "notes": [], "books": [BOOK]}
    [book] = adapter.validate_python([BOOK | {"shelf": shelf}])
    assert book.shelf.books[0].title == "x"
    assert set(adapter.json_schema()["$defs"]) >= {"Book", "Author", "Shelf"}


# ------------------------------------------------------------ partial models


async def test_a_partial_model_loads_its_fields_and_is_found_by_its_name(
    db: Any, bound: BoundSchema, ada: Any, name: Iterator[str]
) -> None:
    partial = bound.models.get("Author").create_partial(called := next(name), include=["id", "name"])
    found = await partial.prisma(db).find_first()
    assert found.model_dump() == {"id": ada.id, "name": "Ada"}
    assert bound.partials.attribute(called) is partial
    assert partial.__doc__ == "Someone who writes."
    assert issubclass(partial, bound.bases.get("Author"))


def test_fields_are_left_out_made_required_and_made_optional(bound: BoundSchema, name: Iterator[str]) -> None:
    author = bound.models.get("Author")
    partial = author.create_partial(
        next(name), exclude=["secret", "nicks"], required=["born", "books"], optional=["name"]
    )
    fields = partial.model_fields
    assert fields.keys() == author.model_fields.keys() - {"secret", "nicks", "count_"}
    assert {key for key, field in fields.items() if field.is_required()} == {"id", "score", "born", "books"}
    without = author.create_partial(next(name), exclude_relational_fields=True)
    assert without.model_fields.keys().isdisjoint({"books", "rivals", "rivalOf"})
    with pytest.raises(ValidationError, match="born"):
        partial(id="1", score=1, born=None, books=[])


def test_relations_of_a_partial_model_may_be_partial_models(bound: BoundSchema, name: Iterator[str]) -> None:
    title = bound.models.get("Book").create_partial(titled := next(name), include={"title"})
    for relation in (titled, title):
        partial = bound.models.get("Author").create_partial(
            next(name), include=["name", "books"], relations={"books": relation}
        )
        made = partial.model_validate({"name": "x", "books": [{"title": "y"}]})
        assert made.model_dump() == {"name": "x", "books": [{"title": "y"}]}
        assert type(made.books[0]) is title  # type: ignore[attr-defined]


def test_wrong_arguments_of_create_partial_are_told(bound: BoundSchema, name: Iterator[str]) -> None:
    author = bound.models.get("Author")
    author.create_partial(taken := next(name))
    for error, message, arguments in [
        (ValueError, "has already been made", {"name": taken}),
        (TypeError, "exclude each other", {"include": ["name"], "exclude": ["id"]}),
        (TypeError, "exclude each other", {"include": ["name"], "exclude_relational_fields": True}),
        (ValueError, "exclude each other", {"relations": {"books": "X"}, "exclude_relational_fields": True}),
        (ValueError, "both required and optional: name", {"required": ["name"], "optional": ["name"]}),
        (ValueError, "'nmae' is not among the fields: Author has id, name", {"include": ["nmae"]}),
        (ValueError, "'nmae' is not among the fields", {"exclude": ["nmae"]}),
        (ValueError, "'born' is not among the fields", {"include": ["name"], "required": ["born"]}),
        (ValueError, "no partial model 'X'; make it before", {"relations": {"books": "X"}}),
        (UnknownRelationalFieldError, "Author has no relation 'name'", {"relations": {"name": "X"}}),
    ]:
        with pytest.raises(error, match=message):
            author.create_partial(**{"name": next(name)} | arguments)  # type: ignore[arg-type]


# ------------------------------------------------------------ raw SQL, operations


async def test_a_list_without_a_value_is_an_empty_one_in_raw_sql(db: Any, ada: Any) -> None:
    await db.execute_raw('UPDATE "Author" SET nicks = NULL')
    [author] = await db.author.query_raw('SELECT * FROM "Author"')
    assert author.nicks == []


def test_operations_have_classes_of_their_own(bound: BoundSchema) -> None:
    db = bound.client_class()()
    actions = bound.actions.attribute("AuthorActions")
    assert isinstance(db.author, actions)
    assert isinstance(db.batch_().author, bound.actions.attribute("AuthorBatchActions"))
    assert actions[bound.models.get("Author")] is actions  # type: ignore[index]
    assert actions.__module__ == "test_client.actions"
    with pytest.raises(AttributeError, match="'AutorActions'"):
        bound.actions.attribute("AutorActions")


def test_a_partial_model_refuses_a_class_of_another_model_for_a_relation(bound: BoundSchema, name: str) -> None:
    with pytest.raises(ValueError, match=r"books: BaseShelf is of Shelf, but the relation leads to Book"):
        bound.models.get("Author").create_partial(name, relations={"books": bound.bases.get("Shelf")})


async def test_a_relation_that_a_class_cannot_do_without_is_always_loaded(
    db: Any, bound: BoundSchema, ada: Any
) -> None:
    class Title(bound.bases.get("Book")):  # type: ignore[misc]
        title: str

    class Writer(bound.bases.get("Author")):  # type: ignore[misc]
        name: str
        books: list[Title]

    class Work(bound.bases.get("Book")):  # type: ignore[misc]
        title: str
        author: Writer

    loaded = {"name": "Ada", "books": [{"title": "x"}, {"title": "y"}]}
    assert (await Writer.prisma(db).find_first()).model_dump() == loaded
    assert (await Writer.prisma(db).create({"name": "Bob"})).model_dump() == {"name": "Bob", "books": []}
    some = {"books": {"where": {"title": "y"}}}
    found = await Writer.prisma(db).find_first(where={"name": "Ada"}, include=some)
    assert found.model_dump() == {"name": "Ada", "books": [{"title": "y"}]}
    works = await Work.prisma(db).find_many(order={"title": "asc"}, take=1)
    assert [work.model_dump() for work in works] == [{"title": "x", "author": loaded}]


async def test_a_partial_model_loads_the_relations_that_it_requires(
    db: Any, bound: BoundSchema, ada: Any, name: Iterator[str]
) -> None:
    with_books = bound.models.get("Author").create_partial(next(name), include=["name", "books"], required=["books"])
    assert [book.title for book in (await with_books.prisma(db).find_first()).books] == ["x", "y"]
    with_author = bound.models.get("Book").create_partial(next(name), required=["author"])
    assert (await with_author.prisma(db).find_first()).author.name == "Ada"
