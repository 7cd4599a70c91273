"""The naming lint: models, enums and views carry their component's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from composing import Bench
from hypothesis import given
from hypothesis import strategies as st

from berceau.composition.naming import carries, prefix


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("component", "expected"),
    [("demo", "Demo"), ("user_accounts", "UserAccounts"), ("a", "A"), ("oauth2_login", "Oauth2Login"), ("x_1", "X1")],
)
def test_the_prefix_is_the_name_in_pascal_case(component: str, expected: str) -> None:
    assert prefix(component) == expected


@pytest.mark.parametrize(
    ("name", "carried"),
    [("DemoPost", True), ("Demo", True), ("Demo2", True), ("Demo_x", True), ("Demolition", False), ("Post", False)],
)
def test_the_prefix_counts_as_a_word(name: str, carried: bool) -> None:
    assert carries(name, "demo") is carried


@given(st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True), st.from_regex(r"[A-Z][A-Za-z0-9]*", fullmatch=True))
def test_a_name_that_starts_with_the_prefix_carries_it(component: str, rest: str) -> None:
    assert carries(prefix(component) + rest, component)


SCHEMA = (
    "model DemoPost {\n  id Int @id\n}\n"
    'model Post {\n  id Int @id\n  @@map("posts")\n}\n'
    "enum Kind {\n  A\n}\n"
    "view Totals {\n  id Int @unique\n}\n"
)


def test_names_without_prefix_are_warnings_with_place_and_cure(bench: Bench) -> None:
    bench.add("demo", SCHEMA)
    warnings = bench.compose().warnings
    assert [(one.component, one.file, one.line) for one in warnings] == [
        ("demo", bench.file("demo"), 4),
        ("demo", bench.file("demo"), 8),
        ("demo", bench.file("demo"), 11),
    ]
    assert warnings[0].message == "model Post does not carry the component's name"
    assert warnings[0].hint == 'Call it DemoPost, and keep its table by `@@map("posts")`.'
    assert str(warnings[0]).startswith(f"{bench.file('demo')}:4: component 'demo': model Post")


def test_with_strict_they_are_errors(bench: Bench) -> None:
    bench.add("demo", SCHEMA)
    bench.strict()
    assert [problem.line for problem in bench.problems()] == [4, 8, 11]


def test_the_hosts_own_models_are_called_as_the_host_likes(bench: Bench) -> None:
    bench.own("own.prisma", "model Anything {\n  id Int @id\n}\n")
    bench.strict()
    assert bench.compose().warnings == ()


def tree(name: str, relation: str = "tree") -> str:
    return (
        f"model {name}Node {{\n  id Int @id\n  upId Int?\n"
        f'  up {name}Node? @relation("{relation}", fields: [upId], references: [id])\n'
        f'  down {name}Node[] @relation("{relation}")\n}}\n'
    )


def test_a_relation_name_of_two_components_is_a_warning_that_names_both(bench: Bench) -> None:
    bench.add("shop", tree("Shop"))
    bench.add("news", tree("News"))
    [warning] = bench.compose().warnings
    assert (warning.component, warning.file, warning.line) == ("news", bench.file("news"), 4)
    assert "the relation name \"tree\" is also that of ShopNode.up of component 'shop' (berceau-shop 1.0.0)" in (
        warning.message
    )
    assert '"NewsTree"' in (warning.hint or "")


def test_the_two_sides_of_one_relation_are_no_finding(bench: Bench) -> None:
    bench.add("a", 'model AItem {\n  id Int @id\n  all BItem[] @relation("x")\n}\n', requires=["berceau-b"])
    bench.add(
        "b",
        'model BItem {\n  id Int @id\n  aId Int\n  a AItem @relation("x", fields: [aId], references: [id])\n}\n',
        requires=["berceau-a"],
    )
    assert bench.compose().warnings == ()
