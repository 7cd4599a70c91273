"""What is read from schema files, held against what Prisma's own parser makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from berceau.composition.datasource import main_body
from berceau.composition.declarations import Block, Field, read
from berceau_engine.schema import SchemaTools

MAIN = ("main.prisma", main_body(()))


@pytest.fixture(scope="module")
def tools() -> SchemaTools:
    return SchemaTools()


def only(content: str) -> Block:
    [block] = read(content)
    return block


def test_models_enums_and_views_are_read_with_their_lines() -> None:
    blocks = read(
        "/// A user.\n"
        "model DemoUser {\n"
        "  id    Int        @id\n"
        "  email String?    @unique\n"
        "  posts DemoPost[]\n"
        "\n"
        '  @@map("users")\n'
        "}\n"
        "enum DemoStatus {\n"
        '  DRAFT @map("draft")\n'
        "  DONE\n"
        "}\n"
        "view DemoView {\n"
        "  id Int @unique\n"
        "}\n"
    )
    assert [(block.kind, block.name, block.line) for block in blocks] == [
        ("model", "DemoUser", 2),
        ("enum", "DemoStatus", 9),
        ("view", "DemoView", 13),
    ]
    assert blocks[0].fields == (
        Field("id", "Int", 3, attributes=("@id",)),
        Field("email", "String", 4, is_optional=True, attributes=("@unique",)),
        Field("posts", "DemoPost", 5, is_list=True),
    )
    assert [value.name for value in blocks[1].fields] == ["DRAFT", "DONE"]
    assert blocks[0].database_name == "users"
    assert blocks[1].database_name == "DemoStatus"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("/* model A {\n} */\nmodel B {\n id Int @id\n}", ["B"]),
        ("// model A {\nmodel B {\n id Int @id\n}", ["B"]),
        ('model B {\n id Int @id\n s String @default("}\\nmodel A {")\n}', ["B"]),
        ('model B {\n id Int @id\n s String @default("\\"")\n t String @default("// }")\n}', ["B"]),
        ("model A { ignored Int\n id Int @id\n} model B {\n id Int @id\n}", ["A", "B"]),
        ("model A { // } \n id Int @id // }\n /* } */ b Int\n}\nenum E {\n X\n}", ["A", "E"]),
        ("model model {\n id Int @id\n enum String\n}", ["model"]),
        ("\tmodel  A{\n id Int @id\n\t} // end\n", ["A"]),
    ],
)
def test_comments_strings_and_braces_do_not_deceive(tools: SchemaTools, text: str, names: list[str]) -> None:
    tools.validate([MAIN, ("a.prisma", text)])  # so that each example is one that Prisma takes
    assert [block.name for block in read(text)] == names


@pytest.mark.parametrize(
    ("attributes", "name", "key"),
    [
        ("@relation(fields: [userId], references: [id])", None, ("userId",)),
        ('@relation("author", fields: [a, b], references: [c, d])', "author", ("a", "b")),
        ('@relation(name: "x y", fields: [a], references: [b], map: "fk_a")', "x y", ("a",)),
        ('@relation(fields: [a], references: [b], map: "fk_a")', None, ("a",)),
        ('@relation(fields: [a], references: [b], name: "late")', "late", ("a",)),
        ('@relation ( "a) \\" b" )', 'a) " b', ()),
        ('@default("@relation(x)") @relation("real")', "real", ()),
        ("", None, ()),
    ],
)
def test_relations_are_read_with_name_and_foreign_key(attributes: str, name: str | None, key: tuple[str, ...]) -> None:
    field = only(f"model A {{\n  b B? {attributes}\n}}").fields[0]
    assert (field.relation_name, field.foreign_key) == (name, key)


@pytest.mark.parametrize(
    ("lines", "unique"),
    [
        (["a Int @unique", "b Int"], {("a",)}),
        (["a Int @id", "b Int"], {("a",)}),
        (["a Int", "b Int", "@@unique([a, b])"], {("a", "b"), ("b", "a")}),
        (["a Int", "b Int", "@@id(fields: [b, a])"], {("a", "b"), ("b", "a")}),
        (["a String @db.VarChar(10)", "b Int", '@@unique([a(sort: Desc)], map: "x")'], {("a",)}),
        (["a Int @updatedAt", "b Int", "@@index([a])"], set()),
        (['a String @default("@unique")', "b Int"], set()),
    ],
)
def test_unique_fields_are_known(lines: list[str], unique: set[tuple[str, ...]]) -> None:
    block = only("model A {\n" + "\n".join(lines) + "\n}")
    asked = [("a",), ("b",), ("a", "b"), ("b", "a")]
    assert {fields for fields in asked if block.is_unique(fields)} == unique


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ('@@map("t")', "t"),
        ('@@map(name: "t")', "t"),
        ('@@map( "a\\"b" )', 'a"b'),
        ('// @@map("t")', "A"),
        ('@@mapped("t")', "A"),
    ],
)
def test_the_database_name_is_that_of_the_map_attribute(attribute: str, name: str) -> None:
    assert only(f"model A {{\n id Int @id\n {attribute}\n}}").database_name == name


def test_the_database_schema_is_read() -> None:
    assert only('model A {\n id Int @id\n @@schema("billing")\n}').database_schema == "billing"


# ---------------------------------------------------------------- held against Prisma


@dataclass(frozen=True)
class Written:
    """A schema's text, and what its author meant by it."""

    text: str
    blocks: tuple[tuple[str, str, tuple[str, ...]], ...]


