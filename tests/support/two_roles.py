"""A PostgreSQL as the compose file makes it: the init script has run, and the two roles log in with passwords."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from berceau import embedded
from berceau_engine.postgres import DatabaseUrl

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docker" / "postgres" / "roles.sql"
DATABASE = "berceau"
PASSWORDS = {"BERCEAU_MIGRATE_PASSWORD": "m1gr4te'; --", "BERCEAU_APP_PASSWORD": "4pp$word"}


@dataclass(frozen=True)
class Cluster:
    """A running server of a test's own."""

    admin: DatabaseUrl
    data: Path

    def url(self, role: str, password: str) -> str:
        """The address of the database for a role."""
        server = quote(self.admin.host)
        return f"postgresql://{role}:{quote(password, safe='')}@/{DATABASE}?host={server}"

    @property
    def migrate_url(self) -> str:
        """The address for migrations."""
        return self.url("berceau_migrate", PASSWORDS["BERCEAU_MIGRATE_PASSWORD"])

    @property
    def app_url(self) -> str:
        """The address for running."""
        return self.url("berceau_app", PASSWORDS["BERCEAU_APP_PASSWORD"])

    def initialize(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the init script as the image's entry point does, with these variables and no others of ours."""
        words = [embedded.binaries() / "psql", "-v", "ON_ERROR_STOP=1", "--no-password", "--no-psqlrc"]
        words += ["--username", "postgres", "--dbname", DATABASE, "-f", SCRIPT]
        return subprocess.run(
            words,
            env={"PGHOST": self.admin.host, "PATH": os.environ["PATH"]} | environment,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def empty_cluster() -> Iterator[Cluster]:
    """A server with an empty database, which asks roles for their passwords; postgres, its superuser, needs none."""
    # not below pytest's own folder, which only its owner may enter: run by root, the server is another user
    folder = Path(tempfile.mkdtemp(prefix="berceau-test-")).resolve()
    try:
        (folder / "pyproject.toml").write_text(f'[project]\nname = "{DATABASE}"\n')
        server = embedded.start(folder, settings={"fsync": "off"})
        rules = server.data / "pg_hba.conf"
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        subprocess.run(
            [embedded.binaries() / "psql", "-qX", server.url, "-o", os.devnull, "-c", "SELECT pg_reload_conf()"],
            check=True,
        )
        yield Cluster(DatabaseUrl.parse(server.url), server.data)
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)


@contextmanager
def cluster_set_up() -> Iterator[Cluster]:
    """The same after `berceau db setup` instead."""
    with empty_cluster() as cluster:
        done = subprocess.run(
            [sys.executable, "-m", "berceau", "db", "setup", str(cluster.admin)],
            env=os.environ | PASSWORDS,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield cluster


@contextmanager
def cluster_with_roles() -> Iterator[Cluster]:
    """The same after the init script."""
    with empty_cluster() as cluster:
        done = cluster.initialize(**PASSWORDS)
        assert done.returncode == 0, done.stderr
        yield cluster
