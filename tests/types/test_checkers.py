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


def test_mypy_accepts_what_is_right_and_rejects_each_wrong_line(folder: Path) -> None:
    output = run(["mypy", "--strict", "--cache-dir", "cache", "right.py", "wrong.py"], folder)
    found = {(match["file"], int(match["line"])) for match in MYPY_ERROR.finditer(output)}
    assert found == marked("mypy"), output


def test_pyright_accepts_what_is_right_and_rejects_each_wrong_line(folder: Path) -> None:
    settings = {"include": ["right.py", "wrong.py"], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    output = run(["pyright", "--pythonpath", sys.executable, "--outputjson"], folder)
    found = {
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
        for item in json.loads(output)["generalDiagnostics"]
        if item["severity"] == "error"
    }
    assert found == marked("pyright"), output
