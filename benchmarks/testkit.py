"""What the test kit costs: setting up workers beside a copy with pg_dump for each, and what `db` adds to a test.

    uv run python benchmarks/testkit.py [--workers 1 8 32] [--tables 10 100 400] [--rounds 3] [--fsync on]
        [--no-suite]

On embedded PostgreSQL: the test kit's own server in memory, and one as it may be given by TEST_DATABASE_URL, which
writes to the disk and, unless --fsync is off, waits for it. For each number of tables the templates are made once; then
all workers are set up at the same time, as xdist starts them, in five ways, taking turns in each round; medians of the
rounds, in seconds:

    own server  PostgreSQL copies the template's database
    databases   the same on the given server
    schemas     there for a role that may make no databases: the template's blueprint is carried out in a schema
    pg_dump     pg_dump of a schema, its name replaced, psql; one of each for each worker; on our own server
    and given   the same on the given server

A way that takes more than ten seconds takes part in the first round only.

Then the time that `db` adds to a test which has written to three tables, and the demo's tests, serial and with -n 2.
"""

from __future__ import annotations

import argparse
import asyncio
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
from berceau.testing.server import Server, own_server
from berceau.testing.template import Contents, Template, ensure_template
from berceau_engine.migrate import MigrationList, SchemaEngine
from berceau_engine.postgres import Connection, DatabaseUrl, connect

ROOT = Path(__file__).parents[1]
SLOW = 10.0
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
def given_server(fsync: str) -> Iterator[Server]:
    """A server with PostgreSQL's own settings but for the number of connections, and `fsync` if it is `off`."""
    folder = Path(tempfile.mkdtemp(prefix="berceau-bench-")).resolve()
    try:
        url = embedded.start(folder, say=lambda _: None, settings={"fsync": fsync, "max_connections": "400"}).url
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
    for connection, copy in zip(connections, copies, strict=True):
        await drop_copy(connection, copy)
        await connection.close()
    return seconds


async def with_pg_dump(connection: Connection, server: Server, template: str, workers: int) -> float:
    """Seconds until all copies are made by the usual script."""
    programs = embedded.binaries()
    where = f"--host {server.url.host} --username {server.url.user} --dbname {server.url.database}"

    async def one(name: str) -> None:
        script = (
            f"{programs}/pg_dump {where} --schema-only --schema={template} | sed s/{template}/{name}/g"
            f" | {programs}/psql {where} -q -o /dev/null -v ON_ERROR_STOP=1"
        )
        done = await asyncio.create_subprocess_shell(script)
        assert await done.wait() == 0

    names = [f"test_dumped_{number}" for number in range(workers)]
    started = time.perf_counter()
    await asyncio.gather(*map(one, names))
    seconds = time.perf_counter() - started
    for name in names:
        await connection.execute(f"DROP SCHEMA {name} CASCADE")
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
        for _ in range(rounds):
            for way, measure in ways.items():
                if max(times[way], default=0) < SLOW:
                    times[way].append(await measure(number))
        medians = "  ".join(f"{statistics.median(times[way]):10.2f}" for way in ways)
        print(f"{tables:6}  {number:7}  {medians}", flush=True)
    for connection in holders[len(servers) :]:
        await connection.execute("DROP SCHEMA dumped CASCADE")
    for connection in holders:
        await connection.close()


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
    arguments = parser.parse_args()
    own, stop = own_server()
    try:
        with given_server(arguments.fsync) as given:
            poor = asyncio.run(without_databases(given))
            print("tables  workers  own server   databases     schemas     pg_dump   and given")
            for tables in arguments.tables:
                servers = {"own server": own, "databases": given, "schemas": poor}
                asyncio.run(set_up(servers, tables, arguments.workers, arguments.rounds))
        asyncio.run(per_test(own, 200))
    finally:
        stop()
    if not arguments.no_suite:
        for options in ((), ("-n", "2")):
            times = [suite(*options) for _ in range(arguments.rounds)]
            print(f"the demo's tests {' '.join(options) or 'serial':8} {statistics.median(times):6.2f} s")


if __name__ == "__main__":
    main()