noise = st.sampled_from(
    [
        "",
        "// model Fake {\n",
        '/// docs } of @@map("x")\n',
        "/* enum Fake {\n A\n} */\n",
        "\n\n",
        "   // }\n",
    ]
)
tail = st.sampled_from(["", " // } x", ' /// @@map("no")', " /* a\n } b */", "\t"])
gap = st.sampled_from([" ", "  ", "\t"])
text_value = st.text(st.sampled_from('ab \\"{}/*@()[],'), max_size=8)


@st.composite
def schemas(draw: st.DrawFn) -> Written:
    count = draw(st.integers(1, 4))
    parts, blocks = [], []
    for number in range(count):
        kind = draw(st.sampled_from(["model", "enum", "view"]))
        name = f"{draw(st.sampled_from(['Demo', 'model', 'E_']))}{number}"
        mapped = f"t{number}{draw(text_value)}" if draw(st.booleans()) else None
        fields = [f"f{at}" for at in range(draw(st.integers(1, 3)))]
        lines = []
        for at, field in enumerate(fields):
            default = f"@default({_literal(draw(text_value))})" if draw(st.booleans()) else ""
            rest = "" if kind == "enum" else f"{draw(gap)}String {'@unique' if at == 0 else default}"
            lines.append(f"{draw(noise)}{draw(gap)}{field}{rest}{draw(tail)}\n")
        if mapped is not None:
            lines.insert(draw(st.integers(0, len(lines))), f"{draw(noise)}  @@map({_literal(mapped)}){draw(tail)}\n")
        opening = f"{draw(noise)}{kind}{draw(gap)}{name}{draw(gap)}{{\n"
        parts += [opening, *lines, draw(st.sampled_from(["}\n", "} // end\n", "\t}\n"]))]
        blocks.append((name, mapped or name, tuple(fields)))
    return Written("".join(parts), tuple(blocks))


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@settings(max_examples=150, deadline=None)
@given(written=schemas())
def test_what_is_read_is_what_prisma_reads(tools: SchemaTools, written: Written) -> None:
    datamodel = tools.dmmf([MAIN, ("a.prisma", written.text)])["datamodel"]
    parts = [(model, "fields") for model in datamodel["models"]] + [(enum, "values") for enum in datamodel["enums"]]
    theirs = {
        (part["name"], part["dbName"] or part["name"], tuple(one["name"] for one in part[key])) for part, key in parts
    }
    ours = {(block.name, block.database_name, tuple(one.name for one in block.fields)) for block in read(written.text)}
    assert ours == theirs == set(written.blocks)


@settings(max_examples=60, deadline=None)
@given(written=schemas())
def test_a_field_put_at_the_end_of_fields_is_a_field(tools: SchemaTools, written: Written) -> None:
    lines = written.text.split("\n")
    for block in sorted(read(written.text), key=lambda block: -block.line):
        if block.kind != "enum":
            lines.insert(block.end_of_fields, "  added Int?")
    datamodel = tools.dmmf([MAIN, ("a.prisma", "\n".join(lines))])["datamodel"]
    assert all("added" in {field["name"] for field in model["fields"]} for model in datamodel["models"])
    again = read("\n".join(lines))
    assert all(block.kind == "enum" or block.fields[-1].name == "added" for block in again)
