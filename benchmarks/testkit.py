"""What the test kit costs: setting up workers beside a copy with pg_dump for each, and what `db` adds to a test.

    uv run python benchmarks/testkit.py [--workers 1 8 32] [--tables 10 100 400] [--rounds 3] [--fsync on]
        [--folder /mnt/of-its-own] [--no-suite]

On embedded PostgreSQL: the test kit's own server in memory, and one as it may be given by TEST_DATABASE_URL, with
PostgreSQL's own settings, which writes to the disk and, unless --fsync is off, waits for it. For each number of tables
the templates are made once; then all workers are set up at the same time, as xdist starts them, in five ways, each
after a checkpoint, every round beginning with another way; medians of the rounds, in seconds:

    own server  PostgreSQL copies the template's database
    databases   the same on the given server
    schemas     there for a role that may make no databases: the template's blueprint is carried out in a schema
    pg_dump     pg_dump of a schema, its name replaced, psql; one of each for each worker; on our own server
    and given   the same on the given server

A way that takes more than five seconds takes part in the first round only. One that fails says so in its place, and why
below the line. Before each number of tables, and at the end, a line says what else the machine had to do (its load),
and how quick its processor and the given server's disk were.

--folder is where the given server has its files. ext4 looks at every file that was deleted there within the last five
minutes when it makes a new one, which a folder for temporary files can make several times as slow; a file system of its
own, made anew, has none: truncate -s 8G disk; mkfs.ext4 disk; mount -o loop disk /mnt/of-its-own.

Then the time that `db` adds to a test which has written to three tables, and the demo's tests, serial and with -n 2.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from berceau import embedded
from berceau.testing.copies import Copy, drop_copy, drop_dead, make_copy
from berceau.testing.emptying import Emptying
from berceau.testing.kinds import Schemas
from berceau.testing.server import Server, own_server
from berceau.testing.template import Contents, Template, ensure_template
from berceau_engine.migrate import MigrationList, SchemaEngine
from berceau_engine.postgres import Connection, DatabaseUrl, connect

ROOT = Path(__file__).parents[1]
SLOW = 5.0
MAIN = 'datasource db {\n  provider = "postgresql"\n}\n'


def contents(tables: int) -> Contents:
    """A schema: each table with an enum, a text, a unique name, and a relation to the one before."""
    models = ["enum Color {\n  RED\n  GREEN\n  BLUE\n}"]
    for number in range(tables):
        parent = (
            f"  parentId Int?\n  parent Part{number - 1}? @relation(fields: [parentId], references: [id])\n"
            "  @@index([parentId])\n"
            if number
            else ""
        )
        child = f"  children Part{number + 1}[]\n" if number < tables - 1 else ""
        models.append(
            f"model Part{number} {{\n  id Int @id @default(autoincrement())\n  name String @unique @db.VarChar(100)\n"
            f"  color Color @default(RED)\n  body String?\n  createdAt DateTime @default(now())\n{parent}{child}}}"
        )
    return Contents((("main.prisma", MAIN), ("parts.prisma", "\n".join(models))), MigrationList(Path("none")))


@contextmanager
def given_server(folder: Path, fsync: str) -> Iterator[Server]:
    """A server with PostgreSQL's own settings, but for `fsync` if it is `off`."""
    try:
        url = embedded.start(folder, say=lambda _: None, settings={"fsync": fsync, "max_connections": "100"}).url
        yield Server(DatabaseUrl.parse(url), "the benchmark", embedded=False)
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)


async def without_databases(server: Server) -> Server:
    """The server for a role that may make schemas, and nothing else."""
    connection = await connect(server.url)
    database = server.url.database
    await connection.execute(f'CREATE ROLE poor LOGIN; GRANT CREATE ON DATABASE "{database}" TO poor')
    await connection.close()
    return replace(server, url=replace(server.url, user="poor"))


async def all_at_once(server: Server, template: Template, workers: int) -> float:
    """Seconds until all copies are made."""
    connections = [await connect(server.url) for _ in range(workers)]

    async def one(connection: Connection, number: int) -> Copy:
        await drop_dead(connection, server)
        return await make_copy(connection, template, f"test_bench_{number}")

    started = time.perf_counter()
    copies = await asyncio.gather(*(one(connection, number) for number, connection in enumerate(connections)))
    seconds = time.perf_counter() - started
    await asyncio.gather(*(drop_copy(one, copy) for one, copy in zip(connections, copies, strict=True)))
    for connection in connections:
        await connection.close()
    return seconds


class FailedError(Exception):
    """A way that cannot be gone; the text says why."""


async def with_pg_dump(connection: Connection, server: Server, template: str, workers: int) -> float:
    """Seconds until all copies are made by the usual script. Raises FailedError."""
    programs = embedded.binaries()
    where = f"--host {server.url.host} --username {server.url.user} --dbname {server.url.database}"

    async def one(name: str) -> bytes:
        script = (
            f"set -o pipefail; {programs}/pg_dump {where} --schema-only --schema={template}"
            f" | sed s/{template}/{name}/g | {programs}/psql {where} -q -o /dev/null -v ON_ERROR_STOP=1"
        )
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec("bash", "-c", script, stdout=pipe, stderr=pipe)
        _, said = await process.communicate()
        return said if process.returncode else b""

    names = [f"test_dumped_{number}" for number in range(workers)]
    started = time.perf_counter()
    failed = [said for said in await asyncio.gather(*map(one, names)) if said]
    seconds = time.perf_counter() - started
    for name in names:
        await Schemas(server).drop(connection, name)
    if failed:
        raise FailedError(f"{len(failed)} of {workers}: {failed[0].decode().strip().splitlines()[0]}")
    return seconds


