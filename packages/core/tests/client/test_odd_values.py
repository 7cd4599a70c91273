"""Whatever stands in whatever argument: what is raised is an error of the client that tells the place, before SQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from inspect import Parameter, signature
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from berceau.client import Base64, BoundSchema, Json
from berceau.client.errors import DataError, InputError
from berceau.client.fields import FieldRef
from berceau.client.schema import InputField, InputType

MODELS = ("Author", "Book", "Shelf", "Sample")


class Text(str):
    pass


class Dictionary(dict[str, Any]):
    pass


NUMBERS = [0, -1, 2**31, 2**63, -(2**70), 10**400, 0.5, float("nan"), float("inf"), 1j, True, False]
DECIMALS = [Decimal("NaN"), Decimal("sNaN"), Decimal("1e-999"), Decimal("1e999999")]
TEXTS = ["", "x", "\0", "\ud800", "asc", "DRAFT", "title", "id", Text("x"), b"x", bytearray(b"x"), memoryview(b"x")]
LISTS = [[], (), [[]], [{}], [None], [1, "x"], [{"id": 1}], set(), {1}, frozenset({"x"}), range(3)]
OBJECTS = [{}, {"": {}}, {1: 1}, {None: None}, {(): ()}, {"x": []}, {"set": {}}, {"equals": {}}, {"in": {}}]
TIMES = [datetime(1, 1, 1), datetime(9999, 12, 31, tzinfo=UTC), date.min, time(1), timedelta(1)]
WRAPPERS = [Json(None), Json(object()), Base64.encode(b"x"), FieldRef("Author", "score")]
OTHERS = [None, object, object(), print, ..., NotImplemented, Exception("x"), Dictionary(), SimpleNamespace(value=[])]
ODD_VALUES = [*NUMBERS, *DECIMALS, *TEXTS, *LISTS, *OBJECTS, *TIMES, *WRAPPERS, *OTHERS]
ODD_MAKERS: list[Callable[[], Any]] = [
    lambda: Json([float("nan")]),
    lambda: iter("x"),
    lambda: (item for item in ({},)),
    lambda: {}.keys(),
]


def odd() -> st.SearchStrategy[Any]:
    """Values that are hardly ever right."""
    return st.sampled_from(ODD_VALUES) | st.sampled_from(ODD_MAKERS).map(lambda make: make())


def value_of(field: InputField, depth: int) -> st.SearchStrategy[Any]:
    """Odd values for a field, and objects that lead down to some."""
    values = [odd()]
    if depth and field.object is not None:
        values.append(object_of(field.object, depth - 1))
    if depth and field.list_object is not None:
        values.append(st.lists(object_of(field.list_object, depth - 1), max_size=2))
    return st.one_of(values)


def object_of(type_: InputType, depth: int) -> st.SearchStrategy[Any]:
    """Objects with known keys and odd values, and now and then an unknown key."""

    def entry(name: str) -> st.SearchStrategy[tuple[Any, Any]]:
        field = type_.get(name)
        return st.tuples(st.just(name), value_of(field, depth) if field else odd())

    known = st.sampled_from([*type_.names(), "nope"]).flatmap(entry)
    return st.lists(known, min_size=1, max_size=2).map(dict)


def selection_of(bound: BoundSchema, model: str, depth: int) -> st.SearchStrategy[Any]:
    """What `include`, `select` and `omit` could be taken for."""
    info = bound.schema.model(model)

    def entry(name: str) -> st.SearchStrategy[tuple[Any, Any]]:
        values = [odd()]
        if depth and name in info.relations:
            values.append(included(bound, info.relations[name].type, depth - 1))
        if depth and name == "_count":
            counted = st.dictionaries(st.sampled_from([*info.counts, "nope"]), odd(), min_size=1, max_size=1)
            values.append(st.fixed_dictionaries({"select": counted}))
        return st.tuples(st.just(name), st.one_of(values))

    return st.lists(st.sampled_from([*info.fields, "_count", "nope"]).flatmap(entry), min_size=1, max_size=2).map(dict)


def included(bound: BoundSchema, model: str, depth: int) -> st.SearchStrategy[Any]:
    """The arguments of a relation."""
    arguments = object_of(bound.schema.model(model).actions["findMany"], depth)
    nested = st.sampled_from(["include", "select", "omit"]).flatmap(
        lambda name: st.fixed_dictionaries({name: st.one_of(odd(), selection_of(bound, model, depth))})
    )
    return st.one_of(arguments, nested)


PROTOCOL = {
    "find_unique": "findUnique",
    "find_unique_or_raise": "findUnique",
    "find_first": "findFirst",
    "find_first_or_raise": "findFirst",
    "find_many": "findMany",
    "count": "aggregate",
    "aggregate": "aggregate",
    "group_by": "groupBy",
    "create": "createOne",
    "create_many": "createMany",
    "create_many_and_return": "createManyAndReturn",
    "update": "updateOne",
    "update_many": "updateMany",
    "update_many_and_return": "updateManyAndReturn",
    "upsert": "upsertOne",
    "delete": "deleteOne",
    "delete_many": "deleteMany",
}


@st.composite
def calls(draw: st.DrawFn, bound: BoundSchema) -> tuple[str, str, dict[str, Any]]:
    """Model, operation and arguments: those that it cannot do without, and at most two others."""
    model = draw(st.sampled_from(MODELS))
    operation = draw(st.sampled_from(list(PROTOCOL)))
    taken = signature(getattr(bound.actions.get(model), operation)).parameters
    names = [name for name in taken if name != "self"]
    needed = [name for name in names if taken[name].default is Parameter.empty]
    chosen = needed + draw(st.lists(st.sampled_from(names), max_size=2))
    type_ = bound.schema.model(model).actions[PROTOCOL[operation]]
    arguments = {}
    for name in chosen:
        field = type_.get(name)
        if name in ("include", "select", "omit"):
            values = st.one_of(odd(), selection_of(bound, model, 2))
        elif name == "data" and operation == "upsert":
            values = st.one_of(odd(), object_of(type_, 2))
        elif name in ("count", "sum", "avg", "min", "max"):
            fields = [*bound.schema.model(model).fields, "_all"]
            values = st.one_of(odd(), st.dictionaries(st.sampled_from(fields), odd(), max_size=2))
        else:
            values = value_of(field, 3) if field is not None else odd()
        arguments[name] = draw(values)
    return model, operation, arguments


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_whatever_is_given_what_is_raised_is_an_error_of_the_client_with_a_path_and_before_sql(
    bound: BoundSchema, db: Any, events: list[Any], data: st.DataObject
) -> None:
    model, operation, arguments = data.draw(calls(bound))
    events.clear()
    error = await raised(getattr(getattr(db, model.lower()), operation)(**arguments))
    if isinstance(error, InputError):
        nothing_asked = operation == "aggregate" and "needs one of count, avg, sum, min and max" in str(error)
        assert nothing_asked or error.path[0] in arguments, f"{error.path}: {error}"
        # the driver finds out that text is no UUID when it has the statement prepared
        assert not events or "does not fit the field's type in the database" in str(error)
    elif error is not None:
        assert events, "what the database refuses, for values that are possible"


async def raised(call: Awaitable[Any]) -> DataError | None:
    """The client's error that a call ends with; any other one is passed on."""
    try:
        await call
    except DataError as error:
        return error
    return None
