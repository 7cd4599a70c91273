"""Relations across components: the opposite field is woven into the copy of the other component's model."""

from __future__ import annotations

from pathlib import Path

import pytest
from composing import Bench
from hypothesis import given, settings
from hypothesis import strategies as st

ACCOUNTS = """\
/// Who they are.
model AccountsUser {
  id   String @id // the id
  name String /* of
  any kind */

  @@map("users")
}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.add("accounts", ACCOUNTS)
    return bench


def woven(bench: Bench, *fields: str, name: str = "pay", model: str = "PayBill", block: str = "") -> list[str]:
    """The lines that a component with these fields adds to AccountsUser."""
    lines = "\n".join(f"  {field}" for field in ("id String @id", *fields, block))
    bench.add(name, f"model {model} {{\n{lines}\n}}\n", requires=["berceau-accounts"])
    before = ACCOUNTS.splitlines()
    return [line.strip() for line in bench.bodies()["accounts.prisma"].splitlines() if line not in before]


def fields_of(bench: Bench, model: str) -> dict[str, tuple[str, bool, bool, str | None]]:
    """A composed model's relation fields as Prisma reads them: type, list, required, relation."""
    files = [(file.name, file.content) for file in bench.compose().files]
    [found] = [one for one in bench.tools.dmmf(files)["datamodel"]["models"] if one["name"] == model]
    return {
        field["name"]: (field["type"], field["isList"], field["isRequired"], field["relationName"])
        for field in found["fields"]
        if field["kind"] == "object"
    }


def test_a_relation_gets_its_opposite_in_the_copy_with_a_comment(bench: Bench) -> None:
    assert woven(bench, "userId String", "user AccountsUser @relation(fields: [userId], references: [id])") == [
        "payBills PayBill[] // added for component 'pay'"
    ]
    assert fields_of(bench, "AccountsUser") == {"payBills": ("PayBill", True, True, "AccountsUserToPayBill")}


def test_the_components_own_files_are_left_alone_and_the_copy_differs_in_added_lines_only(bench: Bench) -> None:
    woven(bench, "userId String", "user AccountsUser @relation(fields: [userId], references: [id])")
    assert bench.file("accounts").read_text() == ACCOUNTS
    copy = bench.bodies()["accounts.prisma"].splitlines()
    assert [line for line in copy if "added for" not in line] == ACCOUNTS.splitlines()
    assert bench.bodies()["pay.prisma"] == bench.file("pay").read_text()


@pytest.mark.parametrize(
    ("column", "block"),
    [
        ("userId String @unique", ""),
        ("userId String", "@@unique([userId])"),
    ],
)
def test_a_unique_foreign_key_makes_one_to_one(bench: Bench, column: str, block: str) -> None:
    lines = woven(bench, column, "user AccountsUser @relation(fields: [userId], references: [id])", block=block)
    assert lines == ["payBill PayBill? // added for component 'pay'"]


def test_a_foreign_key_that_is_the_identifier_makes_one_to_one(bench: Bench) -> None:
    bench.add(
        "profile",
        "model ProfilePage {\n"
        "  userId String @id\n"
        "  user AccountsUser @relation(fields: [userId], references: [id])\n"
        "}\n",
        requires=["berceau-accounts"],
    )
    assert fields_of(bench, "AccountsUser")["profilePage"][1:3] == (False, False)


def test_a_foreign_key_that_is_part_of_a_unique_constraint_makes_one_to_many(bench: Bench) -> None:
    lines = woven(
        bench,
        "userId String",
        "number Int",
        "user AccountsUser @relation(fields: [userId], references: [id])",
        block="@@unique([userId, number])",
    )
    assert lines == ["payBills PayBill[] // added for component 'pay'"]


def test_several_relations_to_one_model_are_told_apart_by_their_names(bench: Bench) -> None:
    lines = woven(
        bench,
        "payerId String",
        'payer AccountsUser @relation("payer", fields: [payerId], references: [id])',
        "payeeId String? @unique",
        'payee AccountsUser? @relation(name: "payee", fields: [payeeId], references: [id])',
    )
    assert lines == [
        "payBillsAsPayer PayBill[] @relation(\"payer\") // added for component 'pay'",
        "payBillAsPayee PayBill? @relation(\"payee\") // added for component 'pay'",
    ]
    assert {field[3] for field in fields_of(bench, "AccountsUser").values()} == {"payer", "payee"}


