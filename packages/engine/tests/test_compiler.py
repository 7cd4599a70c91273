"""The query compiler: plans, and errors that name the argument and say what would fit."""

from __future__ import annotations

from typing import Any

import pytest

from berceau_engine import compiler as compiler_module
from berceau_engine import recorder, wasm
from berceau_engine.compile_errors import compile_error
from berceau_engine.compiler import QueryCompiler
from berceau_engine.errors import (
    DataError,
    EngineError,
    FieldNotFoundError,
    InputError,
    InvalidValueError,
    MissingRequiredValueError,
    ValueOutOfRangeError,
    WrongTypeError,
)

DATAMODEL = """
generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins"]
}
datasource db {
  provider = "postgresql"
}
enum Status {
  DRAFT
  PUBLISHED
}
model User {
  id    String @id @default(uuid())
  name  String @unique
  posts Post[]
}
model Post {
  id       String   @id @default(uuid())
  title    String
  views    Int      @default(0)
  created  DateTime @default(now())
  status   Status   @default(DRAFT)
  authorId String
  author   User     @relation(fields: [authorId], references: [id])
}
"""


@pytest.fixture(scope="module")
def compiler() -> QueryCompiler:
    return QueryCompiler(DATAMODEL)


def query(
    action: str, arguments: dict[str, Any], selection: dict[str, Any] | None = None, model: str = "Post"
) -> dict[str, Any]:
    selection = {"$scalars": True} if selection is None else selection
    return {"modelName": model, "action": action, "query": {"arguments": arguments, "selection": selection}}


def placeholder(name: str, kind: str) -> dict[str, Any]:
    return {"$type": "Param", "value": {"name": name, "type": kind}}


def sql_of(plan: Any) -> str:
    """All SQL in a plan, with ? for parameters."""
    if isinstance(plan, dict):
        if plan.get("type") == "templateSql":
            return "".join(f.get("chunk", "?") for f in plan["fragments"])
        return "".join(sql_of(value) for value in plan.values())
    return "".join(sql_of(item) for item in plan) if isinstance(plan, list) else ""


# ---------------------------------------------------------------- plans


def test_a_query_becomes_sql_with_placeholders(compiler: QueryCompiler) -> None:
    plan = compiler.compile(query("findUnique", {"where": {"id": placeholder("%1", "String")}}))
    assert plan["type"] == "dataMap"
    assert 'FROM "public"."Post" AS "t0" WHERE ("t0"."id" = ?' in sql_of(plan)
    assert "'%1'" in repr(plan)


def test_tables_are_qualified_with_the_schema() -> None:
    plan = QueryCompiler(DATAMODEL, schema_name="my schema").compile(query("findMany", {}))
    assert 'FROM "my schema"."Post"' in sql_of(plan)


@pytest.mark.parametrize(("relation_joins", "joined"), [(True, True), (False, False)])
def test_related_rows_are_joined_in_the_database_if_wanted(relation_joins: bool, joined: bool) -> None:
    compiler = QueryCompiler(DATAMODEL, relation_joins=relation_joins)
    selection = {"$scalars": True, "author": {"arguments": {}, "selection": {"$scalars": True}}}
    assert ("LATERAL" in sql_of(compiler.compile(query("findMany", {}, selection)))) is joined


def test_a_plan_holds_only_what_json_can_hold(compiler: QueryCompiler) -> None:
    data = {"title": "t", "author": {"connectOrCreate": {"where": {"name": "n"}, "create": {"name": "n"}}}}
    selection = {"$scalars": True, "author": {"arguments": {}, "selection": {"$scalars": True}}}
    plain = (dict, list, str, int, float, bool, type(None))

    def check(value: Any) -> None:
        assert isinstance(value, plain)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(item)

    check(compiler.compile(query("createOne", {"data": data}, selection)))


def test_equal_queries_give_equal_plans(compiler: QueryCompiler) -> None:
    asked = query("findMany", {"where": {"title": {"contains": placeholder("%1", "String")}}, "take": 3})
    assert compiler.compile(asked) == compiler.compile(asked)


def test_several_queries_for_one_record_each_become_one(compiler: QueryCompiler) -> None:
    asked = [query("findUnique", {"where": {"id": key}}) for key in ("a", "b")]
    batch = compiler.compile_batch(asked)
    assert (batch["type"], batch["keys"]) == ("compacted", ["id"])


