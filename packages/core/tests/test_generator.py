"""The generated package: what is written, when it counts as finished, and that it costs what it should."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from berceau.client import Schema
from berceau.errors import BerceauError
from berceau.generator import DATA_FILE, client_hash, generate
from berceau.generator.data import render_data
from berceau.generator.stubs import render_stubs
from berceau_engine.schema import SchemaTools

MAIN = """\
generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins"]
}

datasource db {
  provider = "postgresql"
}
"""


def schema(models: int) -> list[tuple[str, str]]:
    """A chain of models, each related to the one before."""
    text = []
    for number in range(models):
        before = f"  prev M{number - 1} @relation(fields: [prevId], references: [id])\n  prevId Int\n" if number else ""
        after = f"  nexts M{number + 1}[]\n" if number + 1 < models else ""
        text.append(f"model M{number} {{\n  id Int @id\n  name String @unique\n  at DateTime?\n{before}{after}}}\n")
    return [("main.prisma", MAIN), ("models.prisma", "\n".join(text))]


def dmmf_of(files: list[tuple[str, str]]) -> dict[str, Any]:
    """The DMMF of a schema."""
    return SchemaTools().dmmf(files)


def words(text: str) -> list[str]:
    """The words of a text: imports are in the order of the alphabet, which is another one for small letters."""
    return sorted(re.findall(r"\w+", text))


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code with the generated package beside it."""
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_the_package_can_be_imported_and_knows_its_models(tmp_path: Path) -> None:
    files = schema(2)
    written = generate(files, dmmf_of(files), tmp_path / "berceau_client", "h1")
    assert all(path.is_file() for path in written)
    done = python(
        tmp_path,
        "from berceau_client import Prisma, models, enums, errors, types, Json\n"
        "from berceau_client.models import M1\n"
        "print(M1(id=1, name='x', prevId=2), Prisma().m0, types.M0CreateInput, sep='|')",
    )
    assert done.stdout.startswith("id=1 name='x' at=None prev=None prevId=2|"), done.stderr


def test_importing_reads_no_data_and_loads_neither_engine_nor_driver(tmp_path: Path) -> None:
    files = schema(2)
    generate(files, dmmf_of(files), tmp_path / "berceau_client", "h1")
    (tmp_path / "berceau_client" / DATA_FILE).unlink()
    done = python(
        tmp_path, "import sys, berceau_client\nprint(sorted({'wasmtime', 'asyncpg', 'fastapi'} & sys.modules.keys()))"
    )
    assert done.stdout == "[]\n", done.stderr


def test_models_that_begin_with_a_small_letter_have_the_same_types() -> None:
    """Prisma begins some of their types with a capital letter, and others not."""
    files = schema(3)
    small = [(name, re.sub(r"\bM(\d)", r"m\1", text)) for name, text in files]
    expected = {name: words(re.sub(r"M(\d)", r"m\1", text)) for name, text in render_stubs(dmmf_of(files)).items()}
    assert {name: words(text) for name, text in render_stubs(dmmf_of(small)).items()} == expected


def test_what_python_reads_is_the_same_for_every_schema_and_the_rest_grows_linearly(tmp_path: Path) -> None:
    sizes = {}
    for models in (10, 20, 40):
        files = schema(models)
        written = generate(files, dmmf_of(files), tmp_path / str(models), "h")
        code = {path.name: path.read_bytes() for path in written if path.suffix == ".py"}
        sizes[models] = sum(path.stat().st_size for path in written if path.suffix != ".py")
        assert sum(map(len, code.values())) < 4000
    assert sizes[40] - sizes[20] == pytest.approx(2 * (sizes[20] - sizes[10]), rel=0.05)


def test_the_data_file_is_read_section_by_section(tmp_path: Path) -> None:
    files = schema(3)
    path = tmp_path / DATA_FILE
    data = render_data(files, dmmf_of(files), "h")
    lines = data.split(b"\n")
    lines[4] = b"!" * len(lines[4])  # the section of M1: unreadable
    path.write_bytes(b"\n".join(lines))
    opened = Schema(path)
    assert opened.hash == "h"
    assert opened.datamodel == "\n".join(content for _, content in files)
    assert set(opened.model("M0").fields) == {"id", "name", "at", "nexts"}
    with pytest.raises(ValueError, match="Expecting value"):
        opened.model("M1")


def test_the_hash_is_there_only_when_the_client_is_complete(tmp_path: Path) -> None:
    files = schema(2)
    output = tmp_path / "berceau_client"
    assert client_hash(output) is None
    generate(files, dmmf_of(files), output, "h1")
    assert client_hash(output) == "h1"
    (output / DATA_FILE).write_text("{half a li")
    assert client_hash(output) is None


def test_a_client_of_another_version_of_the_generator_has_no_hash(tmp_path: Path) -> None:
    files = schema(2)
    generate(files, dmmf_of(files), tmp_path, "h1")
    data = (tmp_path / DATA_FILE).read_text()
    (tmp_path / DATA_FILE).write_text(data.replace('"generator":"', '"generator":"9.', 1))
    assert client_hash(tmp_path) is None


def test_files_of_an_earlier_client_are_removed_and_nothing_else(tmp_path: Path) -> None:
    files = schema(3)
    generate(files, dmmf_of(files), tmp_path, "h3")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".new-left-over").write_text("half")
    files = schema(1)
    written = generate(files, dmmf_of(files), tmp_path, "h1")
    found = {path for path in tmp_path.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert found == {*written, tmp_path / "notes.txt"}


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("mine = 1\n")
    files = schema(1)
    with pytest.raises(BerceauError, match="holds something else") as caught:
        generate(files, dmmf_of(files), tmp_path, "h1")
    assert "output" in str(caught.value.hint)
    assert [path.name for path in tmp_path.iterdir()] == ["__init__.py"]


def test_a_client_that_is_in_use_goes_on_when_it_is_written_anew(tmp_path: Path) -> None:
    files = schema(2)
    generate(files, dmmf_of(files), tmp_path, "h1")
    opened = Schema(tmp_path / DATA_FILE)
    assert opened.hash == "h1"
    files = schema(5)
    generate(files, dmmf_of(files), tmp_path, "h2")
    assert set(opened.model("M1").fields) == {"id", "name", "at", "prev", "prevId"}
    assert Schema(tmp_path / DATA_FILE).hash == "h2"


def test_before_the_first_build_the_import_says_what_to_run_and_the_build_takes_its_place(tmp_path: Path) -> None:
    output = tmp_path / "berceau_client"
    shutil.copytree(Path(__file__).parents[1] / "placeholder" / "berceau_client", output)
    before = python(tmp_path, "from berceau_client import Prisma")
    assert before.returncode == 1
    assert before.stderr.endswith("has not been generated yet: run `berceau build` in the host's folder.\n")
    files = schema(1)
    generate(files, dmmf_of(files), output, "h1")
    assert python(tmp_path, "from berceau_client import Prisma").returncode == 0
