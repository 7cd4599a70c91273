"""Composing: what each schema may hold alone, and what the composed schema is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from composing import Bench

from berceau.composition.datasource import MAIN
from berceau.schema_header import read_header

SHOP = "/// Sold.\nmodel ShopItem {\n  id Int @id\n}\n\nenum ShopColor {\n  RED\n}\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_schema_is_composed_as_it_is_under_a_header(bench: Bench) -> None:
    bench.add("shop", SHOP, version="1.2.0")
    main, shop = bench.compose().files
    assert (main.name, main.component, main.generated) == (MAIN, None, True)
    assert 'provider = "postgresql"' in main.body
    assert 'previewFeatures = ["relationJoins", "views"]' in main.body
    assert (shop.name, shop.component, shop.generated, shop.body) == ("shop.prisma", "shop", True, SHOP)
    header, _, body = shop.content.partition("\n\n")
    assert body == SHOP
    assert "Do not edit" in header
    assert "// component: shop\n// distribution: berceau-shop 1.2.0\n// sha256: " in header
    bench.tools.validate([(file.name, file.content) for file in (main, shop)])


def test_no_component_at_all_is_a_valid_schema(bench: Bench) -> None:
    composed = bench.compose()
    assert [file.name for file in composed.files] == [MAIN]
    bench.tools.validate([(file.name, file.content) for file in composed.files])


def test_disabled_components_and_those_without_schema_are_left_out(bench: Bench) -> None:
    bench.add("shop", SHOP)
    bench.add("news", "not even a schema", enabled=False)
    assert list(bench.bodies()) == ["shop.prisma"]


def test_the_hosts_own_files_are_composed_and_not_generated(bench: Bench) -> None:
    bench.add("shop", SHOP)
    text = "model Order {\n  id     Int @id\n  itemId Int\n}"
    bench.own("own/orders.prisma", text)
    composed = bench.compose()
    [order] = [file for file in composed.files if not file.generated]
    assert (order.name, order.content, order.body, order.component) == ("own/orders.prisma", text, text, None)


def test_each_model_and_view_of_a_component_has_its_owner(bench: Bench) -> None:
    bench.add("shop", SHOP + "\nview ShopTotal {\n  id Int @unique\n}\n")
    bench.own("own/orders.prisma", "model Order {\n  id Int @id\n}")
    assert bench.compose().owners == {"ShopItem": "shop", "ShopTotal": "shop"}


def test_the_hash_depends_on_models_alone(tmp_path: Path) -> None:
    hashes = {}
    for name, schema, version in [
        ("one", SHOP, "1.0.0"),
        ("two", SHOP, "2.0.0"),
        ("three", SHOP.replace("RED", "BLUE"), "1.0.0"),
    ]:
        bench = Bench(tmp_path / name)
        bench.add("shop", schema, version=version)
        hashes[name] = bench.compose().hash
    assert hashes["one"] == hashes["two"]
    assert hashes["one"] != hashes["three"]
    assert len(hashes["one"]) == 64


def test_views_are_taken(bench: Bench) -> None:
    bench.add("shop", "view ShopTotals {\n  id Int @unique\n}\n")
    assert "view ShopTotals" in bench.bodies()["shop.prisma"]


def test_the_datasource_names_the_schemas_that_components_ask_for(bench: Bench) -> None:
    bench.add("shop", 'model ShopItem {\n  id Int @id\n  @@schema("shop")\n}\n')
    bench.add("news", 'model NewsItem {\n  id Int @id\n  @@schema("news")\n}\n')
    assert 'schemas  = ["news", "shop"]' in bench.compose().files[0].body


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "block",
    [
        'generator evil {\n  provider = "touch /tmp/evil"\n}',
        'datasource other {\n  provider = "postgresql"\n}',
        'datasource db {\n  provider = "sqlite"\n}',
        'generator client {\n  provider = "prisma-client"\n}',
    ],
)
def test_generators_and_datasources_are_refused_with_their_line(bench: Bench, block: str) -> None:
    kind, name = block.split()[:2]
    bench.add("shop", f"{SHOP}\n{block}\n")
    problem = bench.problem()
    assert f"{kind} {name!r} is not allowed in a component's schema" in problem.message
    assert (problem.component, problem.file, problem.line) == ("shop", bench.file("shop"), 10)
    assert "Remove the block" in (problem.hint or "")


def test_a_generator_that_hides_behind_comments_is_found(bench: Bench) -> None:
    bench.add("shop", f'{SHOP}/* x */ generator evil {{ // }}\n  provider = "x" }}\n}}\n')
    assert any("evil" in problem.message or "invalid" in problem.message for problem in bench.problems())


def test_a_generator_in_a_comment_or_string_is_none(bench: Bench) -> None:
    bench.add(
        "shop",
        "// generator evil {\n/* datasource x {\n} */\n"
        'model ShopItem {\n  id Int @id\n  s String @default("generator evil {")\n}\n',
    )
    assert bench.compose()


def test_the_hosts_own_files_hold_no_datasource_either(bench: Bench) -> None:
    file = bench.own("own.prisma", 'datasource db {\n  provider = "postgresql"\n}\n')
    problem = bench.problem()
    assert "the host's own schema files" in problem.message
    assert (problem.file, problem.line) == (file, 1)


def test_composite_types_are_refused(bench: Bench) -> None:
    bench.add("shop", SHOP + "\ntype ShopAddress {\n  street String\n}\n")
    problem = bench.problem()
    assert "Composite types are not supported" in problem.message
    assert (problem.file, problem.line) == (bench.file("shop"), 10)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("model ShopItem {\n  id Int @id\n  a\n}\n", 3, "This field declaration is invalid"),
        ("model ShopItem {\n  id Int @id\n", 1, "does not start with any known Prisma schema keyword"),
        ("model ShopItem {\n  name String\n}\n", 1, "at least one unique criteria"),
        ("model ShopItem {\n  id Int @id @default(3, 4)\n}\n", 2, "default"),
        ("function x {\n}\n", 1, "does not start with any known Prisma schema keyword"),
        ("model ShopItem {\n  id Int @id\n  @@map()\n}\n", 3, 'Argument "name" is missing'),
    ],
)
def test_an_invalid_schema_is_refused_at_its_own_line(bench: Bench, text: str, line: int, said: str) -> None:
    bench.add("shop", text)
    problem = bench.problems()[0]
    assert said in problem.message
    assert (problem.component, problem.file, problem.line) == ("shop", bench.file("shop"), line)


def test_everything_wrong_is_told_at_once_each_at_its_owner(bench: Bench) -> None:
    bench.add("shop", "model ShopItem {\n  name String\n}\n")
    bench.add("news", 'generator x {\n  provider = "x"\n}\n')
    bench.add("blog", "model BlogPost {\n  id Int @id\n  author Nobody\n}\n")
    bench.add("fine", "model FineThing {\n  id Int @id\n}\n")
    own = bench.own("own.prisma", "model Own {\n")
    places = {(problem.component, str(problem.file)) for problem in bench.problems()}
    assert places == {
        ("shop", str(bench.file("shop"))),
        ("news", str(bench.file("news"))),
        ("blog", str(bench.file("blog"))),
        (None, str(own)),
    }


def test_what_only_shows_together_is_told_at_each_owners_line(bench: Bench) -> None:
    bench.add("shop", 'model ShopItem {\n  id Int @id\n  @@index([id], map: "by_id")\n}\n')
    bench.add("news", '// news\nmodel NewsItem {\n  id Int @id\n  @@index([id], map: "by_id")\n}\n')
    problems = bench.problems()
    assert [(problem.component, problem.file, problem.line) for problem in problems] == [
        ("shop", bench.file("shop"), 3),
        ("news", bench.file("news"), 4),
    ]
    assert all("`by_id` has to be unique" in problem.message for problem in problems)


@pytest.mark.parametrize(("name", "owner"), [("shop.prisma", "component 'shop'"), (MAIN, "the datasource")])
def test_a_file_of_the_hosts_where_ours_belongs_is_refused(bench: Bench, name: str, owner: str) -> None:
    bench.add("shop", SHOP)
    file = bench.own(name, "model Own {\n  id Int @id\n}\n")
    problem = bench.problem()
    assert owner in problem.message
    assert problem.file == file
    assert "never overwritten" in (problem.hint or "")


# ---------------------------------------------------------------- the header


def test_a_header_tells_whether_the_file_was_edited(bench: Bench) -> None:
    bench.add("shop", SHOP)
    content = bench.compose().files[1].content
    header = read_header(content)
    assert header is not None
    assert (header.component, header.edited) == ("shop", False)
    for edited in (content + "\n", content.replace("RED", "BLUE"), content.replace("// sha256: ", "// sha256: 0")):
        again = read_header(edited)
        assert again is not None
        assert again.edited
    assert read_header(SHOP) is None


@pytest.mark.parametrize("modules", ["berceau.composition, berceau.build", "berceau.migrations"])
def test_no_engine_is_loaded_before_it_is_needed(modules: str) -> None:
    program = f"import sys, {modules}; print('wasmtime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.strip().lower()) is False
