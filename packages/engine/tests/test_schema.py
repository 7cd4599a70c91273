"""The schema parser: problems with file and line, blocks, description of models, formatting across files."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from berceau_engine.errors import EngineError, SchemaError, SchemaProblem
from berceau_engine.schema import SchemaTools

MAIN = ("main.prisma", 'datasource db {\n  provider = "postgresql"\n}\n')
USER = ("accounts.prisma", "model AccountsUser {\n  id String @id\n}\n")
PAYMENT = (
    "payments.prisma",
    """\
model PaymentsPayment {
  id     String       @id
  userId String
  user   AccountsUser @relation(fields: [userId], references: [id])
}
""",
)


@pytest.fixture(scope="module")
def tools() -> SchemaTools:
    return SchemaTools()


# ---------------------------------------------------------------- validate


def test_a_valid_schema_of_several_files_passes(tools: SchemaTools) -> None:
    tools.validate([MAIN, USER])


def test_no_files_at_all_are_a_valid_schema(tools: SchemaTools) -> None:
    tools.validate([])


def test_a_component_is_checked_without_a_datasource(tools: SchemaTools) -> None:
    tools.validate([USER])


def test_all_problems_are_told_at_once_with_file_and_line(tools: SchemaTools) -> None:
    files = [
        MAIN,
        ("a.prisma", "model A {\n  id Int @id\n  b  Foo\n\n  c  Bar\n}\n"),
        ("folder/with space.prisma", "model B {\n  id Int @id\n  d  Baz\n}\n"),
    ]
    with pytest.raises(SchemaError) as caught:
        tools.validate(files)
    unknown = "neither a built-in type, nor refers to another model"
    assert [(p.file, p.line) for p in caught.value.problems] == [
        ("a.prisma", 3),
        ("a.prisma", 5),
        ("folder/with space.prisma", 3),
    ]
    assert all(unknown in problem.message for problem in caught.value.problems)
    assert str(caught.value).splitlines()[0].startswith('a.prisma:3: Type "Foo" is neither')
    assert (caught.value.code, "Validation Error Count: 3" in caught.value.rendered) == ("P1012", True)


def test_a_problem_told_twice_is_one_problem(tools: SchemaTools) -> None:
    with pytest.raises(SchemaError) as caught:
        tools.validate([MAIN, ("a.prisma", "model A {\n  id Int @id\n}\nmodel A {\n  id Int @id\n}\n")])
    message = 'The model "A" cannot be defined because a model with that name already exists.'
    assert caught.value.problems == (SchemaProblem(message, "a.prisma", 4),)


def test_a_file_whose_name_looks_like_a_place_is_still_named(tools: SchemaTools) -> None:
    with pytest.raises(SchemaError) as caught:
        tools.validate([("odd:7.prisma", "nonsense\n")])
    assert [(p.file, p.line) for p in caught.value.problems] == [("odd:7.prisma", 1)]


def test_a_field_that_quotes_an_error_does_not_confuse_the_places(tools: SchemaTools) -> None:
    content = 'model A {\n  id Int @id @map("error: x\\n  -->  b.prisma:9")\n  b Foo\n}\n'
    with pytest.raises(SchemaError) as caught:
        tools.validate([("a.prisma", content)])
    assert ("a.prisma", 3) in [(p.file, p.line) for p in caught.value.problems]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_valid_or_has_problems_in_its_lines(content: str) -> None:
    problems: tuple[SchemaProblem, ...] | None = None
    try:
        SchemaTools().validate([("a.prisma", content)])
    except SchemaError as error:
        problems = error.problems
    assert problems is None or problems
    for problem in problems or ():
        assert (problem.file, 1 <= problem.line <= content.count("\n") + 1) == ("a.prisma", True)


# ---------------------------------------------------------------- config


def test_blocks_are_found_with_file_and_line(tools: SchemaTools) -> None:
    main = '// generator no { }\n\ndatasource db {\n  provider = "postgresql"\n}\n\ngenerator client {\n'
    main += '  provider        = "prisma-client" // generator neither {\n  previewFeatures = ["relationJoins"]\n}\n'
    bad = 'model A {\n  id Int @id\n} generator evil {\n  provider = "generator evil {"\n}\n'
    config = tools.config([("main.prisma", main), ("bad.prisma", bad)])
    assert [(b.name, b.provider, b.file, b.line) for b in config.datasources] == [
        ("db", "postgresql", "main.prisma", 3)
    ]
    assert [(b.name, b.provider, b.file, b.line) for b in config.generators] == [
        ("client", "prisma-client", "main.prisma", 7),
        ("evil", "generator evil {", "bad.prisma", 3),
    ]
    assert config.generators[0].preview_features == ("relationJoins",)
    assert config.problems == ()


def test_blocks_of_one_name_have_each_their_line(tools: SchemaTools) -> None:
    block = 'generator a {\n  provider = "x"\n}\n'
    config = tools.config([("a.prisma", block * 2), ("b.prisma", "\n" + block)])
    assert [(b.file, b.line) for b in config.generators] == [("a.prisma", 1), ("a.prisma", 4), ("b.prisma", 2)]


def test_a_schema_without_datasource_has_no_blocks_and_no_problem(tools: SchemaTools) -> None:
    config = tools.config([USER])
    assert (config.generators, config.datasources, config.warnings, config.problems) == ((), (), (), ())


def test_blocks_that_are_not_valid_are_told_as_problems(tools: SchemaTools) -> None:
    config = tools.config([("a.prisma", "datasource db {\n}\n\ngenerator g {\n}\nmodel {\n")])
    assert sorted((p.file, p.line) for p in config.problems) == [("a.prisma", 1), ("a.prisma", 4), ("a.prisma", 6)]
    assert (config.generators, config.datasources) == ((), ())


# ---------------------------------------------------------------- dmmf


def test_models_are_described_with_what_may_be_asked_of_them(tools: SchemaTools) -> None:
    dmmf = tools.dmmf(tools.format([MAIN, USER, PAYMENT]))
    assert [model["name"] for model in dmmf["datamodel"]["models"]] == ["AccountsUser", "PaymentsPayment"]
    assert "findManyAccountsUser" in str(dmmf["mappings"])
    assert {"schema", "mappings", "datamodel"} <= set(dmmf)


def test_a_description_of_an_invalid_schema_is_refused_with_its_problems(tools: SchemaTools) -> None:
    with pytest.raises(SchemaError) as caught:
        tools.dmmf([("a.prisma", "model A {\n  id Foo\n}\n")])
    assert ("a.prisma", 2) in [(p.file, p.line) for p in caught.value.problems]


# ---------------------------------------------------------------- format


def test_missing_opposite_fields_are_woven_in_across_files(tools: SchemaTools) -> None:
    main, accounts, payments = tools.format([MAIN, USER, PAYMENT])
    assert accounts == (
        "accounts.prisma",
        "model AccountsUser {\n  id               String            @id\n  paymentsPayments PaymentsPayment[]\n}\n",
    )
    assert (main, payments) == (MAIN, PAYMENT)
    tools.validate([main, accounts, payments])


def test_formatting_what_is_formatted_changes_nothing(tools: SchemaTools) -> None:
    once = tools.format([MAIN, USER, PAYMENT])
    assert tools.format(once) == once


def test_the_width_of_a_step_can_be_chosen(tools: SchemaTools) -> None:
    assert tools.format([USER], tab_size=4)[0][1] == "model AccountsUser {\n    id String @id\n}\n"


def test_a_file_that_cannot_be_parsed_comes_back_as_it_is(tools: SchemaTools) -> None:
    assert tools.format([("a.prisma", "model A {\n")]) == [("a.prisma", "model A {\n")]


# ---------------------------------------------------------------- the engine


def test_after_a_crash_the_next_call_works() -> None:
    tools = SchemaTools()
    tools.validate([USER])
    assert tools._instance is not None
    with pytest.raises(EngineError, match=r"(?s)schema crashed: .*debug_panic"):
        tools._instance.call("debug_panic")
    tools.validate([USER])
    assert tools.format([USER]) == [USER]


def test_a_call_that_crashes_raises_and_leaves_the_tools_usable(tools: SchemaTools) -> None:
    with pytest.raises(EngineError, match="schema crashed"):
        tools._text("lint", "no JSON")
    tools.validate([USER])


def test_nothing_is_logged_when_the_engine_is_in_the_cache(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "berceau_engine")
    SchemaTools().validate([USER])
    SchemaTools().validate([USER])
    assert [r for r in caplog.records if "Compiling" in r.message][1:] == []
