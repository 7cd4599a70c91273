"""Names that two owners claim: all at once, with both owners' distribution, version, file and line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from composing import Bench

from berceau.composition import ClashError

ID = "\n  id Int @id\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def the_clash(bench: Bench) -> str:
    """The message of the only clash; it must name both owners with their places."""
    problem = bench.problem()
    assert isinstance(problem, ClashError)
    assert problem.hint is not None
    return problem.message


def owners(bench: Bench, message: str) -> list[tuple[str, int]]:
    """The components that a message names, each with its line; distribution, version and file are checked here."""
    found = re.findall(r"of component '(\w+)' \((berceau-\w+) ([\d.]+)\) in (.+):(\d+)", message)
    for name, distribution, version, file, _ in found:
        component = next(one for one in bench.components if one.name == name)
        assert (component.distribution, component.version, str(bench.file(name))) == (distribution, version, file)
    return [(name, int(line)) for name, _, _, _, line in found]


def test_build_names_both_owners_of_a_clashing_model(bench: Bench) -> None:
    bench.add("shop", f"model Item {{{ID}}}\n", version="1.5.0")
    bench.add("news", f"// news\n\nmodel Item {{{ID}}}\n", version="0.2.0")
    message = the_clash(bench)
    assert message.startswith("the name Item is claimed 2 times:")
    assert owners(bench, message) == [("shop", 1), ("news", 3)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"model Thing {{{ID}}}\n", "enum Thing {\n  A\n}\n"),
        ("view Thing {\n  id Int @unique\n}\n", f"model Thing {{{ID}}}\n"),
        ("enum Thing {\n  A\n}\n", "enum Thing {\n  B\n}\n"),
    ],
)
def test_models_enums_and_views_share_their_names(bench: Bench, one: str, other: str) -> None:
    bench.add("shop", one)
    bench.add("news", other)
    message = the_clash(bench)
    assert owners(bench, message) == [("shop", 1), ("news", 1)]
    assert f"{one.split()[0]} Thing of" in message
    assert f"{other.split()[0]} Thing of" in message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f'model ShopItem {{{ID}  @@map("items")\n}}\n', f'model NewsItem {{{ID}  @@map("items")\n}}\n'),
        (f'model ShopItem {{{ID}  @@map("items")\n}}\n', f"model items {{{ID}}}\n"),
        (f'model ShopItem {{{ID}  @@map("items")\n}}\n', 'view NewsItem {\n  id Int @unique\n  @@map("items")\n}\n'),
        ('enum ShopKind {\n  A\n  @@map("items")\n}\n', 'enum NewsKind {\n  A\n  @@map("items")\n}\n'),
        # PostgreSQL makes a type of each table; Prisma's parser takes this
        ('enum ShopKind {\n  A\n  @@map("items")\n}\n', f'model NewsItem {{{ID}  @@map("items")\n}}\n'),
    ],
)
def test_tables_and_enums_share_their_names_in_the_database(bench: Bench, one: str, other: str) -> None:
    bench.add("shop", one)
    bench.add("news", other)
    message = the_clash(bench)
    assert message.startswith('the database name "items" is claimed 2 times:')
    assert owners(bench, message) == [("shop", 1), ("news", 1)]


def test_one_name_in_two_postgresql_schemas_is_no_clash(bench: Bench) -> None:
    for name, model in (("shop", "ShopItem"), ("news", "NewsItem")):
        bench.add(name, f'model {model} {{{ID}  @@map("items")\n  @@schema("{name}")\n}}\n')
    assert bench.compose()


def test_one_name_in_one_postgresql_schema_is_a_clash(bench: Bench) -> None:
    for name, model in (("shop", "ShopItem"), ("news", "NewsItem")):
        bench.add(name, f'model {model} {{{ID}  @@map("items")\n  @@schema("same")\n}}\n')
    assert '"same.items"' in the_clash(bench)


def pair(left: str, right: str, relation: str) -> str:
    return (
        f'model {left} {{{ID}  others {right}[] @relation("{relation}")\n}}\n'
        f'model {right} {{{ID}  others {left}[] @relation("{relation}")\n}}\n'
    )


def test_many_to_many_relations_of_one_name_would_share_their_table(bench: Bench) -> None:
    bench.add("shop", pair("ShopA", "ShopB", "tags"))
    bench.add("news", pair("NewsA", "NewsB", "tags"))
    message = the_clash(bench)
    assert message.startswith('the database name "_tags" is claimed 2 times:')
    assert 'the many-to-many relation "tags"' in message
    assert owners(bench, message) == [("shop", 3), ("news", 3)]


def test_a_table_that_stands_where_a_relations_table_belongs_is_a_clash(bench: Bench) -> None:
    bench.add("shop", pair("ShopA", "ShopB", "tags"))
    bench.add("news", f'model NewsTag {{{ID}  @@map("_tags")\n}}\n')
    assert owners(bench, the_clash(bench)) == [("news", 1), ("shop", 3)]


def test_the_table_of_a_nameless_many_to_many_relation_counts_too(bench: Bench) -> None:
    bench.add("shop", f"model ShopA {{{ID}  others ShopB[]\n}}\nmodel ShopB {{{ID}  others ShopA[]\n}}\n")
    bench.add("news", f'model NewsTag {{{ID}  @@map("_ShopAToShopB")\n}}\n')
    assert owners(bench, the_clash(bench)) == [("news", 1), ("shop", 3)]


def test_a_many_to_many_relation_yet_to_be_woven_counts_too(bench: Bench) -> None:
    bench.add("shop", f"model ShopA {{{ID}}}\n")
    bench.add("news", f'model NewsA {{{ID}  shops ShopA[] @relation("tags")\n}}\n', requires=["berceau-shop"])
    bench.add("blog", pair("BlogA", "BlogB", "tags"))
    assert owners(bench, the_clash(bench)) == [("news", 3), ("blog", 3)]


def test_relations_of_one_name_that_need_no_table_are_no_clash(bench: Bench) -> None:
    for name in ("Shop", "News"):
        bench.add(
            name.lower(),
            f'model {name}A {{{ID}  bId Int\n  b {name}B @relation("x", fields: [bId], references: [id])\n}}\n'
            f'model {name}B {{{ID}  all {name}A[] @relation("x")\n}}\n'
            f'model {name}Tree {{{ID}  upId Int?\n  up {name}Tree? @relation("y", fields: [upId], references: [id])\n'
            f'  down {name}Tree[] @relation("y")\n}}\n',
        )
    assert bench.compose()


def test_the_hosts_own_models_clash_too(bench: Bench) -> None:
    bench.add("shop", f"model Item {{{ID}}}\n")
    own = bench.own("own.prisma", f"model Item {{{ID}}}\n")
    message = the_clash(bench)
    assert f"model Item of the host in {own}:1" in message
    assert owners(bench, message) == [("shop", 1)]


def test_all_clashes_are_told_at_once_and_each_once(bench: Bench) -> None:
    everything = (
        f"model Item {{{ID}}}\n"
        "enum Kind {\n  A\n}\n"
        "view Total {\n  id Int @unique\n}\n"
        f'model {{0}}Mapped {{{{{ID}  @@map("mapped")\n}}}}\n'
    )
    for name in ("shop", "news", "blog"):
        bench.add(name, everything.replace("{0}", name.title()).replace("{{", "{").replace("}}", "}"))
    messages = [problem.message for problem in bench.problems()]
    assert [message.splitlines()[0] for message in messages] == [
        "the name Item is claimed 3 times:",
        "the name Kind is claimed 3 times:",
        "the name Total is claimed 3 times:",
        'the database name "mapped" is claimed 3 times:',
    ]
    assert all([name for name, _ in owners(bench, message)] == ["shop", "news", "blog"] for message in messages)


def test_disabling_one_of_the_owners_ends_the_clash(bench: Bench) -> None:
    bench.add("shop", f"model Item {{{ID}}}\n")
    news = bench.add("news", f"model Item {{{ID}}}\n")
    bench.components[-1] = replace(news, enabled=False)
    assert bench.compose()
