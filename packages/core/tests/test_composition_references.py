"""Whose models a component may relate to, and what is said when it relates to one it may not or that is not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from composing import Bench

from berceau.errors import BerceauError, DiscoveryError

ACCOUNTS = "model AccountsUser {\n  id String @id\n}\n\nenum AccountsRole {\n  ADMIN\n}\n"


def bill(user_type: str = "AccountsUser") -> str:
    return (
        "model PayBill {\n  id String @id\n  userId String\n"
        f"  user {user_type} @relation(fields: [userId], references: [id])\n}}\n"
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def at_the_relation(bench: Bench, problem: BerceauError) -> bool:
    return (problem.component, problem.file, problem.line) == ("pay", bench.file("pay"), 4)


def test_a_relation_to_a_component_that_is_no_dependency_is_refused(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS, version="3.0.0")
    bench.add("pay", bill(), requires=["something-else"])
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "PayBill.user refers to AccountsUser of component 'accounts' (berceau-accounts 3.0.0)" in problem.message
    assert "berceau-pay does not declare as a dependency" in problem.message
    assert problem.hint == 'Add "berceau-accounts" to the dependencies in the pyproject.toml of berceau-pay.'


def test_an_enum_of_a_component_that_is_no_dependency_is_refused(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS)
    bench.add("pay", "model PayBill {\n  id Int @id\n  a Int\n  role AccountsRole\n}\n")
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "AccountsRole of component 'accounts'" in problem.message


def test_a_dependency_of_a_dependency_must_be_declared_as_well(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS)
    bench.add("middle", "model MiddleThing {\n  id Int @id\n}\n", requires=["berceau-accounts"])
    bench.add("pay", bill(), requires=["berceau-middle"])
    assert "does not declare" in bench.problem().message


def test_components_of_one_distribution_need_no_declaration(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS)
    pay = bench.add("pay", bill())
    bench.components[-1] = replace(pay, distribution="Berceau_Accounts")
    assert "payBills PayBill[]" in bench.bodies()["accounts.prisma"]


def test_a_component_cannot_count_on_a_hosts_model(bench: Bench) -> None:
    bench.own("own.prisma", "model Customer {\n  id String @id\n}\n")
    bench.add("pay", bill("Customer"))
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "cannot count on a host's own models" in problem.message
    assert "Move Customer into a component" in (problem.hint or "")


def test_a_relation_without_foreign_key_is_refused(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS)
    bench.add(
        "pay", "model PayBill {\n  id String @id\n  a Int\n  user AccountsUser?\n}\n", requires=["berceau-accounts"]
    )
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "does not say which fields point to AccountsUser" in problem.message
    assert "@relation(fields: [...], references: [...])" in (problem.hint or "")


def test_two_relations_of_one_name_are_refused(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS)
    bench.add(
        "pay",
        'model PayBill {\n  id String @id\n  a AccountsUser[] @relation("x")\n  b AccountsUser[] @relation("x")\n}\n',
        requires=["berceau-accounts"],
    )
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "PayBill.a and PayBill.b both relate to AccountsUser, with the same name" in problem.message


# ---------------------------------------------------------------- models that are not there


def test_a_model_of_a_disabled_component_is_said_to_be_there(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS, enabled=False)
    bench.add("pay", bill(), requires=["berceau-accounts"])
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "no installed component has a model or enum AccountsUser" in problem.message
    assert "component 'accounts' (berceau-accounts 1.0.0), which is disabled" in (problem.hint or "")


def test_a_declared_dependency_that_is_not_installed_is_to_be_installed(bench: Bench) -> None:
    bench.add("pay", bill(), requires=["berceau", "berceau-accounts"])
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "`uv pip install berceau-accounts`" in (problem.hint or "")


def test_a_dependency_with_several_words_is_found_by_its_prefix(bench: Bench) -> None:
    bench.add("pay", bill("UserAccountsUser"), requires=["acme-user-accounts", "acme-users"])
    assert "`uv pip install acme-user-accounts`" in (bench.problem().hint or "")


def test_a_component_that_cannot_be_read_is_to_be_put_right_first(bench: Bench) -> None:
    accounts = bench.add("accounts", ACCOUNTS)
    bench.components[0] = replace(accounts, schema=None, problems=(DiscoveryError("its schema is missing"),))
    bench.add("pay", bill(), requires=["berceau-accounts"])
    hint = bench.problem().hint or ""
    assert "Component 'accounts' (berceau-accounts 1.0.0) cannot be used" in hint


def test_a_misspelled_model_is_guessed(bench: Bench) -> None:
    bench.add("accounts", ACCOUNTS)
    bench.add("pay", bill("AccountUser"), requires=["berceau-accounts"])
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert problem.hint == "Did you mean AccountsUser of component 'accounts' (berceau-accounts 1.0.0)?"


def test_a_misspelled_model_of_its_own_is_guessed(bench: Bench) -> None:
    bench.add("pay", bill("PayUsers") + "model PayUser {\n  id String @id\n}\n")
    assert "Did you mean PayUser of component 'pay'" in (bench.problem().hint or "")


def test_a_model_that_nobody_knows_is_told_with_its_likely_component(bench: Bench) -> None:
    bench.add("pay", bill())
    problem = bench.problem()
    assert at_the_relation(bench, problem)
    assert "'accounts', going by its name" in (problem.hint or "")
    assert "declare that as a dependency" in (problem.hint or "")


def test_each_unknown_model_is_told(bench: Bench) -> None:
    bench.add("pay", bill() + "model PayOther {\n  id Int @id\n  kind Nowhere\n}\n")
    assert [(problem.line, "Nowhere" in problem.message) for problem in bench.problems()] == [(4, False), (8, True)]


def test_a_dependency_that_is_wrong_is_told_and_not_what_follows_from_it(bench: Bench) -> None:
    bench.add("accounts", "model AccountsUser {\n  name String\n}\n")
    bench.add("pay", bill(), requires=["berceau-accounts"])
    assert bench.problem().component == "accounts"
