"""mypy and pyright, strict, accept the file of correct uses, and reject each line of the other that is wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from berceau.generator import generate
from berceau_engine.schema import SchemaTools

HERE = Path(__file__).parent
MAIN = """\
generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins", "views"]
}

datasource db {
  provider = "postgresql"
}
"""
MYPY_ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: ", re.MULTILINE)

Places = set[tuple[str, int]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two files and the client that they use."""
    made = tmp_path_factory.mktemp("types")
    schema = HERE.parent / "schemas" / "kitchen_sink.prisma"
    files = [("main.prisma", MAIN), ("models.prisma", schema.read_text())]
    generate(files, SchemaTools().dmmf(files), made / "shop_client", "hash")
    for name in ("right.py", "wrong.py"):
        shutil.copy(HERE / name, made)
    return made


def marked(checker: str) -> Places:
    """The lines of the file of wrong uses that a checker has to reject."""
    wanted = re.compile(rf"# wrong( for {checker})?$")
    lines = (HERE / "wrong.py").read_text().splitlines()
    return {("wrong.py", number) for number, line in enumerate(lines, 1) if wanted.search(line)}


def run(command: list[str], folder: Path) -> str:
    """What a checker prints, which finds errors."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def mypy(folder: Path, *files: str) -> Places:
    """The lines that mypy rejects."""
    output = run(["mypy", "--strict", "--cache-dir", "cache", *files], folder)
    return {(match["file"], int(match["line"])) for match in MYPY_ERROR.finditer(output)}


def pyright(folder: Path, *files: str) -> Places:
    """The lines that pyright rejects."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"include": files, "typeCheckingMode": "strict"}))
    output = run(["pyright", "--pythonpath", sys.executable, "--outputjson"], folder)
    return {
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
        for item in json.loads(output)["generalDiagnostics"]
        if item["severity"] == "error"
    }


def test_mypy_accepts_what_is_right_and_rejects_each_wrong_line(folder: Path) -> None:
    assert mypy(folder, "right.py", "wrong.py") == marked("mypy")


def test_pyright_accepts_what_is_right_and_rejects_each_wrong_line(folder: Path) -> None:
    assert pyright(folder, "right.py", "wrong.py") == marked("pyright")


USE_OF_CHAIN = """
from chain_client import Prisma


async def use(db: Prisma) -> None:
    for item in await db.link0.find_many(where={"next": {"some": {"name": "x"}}}, include={"next": {"take": 3}}):
        print(item.name, item.next)
    await db.link1.create(data={"nme": "x"})
"""


def test_pyright_checks_a_program_over_a_long_chain_of_related_models(tmp_path: Path) -> None:
    """It reads types that lead to each other one inside the other: with many of them its stack overflows."""
    models = [
        f"model Link{number} {{\n  id Int @id\n  name String\n  next Link{number + 1}[]\n"
        + (f"  prev Link{number - 1}? @relation(fields: [prevId], references: [id])\n  prevId Int?\n" if number else "")
        + "}\n"
        for number in range(150)
    ]
    models.append(
        "model Link150 {\n  id Int @id\n  prev Link149 @relation(fields: [prevId], references: [id])\n  prevId Int\n}\n"
    )
    files = [("main.prisma", MAIN), ("models.prisma", "\n".join(models))]
    generate(files, SchemaTools().dmmf(files), tmp_path / "chain_client", "hash")
    (tmp_path / "use.py").write_text(USE_OF_CHAIN)
    assert pyright(tmp_path, "use.py") == {("use.py", 8)}


NAMES_LIKE_OURS = """
    Client Prisma Batch List Type Property int Actions FieldRef AnyMapping Given Model Any
    Overload TimeDelta Vote VoteCount VoteActions VoteFields VoteBatch BaseVote VoteFactory
""".split()  # noqa: SIM905 - a list of words is easier to read than a list of strings
"""Models named as Python's types, as the client's classes and helpers, or as what it makes for another model."""

USE_OF_NAMES = """
from typing import Any, assert_type

from names_client import Prisma, actions, models, types
from names_client.factories import Factory


async def use(db: Prisma, make: Factory) -> None:
    assert_type(await make.votecount(name="x"), models.VoteCount)
    assert_type(await db.query_raw("SELECT 1"), list[dict[str, Any]])
    db.batch_().list.delete_many()
    assert_type(db.votebatch, actions.VoteBatchActions[models.VoteBatch])
"""


def test_a_model_may_have_any_name_that_prisma_allows(tmp_path: Path) -> None:
    """Each is related to the next, so that names of ours, of the model and of others meet in one module."""
    schema, use = ["enum BaseVoteCount {\n  a\n  b\n}\n"], USE_OF_NAMES
    for number, name in enumerate(NAMES_LIKE_OURS):
        before, following = NAMES_LIKE_OURS[number - 1], NAMES_LIKE_OURS[number + 1 - len(NAMES_LIKE_OURS)]
        schema.append(
            f"model {name} {{\n  id Int @id\n  name String\n  at DateTime?\n  kind BaseVoteCount?\n  nextId Int?\n"
            f'  next {following}? @relation("{name}", fields: [nextId], references: [id])\n'
            f'  before {before}[] @relation("{before}")\n}}\n'
        )
        attribute = name.lower()
        use += (
            f'    where_{name}: types.{name}WhereInput = {{"before": {{"some": {{"kind": "a"}}}}}}\n'
            f'    made_{name} = await db.{attribute}.create(data={{"id": 1, "name": "x"}}, include={{"next": True}})\n'
            f"    assert_type(made_{name}, models.{name})\n"
            f"    assert_type(made_{name}.next, models.{following} | None)\n"
            f'    await models.{name}.prisma(db).find_many(where=where_{name}, include={{"_count": True}})\n'
        )
    files = [("main.prisma", MAIN), ("models.prisma", "\n".join(schema))]
    generate(files, SchemaTools().dmmf(files), tmp_path / "names_client", "hash")
    (tmp_path / "use.py").write_text(f"{use}    undefined\n")
    last = {("use.py", use.count("\n") + 1)}
    assert mypy(tmp_path, "use.py") == last
    assert pyright(tmp_path, "use.py") == last