def test_several_relations_without_names_are_refused_at_the_components_lines(bench: Bench) -> None:
    bench.add(
        "pay",
        "model PayBill {\n"
        "  id String @id\n"
        "  aId String\n"
        "  a AccountsUser @relation(fields: [aId], references: [id])\n"
        "  bId String\n"
        "  b AccountsUser @relation(fields: [bId], references: [id])\n"
        "}\n",
        requires=["berceau-accounts"],
    )
    problem = bench.problem()
    assert "fields PayBill.a and PayBill.b both relate to AccountsUser, with no name" in problem.message
    assert '@relation("b", ...)' in (problem.hint or "")
    assert (problem.component, problem.file, problem.line) == ("pay", bench.file("pay"), 6)


def test_a_list_makes_many_to_many_and_no_column_in_the_other_table(bench: Bench) -> None:
    assert woven(bench, "users AccountsUser[]") == ["payBills PayBill[] // added for component 'pay'"]
    assert fields_of(bench, "AccountsUser") == {"payBills": ("PayBill", True, True, "AccountsUserToPayBill")}


def test_named_lists_make_several_many_to_many(bench: Bench) -> None:
    lines = woven(bench, 'members AccountsUser[] @relation("members")', 'admins AccountsUser[] @relation("admins")')
    assert [line.split()[0] for line in lines] == ["payBillsAsMembers", "payBillsAsAdmins"]


def test_a_relation_within_a_component_is_its_own_business(bench: Bench) -> None:
    tree = (
        "model PayNode {\n"
        "  id       String    @id\n"
        "  parentId String?\n"
        '  parent   PayNode?  @relation("tree", fields: [parentId], references: [id])\n'
        '  children PayNode[] @relation("tree")\n'
        "}\n"
    )
    bench.add("pay", tree, requires=["berceau-accounts"])
    assert bench.bodies()["pay.prisma"] == tree


def test_a_half_self_relation_is_refused_rather_than_woven(bench: Bench) -> None:
    bench.add(
        "pay",
        "model PayNode {\n"
        "  id       String   @id\n"
        "  parentId String?\n"
        "  parent   PayNode? @relation(fields: [parentId], references: [id])\n"
        "}\n",
    )
    problem = bench.problem()
    assert "missing an opposite relation field" in problem.message
    assert (problem.file, problem.line) == (bench.file("pay"), 4)


def test_an_opposite_that_is_there_is_not_added(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add("a", 'model AItem {\n  id Int @id\n  bs BItem[] @relation("x")\n}\n', requires=["berceau-b"])
    bench.add(
        "b",
        'model BItem {\n  id Int @id\n  aId Int\n  a AItem @relation("x", fields: [aId], references: [id])\n}\n',
        requires=["berceau-a"],
    )
    assert all("added for" not in body for body in bench.bodies().values())


def test_a_name_that_is_taken_is_avoided(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add("accounts", "model AccountsUser {\n  id String @id\n  payBills Int\n  payBillsAsUser Int\n}\n")
    bench.add(
        "pay",
        "model PayBill {\n  id String @id\n  userId String\n"
        "  user AccountsUser @relation(fields: [userId], references: [id])\n}\n",
        requires=["berceau-accounts"],
    )
    assert "payBillsAsUser2 PayBill[]" in bench.bodies()["accounts.prisma"]


def test_relations_of_several_components_meet_in_one_model(bench: Bench) -> None:
    relation = "  userId String\n  user AccountsUser @relation(fields: [userId], references: [id])\n"
    for name, model in (("pay", "PayBill"), ("blog", "BlogPost")):
        bench.add(name, f"model {model} {{\n  id String @id\n{relation}}}\n", requires=["berceau-accounts"])
    assert set(fields_of(bench, "AccountsUser")) == {"payBills", "blogPosts"}


def test_a_chain_of_components_is_woven_through(bench: Bench) -> None:
    relation = "  otherId String\n  other {} @relation(fields: [otherId], references: [id])\n"
    middle, end = relation.format("AccountsUser"), relation.format("MiddleItem")
    bench.add("middle", f"model MiddleItem {{\n  id String @id\n{middle}}}\n", requires=["berceau-accounts"])
    bench.add("end", f"model EndItem {{\n  id String @id\n{end}}}\n", requires=["berceau-middle"])
    assert set(fields_of(bench, "MiddleItem")) == {"other", "endItems"}


def test_the_host_relates_to_components_without_declaring_them(bench: Bench) -> None:
    own = bench.own(
        "own.prisma",
        "model Order {\n  id Int @id\n  userId String\n"
        "  user AccountsUser @relation(fields: [userId], references: [id])\n}\n",
    )
    assert "orders Order[] // added for the host" in bench.bodies()["accounts.prisma"]
    assert bench.bodies()["own.prisma"] == own.read_text()


def test_views_take_part_in_relations(bench: Bench) -> None:
    bench.add(
        "stats",
        "view StatsVisit {\n  userId String @unique\n"
        "  user AccountsUser @relation(fields: [userId], references: [id])\n}\n",
        requires=["berceau-accounts"],
    )
    assert fields_of(bench, "AccountsUser")["statsVisit"][1] is False


def test_enums_of_other_components_are_used_as_they_are(bench: Bench) -> None:
    bench.add("kinds", "enum KindsColor {\n  RED\n}\n")
    bench.add(
        "pay", "model PayBill {\n  id Int @id\n  color KindsColor\n  all KindsColor[]\n}\n", requires=["berceau-kinds"]
    )
    assert all("added for" not in body for body in bench.bodies().values())


def test_relation_names_are_copied_whatever_is_in_them(bench: Bench) -> None:
    lines = woven(
        bench, "userId String", 'user AccountsUser @relation("a \\"b\\" ü", fields: [userId], references: [id])'
    )
    assert lines[0].startswith('payBillsAsUser PayBill[] @relation("a \\"b\\" ü") //')


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("user AccountsUser @relation(fields: [userId], references: [nothing])", "nothing"),
        ("user AccountsUser @relation(fields: [userId], references: [name])", "unique"),
        ("user AccountsUser @relation(fields: [gone], references: [id])", "gone"),
        ("user AccountsUser @relation(fields: [userId])", "references"),
    ],
)
def test_a_wrong_relation_is_refused_at_the_line_of_the_component_that_wrote_it(
    bench: Bench, field: str, said: str
) -> None:
    bench.add(
        "pay", f"model PayBill {{\n  id String @id\n  userId String\n  {field}\n}}\n", requires=["berceau-accounts"]
    )
    problem = bench.problems()[0]
    assert said in problem.message
    assert (problem.component, problem.file, problem.line) == ("pay", bench.file("pay"), 4)