async def set_up(servers: dict[str, Server], tables: int, workers: list[int], rounds: int) -> None:
    """Measure and print a table's lines for one number of tables."""
    ways: dict[str, Callable[[int], Awaitable[float]]] = {}
    holders = []
    for way, server in servers.items():
        holders.append(await connect(server.url))
        template = await ensure_template(holders[-1], server, contents(tables))
        assert template.kind.word == ("schema" if way == "schemas" else "database"), template
        ways[way] = partial(all_at_once, server, template)
    dumps = {"pg_dump": servers["own server"], "and given": servers["databases"]}
    for way, server in dumps.items():
        holders.append(await connect(server.url))
        await holders[-1].execute("CREATE SCHEMA dumped")
        async with await SchemaEngine.open(contents(tables).schema, server.url.with_schema("dumped")) as engine:
            await engine.schema_push(contents(tables).schema)
        ways[way] = partial(with_pg_dump, holders[-1], server, "dumped")
    for number in workers:
        times: dict[str, list[float]] = {way: [] for way in ways}
        failures: dict[str, str] = {}
        for turn in range(rounds):
            names = list(ways)
            for way in (*names[turn % len(names) :], *names[: turn % len(names)]):
                if way in failures or max(times[way], default=0) > SLOW:
                    continue
                for holder in holders[len(servers) :]:
                    await holder.execute("CHECKPOINT")  # what the way before has left is not this one's
                try:
                    times[way].append(await ways[way](number))
                except FailedError as error:
                    failures[way] = str(error)
        shown = ("    failed" if way in failures else f"{statistics.median(times[way]):10.2f}" for way in ways)
        print(f"{tables:6}  {number:7}  {'  '.join(shown)}", flush=True)
        for way, failure in failures.items():
            print(f"{'':17}{way}: {failure}", flush=True)
    for holder, server in zip(holders[len(servers) :], dumps.values(), strict=True):
        await Schemas(server).drop(holder, "dumped")
    for holder in holders:
        await holder.close()


def noise(folder: Path) -> str:
    """What the machine is like just now."""
    started = time.perf_counter()
    sum(number * number for number in range(1_000_000))
    processor = time.perf_counter() - started
    probe = folder / "probe"
    probe.mkdir()
    started = time.perf_counter()
    for number in range(1000):
        (probe / str(number)).touch()
    made = time.perf_counter() - started
    started = time.perf_counter()
    with (probe / "0").open("wb") as file:
        for _ in range(20):
            file.write(b"x" * 8192)
            file.flush()
            os.fsync(file.fileno())
    synced = (time.perf_counter() - started) / 20
    shutil.rmtree(probe)
    return (
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; a loop of a million {processor * 1000:.0f} ms; "
        f"1000 files made {made * 1000:.0f} ms; an fsync {synced * 1000:.1f} ms"
    )


async def per_test(server: Server, tests: int) -> None:
    """Measure what is done between tests, after three tables were written to, beside a rolled back transaction."""
    holder = await connect(server.url)
    copy = await make_copy(holder, await ensure_template(holder, server, contents(100)), "test_bench_overhead")
    cleaner, writer = await connect(copy.url), await connect(copy.url)
    emptying = await Emptying.prepare(cleaner, copy.name)

    async def write(connection: Connection) -> None:
        await connection.execute("""INSERT INTO "Part0" (name) VALUES ('a')""")
        await connection.execute("""INSERT INTO "Part1" (name, "parentId") SELECT 'b', max(id) FROM "Part0" """)
        await connection.execute("""INSERT INTO "Part2" (name, "parentId") SELECT 'c', max(id) FROM "Part1" """)

    emptied, rolled_back = [], []
    for _ in range(tests):
        await write(writer)
        started = time.perf_counter()
        await emptying.run()
        emptied.append(time.perf_counter() - started)
        started = time.perf_counter()
        own = await connect(copy.url)
        await own.execute("BEGIN")
        begun = time.perf_counter() - started
        await write(own)
        started = time.perf_counter()
        await own.execute("ROLLBACK")
        await own.close()
        rolled_back.append(begun + time.perf_counter() - started)
    for name, times in (("emptying three of 100 tables", emptied), ("a connection, and rolling back", rolled_back)):
        print(f"{name:31} {statistics.median(times) * 1000:6.2f} ms")
    for connection in (cleaner, writer, holder):
        await connection.close()


def suite(*options: str) -> float:
    """Seconds of the demo's tests as a whole process."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "packages/components/demo", *options]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Run all, print as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--tables", type=int, nargs="+", default=[10, 100, 400])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-suite", action="store_true", help="leave out the demo's tests")
    parser.add_argument("--fsync", choices=("on", "off"), default="on", help="of the given server")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="of the given server")
    arguments = parser.parse_args()
    own, stop = own_server()
    folder = Path(tempfile.mkdtemp(prefix="berceau-bench-", dir=arguments.folder)).resolve()
    try:
        with given_server(folder, arguments.fsync) as given:
            poor = asyncio.run(without_databases(given))
            print("tables  workers  own server   databases     schemas     pg_dump   and given")
            for tables in arguments.tables:
                print(noise(folder), flush=True)
                servers = {"own server": own, "databases": given, "schemas": poor}
                asyncio.run(set_up(servers, tables, arguments.workers, arguments.rounds))
            print(noise(folder), flush=True)
        asyncio.run(per_test(own, 200))
    finally:
        stop()
    if not arguments.no_suite:
        for options in ((), ("-n", "2")):
            times = [suite(*options) for _ in range(arguments.rounds)]
            print(f"the demo's tests {' '.join(options) or 'serial':8} {statistics.median(times):6.2f} s")


if __name__ == "__main__":
    main()
