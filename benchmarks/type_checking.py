"""What checking the types of one file costs with a client of 2 models and with one of 100: mypy and pyright, strict.

    uv run python benchmarks/type_checking.py [--models 2 100] [--rounds 5] [--pair 7]

The models come in pairs: what someone owns, and what happened to it; all of them are related to the first one, as those
of components are to users. The file uses one pair in every kind of call: the first, or with --pair another, where there
are so many. Whole processes, in turn, without what the checkers keep between runs; medians of the seconds of computing,
which other programs on the machine change less than the time that passes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from berceau.generator import generate
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

USE = """\
from berceau_client import Prisma, types


async def use(db: Prisma) -> None:
    where: types.Item0WhereInput = {"OR": [{"name": {"contains": "x"}}], "entries": {"some": {"done": True}}}
    for item in await db.item0.find_many(where=where, include={"entries": {"take": 3}}, order={"name": "asc"}):
        print(item.name, item.entries)
    print(await db.entry0.count(where={"item": {"is": where}}))
    await db.item0.create(data={"name": "x", "entries": {"create": [{"title": "x"}]}})
    await db.item0.update(where={"id": "x"}, data={"note": None})
    await db.entry0.delete_many(where={"title": "x"})
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, nargs="+", default=[2, 100], help="even numbers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pair", type=int, default=0, help="which pair the file uses; 0 is the one of the first model")
    options = parser.parse_args(arguments)
    costs: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        folders = {models: built(Path(folder) / str(models), models, options.pair) for models in options.models}
        for _ in range(options.rounds):
            for models, project in folders.items():
                for name, command in commands(project).items():
                    costs.setdefault((name, models), []).append(run(command, project))
    medians = {case: statistics.median(measured) for case, measured in costs.items()}
    print("          models   computing   to the first")
    for (name, models), median in sorted(medians.items()):
        print(f"{name:10}{models:>6}   {median:7.1f} s   {median / medians[name, options.models[0]]:.2f}")


def schema(models: int) -> Iterator[str]:
    """Pairs of models, all related to the first one."""
    pairs = range(models // 2)
    for number in pairs:
        owner = "owner Item0? @relation(fields: [ownerId], references: [id])\n  ownerId String?" if number else ""
        owned = "\n  ".join(f"items{other} Item{other}[]" for other in pairs if other) if not number else ""
        yield f"""\
model Item{number} {{
  id String @id @default(uuid())
  name String @unique
  note String?
  amount Decimal @default(0)
  status Status{number} @default(OPEN)
  entries Entry{number}[]
  createdAt DateTime @default(now())
  {owner}{owned}
}}

model Entry{number} {{
  id String @id @default(uuid())
  title String
  data Json?
  done Boolean @default(false)
  item Item{number} @relation(fields: [itemId], references: [id])
  itemId String
}}

enum Status{number} {{
  OPEN
  CLOSED
}}
"""


def built(folder: Path, models: int, pair: int) -> Path:
    """A folder with a client of that many models and the file to check; where there is no such pair, of the first."""
    folder.mkdir(parents=True)
    files = [("main.prisma", MAIN), ("models.prisma", "\n".join(schema(models)))]
    generate(files, SchemaTools().dmmf(files), folder / "berceau_client", "hash")
    number = pair if pair < models // 2 else 0
    (folder / "use.py").write_text(re.sub(r"(item|entry)0", rf"\g<1>{number}", USE, flags=re.IGNORECASE))
    settings = {"include": ["use.py"], "typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder


def commands(folder: Path) -> dict[str, list[str]]:
    """The checkers as they are called for the file."""
    return {
        "mypy": [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "use.py"],
        "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(folder)],
    }


def run(command: Sequence[str], folder: Path) -> float:
    """Run a checker; the seconds of computing."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[2]} refuses the file:\n{output}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