def test_lines_after_woven_ones_are_told_as_the_owner_knows_them(bench: Bench) -> None:
    """The problem is in accounts, below the lines that other components have added to its copy."""
    bench = Bench(bench.root / "other")
    late = ACCOUNTS + '\nmodel AccountsLate {\n  id Int @id\n  @@index([id], map: "same")\n}\n'
    bench.add("accounts", late)
    relation = "  userId String\n  user AccountsUser @relation(fields: [userId], references: [id])\n"
    for name, model in (("pay", "PayBill"), ("blog", "BlogPost")):
        bench.add(name, f"model {model} {{\n  id String @id\n{relation}}}\n", requires=["berceau-accounts"])
    bench.add("rival", 'model RivalThing {\n  id Int @id\n  @@index([id], map: "same")\n}\n')
    lines = {problem.component: problem.line for problem in bench.problems()}
    assert lines == {"accounts": late.splitlines().index('  @@index([id], map: "same")') + 1, "rival": 3}


# ---------------------------------------------------------------- any set of relations


@st.composite
def relations(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Fields of PayBill that relate to AccountsUser: all but one are named."""
    names = draw(st.lists(st.sampled_from(["payer", "payee", "author", "owner"]), min_size=1, max_size=4, unique=True))
    unnamed = draw(st.sampled_from([None, *names]))
    fields = []
    for name in names:
        relation = "" if name == unnamed else f'"{name}", '
        kind = draw(st.sampled_from(["list", "many", "one", "optional"]))
        if kind == "list":
            fields.append((name, f"{name} AccountsUser[] {f'@relation({relation[:-2]})' if relation else ''}"))
            continue
        column = f"{name}Id String{'?' if kind == 'optional' else ''} {'@unique' if kind == 'one' else ''}"
        mark = "?" if kind == "optional" else ""
        fields.append(
            (name, f"{column}\n  {name} AccountsUser{mark} @relation({relation}fields: [{name}Id], references: [id])")
        )
    return fields


@settings(max_examples=60, deadline=None)
@given(fields=relations())
def test_any_set_of_relations_is_woven_into_a_valid_schema(
    tmp_path_factory: pytest.TempPathFactory, fields: list[tuple[str, str]]
) -> None:
    bench = Bench(tmp_path_factory.mktemp("bench"))
    bench.add("accounts", ACCOUNTS)
    text = "\n".join(f"  {line}" for _, line in fields)
    bench.add("pay", f"model PayBill {{\n  id String @id\n{text}\n}}\n", requires=["berceau-accounts"])
    assert len(fields_of(bench, "AccountsUser")) == len(fields)