def test_unlike_queries_keep_a_plan_each(compiler: QueryCompiler) -> None:
    batch = compiler.compile_batch([query("findMany", {}), query("deleteMany", {})])
    assert (batch["type"], len(batch["plans"])) == ("multi", 2)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("asked", "error", "code", "path", "message"),
    [
        (
            query("findMany", {"where": {"titel": "x"}}),
            FieldNotFoundError,
            "P2009",
            ("where", "titel"),
            "where.titel: PostWhereInput has no field `titel`. Did you mean `title`?",
        ),
        (
            query("findMany", {"taek": 3}),
            FieldNotFoundError,
            "P2009",
            ("taek",),
            "taek: the operation has no argument `taek`. Did you mean `take`?",
        ),
        (
            query("findMany", {}, {"xyz": True}, "User"),
            FieldNotFoundError,
            "P2009",
            ("xyz",),
            "xyz: User has no field `xyz`. Known are: id, name, posts, _count.",
        ),
        (
            query("findMany", {}, {}),
            InputError,
            "P2009",
            (),
            "nothing is selected; at least one field must be.",
        ),
        (
            query("findMany", {}, {"title": {"arguments": {}, "selection": {"x": True}}}),
            InputError,
            "P2009",
            ("title",),
            "title: this is a plain value, of which nothing can be selected.",
        ),
        (
            query("createOne", {"data": {"authorId": "x"}}),
            MissingRequiredValueError,
            "P2012",
            ("data", "title"),
            "data.title: A value is required but not set (String).",
        ),
        (
            query("findUnique", {"where": {}}),
            MissingRequiredValueError,
            "P2012",
            ("where",),
            "where: at least 1 of these is needed: id.",
        ),
        (
            query("findUnique", {}),
            MissingRequiredValueError,
            "P2012",
            ("where",),
            "where: A value is required but not set (PostWhereUniqueInput).",
        ),
        (
            query("findMany", {"take": "three"}),
            WrongTypeError,
            "P2007",
            ("take",),
            "take: the value has the wrong type: expected Int, got String.",
        ),
        (
            query("createOne", {"data": {"title": "t", "views": 2**70, "authorId": "x"}}),
            ValueOutOfRangeError,
            "P2020",
            ("data", "views"),
            "data.views: the number is too large for the field.",
        ),
        (
            query("createOne", {"data": {"title": "t", "status": {"$type": "Enum", "value": "X"}, "authorId": "x"}}),
            InvalidValueError,
            "P2007",
            ("data", "status"),
            "data.status: the value is not a valid Status.",
        ),
        (
            query("createOne", {"data": {"title": "t", "created": "yesterday", "authorId": "x"}}),
            InvalidValueError,
            "P2007",
            ("data", "created"),
            None,
        ),
    ],
    ids=lambda value: None,
)
def test_an_error_names_the_argument_and_says_what_would_fit(
    compiler: QueryCompiler,
    asked: dict[str, Any],
    error: type[InputError],
    code: str,
    path: tuple[str, ...],
    message: str | None,
) -> None:
    with pytest.raises(error) as caught:
        compiler.compile(asked)
    assert type(caught.value) is error
    assert (caught.value.code, caught.value.path) == (code, path)
    assert message is None or str(caught.value) == message
    assert caught.value.meta["kind"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"skip": -5}, "Invalid value for skip argument: Value can only be positive, found: -5"),
        ({"where": {"created": {"$type": "DateTime", "value": "soon"}}}, "Could not convert argument value .*soon"),
    ],
)
def test_a_value_that_fits_no_argument_is_an_input_error(
    compiler: QueryCompiler, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidValueError, match=message):
        compiler.compile(query("findMany", arguments))


def test_of_several_possible_types_the_one_that_got_deepest_is_told(compiler: QueryCompiler) -> None:
    where = {"AND": [{"author": {"is": {"name": {"contains": 5}}}}]}
    with pytest.raises(InvalidValueError) as caught:
        compiler.compile(query("findMany", {"where": where}))
    assert caught.value.path == ("where", "AND", "author", "is", "name", "contains")
    assert str(caught.value).endswith("the value has the wrong type: expected String, got Int.")


def test_the_path_goes_through_the_selection(compiler: QueryCompiler) -> None:
    selection = {"posts": {"arguments": {"where": {"titel": "x"}}, "selection": {"$scalars": True}}}
    with pytest.raises(FieldNotFoundError) as caught:
        compiler.compile(query("findMany", {}, selection, "User"))
    assert caught.value.path == ("posts", "where", "titel")
    assert caught.value.meta["argumentPath"] == ["where", "titel"]
    assert caught.value.meta["selectionPath"] == ["findManyUser", "posts"]


def test_a_batch_with_an_error_raises_it(compiler: QueryCompiler) -> None:
    with pytest.raises(FieldNotFoundError):
        compiler.compile_batch([query("findMany", {}), query("findMany", {"where": {"nope": 1}})])


def test_a_model_that_does_not_exist_is_not_blamed_on_the_arguments(compiler: QueryCompiler) -> None:
    with pytest.raises(EngineError, match="'findMany' for model 'Nope' does not match any query"):
        compiler.compile(query("findMany", {}, model="Nope"))


