"""Names that would be the same in Python are refused, with both and where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from composing import Bench

from berceau.errors import CompositionError

ID = "\n  id Int @id\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("class Int\n  class_ Int", "the fields class (line 3) and class_ of model ShopItem would both be 'class_'"),
        ("json_ Int\n  json Int", "the fields json_ (line 3) and json of model ShopItem would both be 'json_'"),
        ("other Int\n  count_ Int", "the field count_ of model ShopItem would be 'count_' in Python, where the counts"),
    ],
)
def test_fields_of_one_attribute_are_refused(bench: Bench, fields: str, message: str) -> None:
    bench.add("shop", f"model ShopItem {{{ID}  {fields}\n}}\n")
    problem = bench.problem()
    assert isinstance(problem, CompositionError)
    assert problem.message.startswith(message)
    assert (problem.component, problem.file, problem.line) == ("shop", bench.file("shop"), 4)
    assert "@map" in str(problem.hint)


def test_values_of_one_member_are_refused(bench: Bench) -> None:
    bench.add("shop", "enum ShopKind {\n  name\n  name_\n}\n")
    problem = bench.problem()
    assert isinstance(problem, CompositionError)
    assert problem.message.startswith("the values name (line 2) and name_ of enum ShopKind would both be 'name_'")
    assert (problem.component, problem.line) == ("shop", 3)


def test_models_that_differ_in_case_only_are_refused_with_both_owners(bench: Bench) -> None:
    bench.add("shop", f"model ShopItem {{{ID}}}\n")
    bench.own("own.prisma", f'// ours\nmodel Shopitem {{{ID}  @@map("own_items")\n}}\n')
    problem = bench.problem()
    assert isinstance(problem, CompositionError)
    assert problem.line == 2
    assert problem.message.startswith("model Shopitem and model ShopItem of component 'shop' (berceau-shop 1.0.0) in ")
    assert problem.message.endswith(f"{bench.file('shop')}:1 would both be 'shopitem' in the client")


def test_models_may_be_named_like_what_the_client_has(bench: Bench) -> None:
    names = ("Prisma", "Batch", "List", "ShopItemCount", "ShopItemActions")
    bench.own("own.prisma", "\n".join(f"model {name} {{{ID}}}\n" for name in ("ShopItem", *names)))
    assert all(f"model {name} {{" in bench.bodies()["own.prisma"] for name in names)


def test_names_that_only_look_alike_are_taken(bench: Bench) -> None:
    bench.add("shop", f"model ShopItem {{{ID}  name String\n  name_ String\n  class Int\n  classes Int\n}}\n")
    assert "class Int" in bench.bodies()["shop.prisma"]