def test_what_is_no_query_is_refused(compiler: QueryCompiler) -> None:
    with pytest.raises(EngineError, match="does not understand the query"):
        compiler.compile({"what": 1})


@pytest.mark.parametrize(
    ("objection", "message"),
    [
        ({"kind": "TooManyFieldsGiven", "constraints": {"maxFieldCount": 1}}, "at most 1 field may be given"),
        ({"kind": "SomethingNew"}, "SomethingNew"),
    ],
)
def test_rare_objections_are_told_too(objection: dict[str, Any], message: str) -> None:
    meta = {**objection, "selectionPath": ["findManyPost"], "argumentPath": ["a"]}
    error = compile_error({"message": "m", "code": "P2009", "meta": meta})
    assert isinstance(error, DataError)
    assert message in str(error)


def test_an_error_of_another_kind_keeps_its_code_and_message() -> None:
    error = compile_error({"message": "broken", "code": "P2019", "meta": None})
    assert isinstance(error, DataError)
    assert (error.code, str(error)) == ("P2019", "broken")


# ---------------------------------------------------------------- the engine


NOWHERE = 4  # an address where there is no compiler: the module fails in its own memory


def test_after_a_panic_the_next_call_works() -> None:
    compiler = QueryCompiler(DATAMODEL)
    compiler._instance._host.panic = "panicked at some.rs:1"
    compiler._pointer = NOWHERE
    with pytest.raises(EngineError, match=r"compiler_postgresql crashed: panicked at some\.rs:1"):
        compiler.compile(query("findMany", {}))
    assert compiler.compile(query("findMany", {}))["type"] == "dataMap"


def test_a_crash_that_the_engine_does_not_explain_is_tried_again_on_a_new_instance(
    caplog: pytest.LogCaptureFixture,
) -> None:
    compiler = QueryCompiler(DATAMODEL)
    compiler._pointer = NOWHERE
    assert compiler.compile(query("findMany", {}))["type"] == "dataMap"
    assert "built in the slow way" in caplog.text


def test_plans_are_the_same_whether_or_not_their_building_is_recorded() -> None:
    recorded, slow = QueryCompiler(DATAMODEL), QueryCompiler(DATAMODEL)
    slow._recording = False
    slow._start()
    author = {"$scalars": True, "author": {"arguments": {}, "selection": {"$scalars": True}}}
    asked = [
        query("findMany", {"where": {"views": {"gt": 1.5}, "title": {"in": ["ü", "b"]}}, "take": -3}, author),
        query("createOne", {"data": {"title": "t", "views": 2**40, "authorId": "x"}}),
        query("updateMany", {"data": {"views": {"increment": 2}}}),
        query("aggregate", {}, {"_sum": {"arguments": {}, "selection": {"views": True}}}),
        query(
            "groupBy", {"by": ["status"]}, {"status": True, "_count": {"arguments": {}, "selection": {"_all": True}}}
        ),
        query("upsertOne", {"where": {"id": "a"}, "create": {"title": "t", "authorId": "x"}, "update": {}}),
        query("deleteOne", {"where": {"id": "a"}}),
        query("findMany", {}),
    ]
    for _ in range(2):
        assert [recorded.compile(q) for q in asked] == [slow.compile(q) for q in asked]
        assert recorded.compile_batch(asked) == slow.compile_batch(asked)
    assert recorded._recording


@pytest.mark.parametrize("name", ["cast_string", "new_object", "list_set", "is_string", "object_set"])
def test_an_engine_that_does_what_cannot_be_recorded_still_compiles(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    expected = QueryCompiler(DATAMODEL).compile(query("findMany", {"where": {"views": 1.5}}))
    monkeypatch.setattr(recorder, "RECORDED", {n: s for n, s in recorder.RECORDED.items() if n != name})
    monkeypatch.setattr(wasm, "RECORDED", recorder.RECORDED)
    monkeypatch.setattr(recorder, "modules", recorder.modules.__wrapped__)
    compiler = QueryCompiler(DATAMODEL)
    assert compiler.compile(query("findMany", {"where": {"views": 1.5}})) == expected
    assert "built in the slow way" in caplog.text


def test_the_memory_of_recorded_texts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_module, "TEXTS_KEPT", 300)
    compiler = QueryCompiler(DATAMODEL)
    first = compiler._instance
    plans = [compiler.compile(query("findMany", {"take": 3})) for _ in range(30)]
    assert compiler._instance is not first
    assert compiler._instance.kept < 600
    assert all(plan == plans[0] for plan in plans)


def test_an_invalid_datamodel_is_noticed_when_a_query_is_compiled() -> None:
    with pytest.raises(EngineError, match=r"Nothing can be asked|does not match any query"):
        QueryCompiler("model Broken {").compile(query("findMany", {}, model="Broken"))
