"""`berceau dev` as a process: started, asked over HTTP, its files changed, ended."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from distributions import component
from hosts import Host

from berceau import embedded

SECONDS = 180
ITEM = "model ShopItem {\n  id   Int    @id @default(autoincrement())\n  name String\n}\n"
ROUTES = """\
from fastapi import APIRouter
from berceau.fastapi import Db

router = APIRouter()

@router.get("")
async def items(db: Db) -> int:
    return await db.shopitem.count()
"""
APP = """\
from fastapi import FastAPI
from berceau.fastapi import install

def create_app() -> FastAPI:
    app = FastAPI()

    @app.get("/word")
    async def word() -> str:
        return "first"

    install(app)
    return app
"""


class Dev:
    """A running `berceau dev`; what it prints is read from a file."""

    def __init__(self, host: Host, *words: str, **environment: str) -> None:
        self.host = host
        self.log = host.root.parent / f"{host.root.name}.log"
        kept = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
        with self.log.open("w") as stream:
            self.process = psutil.Popen(
                [sys.executable, "-m", "berceau", "dev", "--port", "0", *words],
                cwd=host.root,
                env={**kept, "PYTHONPATH": str(host.site), **environment},
                stdout=stream,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.read = 0

    def says(self, pattern: str) -> re.Match[str]:
        """Wait until it says this, after what was waited for before."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            found = re.compile(pattern, re.MULTILINE).search(self.log.read_text(), self.read)
            if found:
                self.read = found.end()
                return found
            if self.process.poll() is not None and not re.search(pattern, self.log.read_text()[self.read :], re.M):
                break
            time.sleep(0.02)
        raise AssertionError(f"it does not say {pattern!r} but:\n{self.log.read_text()}")

    def serves(self) -> str:
        """Wait until it serves; the address."""
        self.address = self.says(r"^shop_app:\w+ +(http://127\.0\.0\.1:\d+)$")[1]
        return self.address

    def says_all(self, *patterns: str) -> None:
        """Wait until it has said all of these, in whatever order."""
        start, ends = self.read, []
        for pattern in patterns:
            self.read = start
            ends.append(self.says(pattern).end())
        self.read = max(ends)

    def get(self, path: str) -> object:
        try:
            answer = httpx.get(self.address + path, timeout=SECONDS)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            # The server that ends had just taken the connection; a browser asks again, too.
            answer = httpx.get(self.address + path, timeout=SECONDS)
        return answer.raise_for_status().json()

    def interrupt(self) -> int:
        """Ctrl-C, which a terminal sends to the whole group; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return int(self.process.wait(SECONDS))


@pytest.fixture
def host(project: Path) -> Host:
    """A host with an application and a component; its migration is written, but not applied to any database."""
    host = Host(project / "shop", app="shop_app:create_app")
    shop = component("shop", ITEM, facets={"router": "berceau_shop.routes:router"}, init="")
    shop.files["berceau_shop/routes.py"] = ROUTES  # type: ignore[index]
    host.install(shop)
    (host.root / "shop_app.py").write_text(APP)
    migration = host.root / "prisma/migrations/20200101000000_init/migration.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text(
        'CREATE TABLE "ShopItem" (\n    "id" SERIAL NOT NULL,\n    "name" TEXT NOT NULL,\n\n'
        '    CONSTRAINT "ShopItem_pkey" PRIMARY KEY ("id")\n);\n'
    )
    (host.root / "prisma/migrations/migration_lock.toml").write_text('provider = "postgresql"\n')
    return host


@contextmanager
def running(host: Host, *words: str, **environment: str) -> Iterator[Dev]:
    """`berceau dev` for the time of the block."""
    dev = Dev(host, *words, **environment)
    try:
        yield dev
    finally:
        if dev.process.poll() is None:
            dev.process.send_signal(signal.SIGTERM)
            dev.process.wait(SECONDS)
        embedded.stop(host.root)


def component_schema(host: Host) -> Path:
    return host.site / "berceau_shop/prisma/schema.prisma"


class TestTheWholeWay:
    def test_from_nothing_to_a_page_through_a_changed_schema_to_ctrl_c(self, host: Host) -> None:
        with running(host) as dev:
            dev.says("^Creating a PostgreSQL for this project")
            dev.says("^Built the client in")
            dev.says(r"^Applied 20200101000000_init\.$")
            dev.serves()
            dev.says(r"^  shop +http://127\.0\.0\.1:\d+/shop$")
            assert dev.get("/shop") == 0
            [server] = dev.process.children()

            component_schema(host).write_text(ITEM.replace("name String", "name String\n  price Int?"))
            dev.says("^Changed: .*schema.prisma")
            dev.says("^Built the client in")
            dev.says_all(
                "^Restarted in",
                "^The schema has changes that no migration has:\n.*ShopItem.*\n.*Added column `price`",
                "berceau migrate dev --name",
            )
            assert not server.is_running()
            assert "price" in "".join(file.read_text() for file in host.client.rglob("*.pyi"))
            assert len(list((host.root / "prisma/migrations").iterdir())) == 2

            done = host.berceau("migrate", "dev", "--name", "price")
            assert done.returncode == 0, done.stderr
            dev.says("^The database agrees with the schema.")
            assert dev.get("/shop") == 0

            [server] = dev.process.children()
            assert dev.interrupt() == 0
            dev.says("^Stopped.\nThe embedded PostgreSQL goes on running; `berceau db stop` stops it.")
            assert not server.is_running()
            assert embedded.running_url(host.root) is not None
            assert "Traceback" not in dev.log.read_text()

    def test_what_the_build_writes_itself_builds_nothing_again(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            component_schema(host).write_text(ITEM + "model ShopTag {\n  id Int @id\n}\n")
            dev.says("^Built the client in")
            dev.says("^Restarted in")
            time.sleep(2)
            log = dev.log.read_text()

        assert log.count("Changed: ") == 1
        assert log.count("Built the client") == 2
        assert log.count("Restarted in") == 1


class TestCode:
    def test_a_change_of_code_restarts_the_server(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            assert dev.get("/word") == "first"

            (host.root / "shop_app.py").write_text(APP.replace("first", "second"))
            dev.says(r"^Changed: shop_app\.py$")
            dev.says("^Restarted in")

            assert dev.get("/word") == "second"

    def test_an_import_that_fails_shows_its_traceback_and_waits_for_a_change(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            (host.root / "shop_app.py").write_text("import no_such_module\n")
            dev.says("^ModuleNotFoundError: No module named 'no_such_module'")
            dev.says(r"^The server has ended \(exit code 1\)\. It starts again when a file changes\.")

            (host.root / "shop_app.py").write_text(APP.replace("first", "again"))
            dev.says("^Restarted in")

            assert dev.get("/word") == "again"

    def test_a_component_that_cannot_be_imported_shows_the_place_in_its_own_code(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            (host.site / "berceau_shop/routes.py").write_text("router = 1 / 0\n")
            dev.says(r'File ".*berceau_shop/routes\.py", line 1')
            dev.says("^ZeroDivisionError")
            dev.says("^error: component 'shop': its router .* cannot be loaded")

    def test_requests_during_a_restart_wait_for_the_new_server(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            words = [dev.get("/word")]
            (host.root / "shop_app.py").write_text(APP.replace("first", "second"))
            end = time.monotonic() + SECONDS
            while words[-1] == "first":
                words.append(dev.get("/word"))
                assert time.monotonic() < end

        assert set(words) == {"first", "second"}

    def test_an_application_object_is_served_too(self, host: Host) -> None:
        host.set(app="shop_app:app")
        (host.root / "shop_app.py").write_text(APP + "\n\napp = create_app()\n")
        with running(host) as dev:
            dev.serves()
            assert dev.get("/word") == "first"

    def test_tests_and_other_files_restart_nothing(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            (host.root / "tests").mkdir()
            (host.root / "tests/test_shop.py").write_text("")
            (host.root / "notes.txt").write_text("")
            time.sleep(1.5)
            assert "Restarted" not in dev.log.read_text()


class TestSchema:
    def test_an_error_is_printed_and_the_old_server_goes_on(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            [server] = dev.process.children()
            component_schema(host).write_text(ITEM.replace("name String", "name Strin"))
            dev.says(r"^error: .*berceau_shop/prisma/schema\.prisma:3:")
            dev.says("^The server goes on with the client that it has.")
            assert dev.get("/shop") == 0

            (host.root / "shop_app.py").write_text(APP.replace("first", "second"))
            dev.says(r"^Changed: shop_app\.py")
            dev.says("^The server goes on with the client that it has.")
            assert dev.process.children() == [server]

            component_schema(host).write_text(ITEM)
            dev.says("^Restarted in")
            assert dev.get("/word") == "second"

    def test_an_error_at_the_start_waits_for_a_change(self, host: Host) -> None:
        component_schema(host).write_text(ITEM + "model {\n")
        with running(host) as dev:
            dev.says(r"^error: .*schema\.prisma:5")
            component_schema(host).write_text(ITEM)
            dev.serves()
            assert dev.get("/shop") == 0

    def test_a_file_of_the_host_itself_is_followed_too(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            host.write("own.prisma", "model ShopOwn {\n  id Int @id\n}\n")
            dev.says("^Built the client in")
            dev.says("^The schema has changes that no migration has:\n.*\n.*ShopOwn")

    def test_a_change_of_the_settings_is_followed(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            host.set(app="shop_app:create_app", nonsense=1)
            dev.says(r"^error: .*pyproject\.toml:\d+: unknown key 'nonsense'")
            host.set(app="shop_app:create_app", disabled=["demo", "shop"])
            dev.serves()
            assert httpx.get(dev.address + "/shop", timeout=SECONDS).status_code == 404
            assert dev.get("/word") == "first"


class TestMigrations:
    def test_auto_migrate_writes_and_applies_what_is_missing(self, host: Host) -> None:
        with running(host, "--auto-migrate") as dev:
            dev.serves()
            component_schema(host).write_text(ITEM + "model ShopTag {\n  id Int @id\n}\n")
            dev.says(r"^Wrote prisma/migrations/\d{14}_create_shoptag/migration\.sql\.$")
            dev.says(r"^Applied \d{14}_create_shoptag\.$")
            dev.says("^Restarted in")
            assert dev.get("/shop") == 0

    def test_auto_migrate_loses_no_data(self, host: Host) -> None:
        with running(host, "--auto-migrate") as dev:
            dev.serves()
            url = embedded.running_url(host.root)
            insert = "INSERT INTO \"ShopItem\" (name) VALUES ('kept')"
            subprocess.run([embedded.binaries() / "psql", str(url), "-c", insert], check=True, capture_output=True)
            component_schema(host).write_text(ITEM.replace("  name String\n", ""))
            dev.says("^error: the migration would lose something")
            assert len(list((host.root / "prisma/migrations").iterdir())) == 2

    def test_a_database_of_an_address_is_left_alone_and_its_lack_is_told(self, host: Host, postgres: str) -> None:
        name = f"dev_{os.getpid()}_{time.monotonic_ns()}"
        psql = [embedded.binaries() / "psql", postgres, "-qAtc"]
        subprocess.run([*psql, f"CREATE DATABASE {name}"], check=True)
        url = re.sub(r"/\w+\?", f"/{name}?", postgres)
        try:
            with running(host, DATABASE_URL=url) as dev:
                dev.serves()
                dev.read = 0  # the one is not waited for before the other is said
                dev.says(r"lacks 20200101000000_init\.\n  Apply it: berceau migrate deploy")
                assert not (host.root / ".berceau").exists()
                dev.interrupt()
                assert "embedded" not in dev.log.read_text()
            with running(host, "--auto-migrate", DATABASE_URL=url) as dev:
                dev.says(r"^Applied 20200101000000_init\.$")
                dev.serves()
                assert dev.get("/shop") == 0
        finally:
            subprocess.run([*psql, f"DROP DATABASE {name} WITH (FORCE)"], check=True)


class TestEnding:
    def test_a_killed_parent_takes_the_server_with_it(self, host: Host) -> None:
        with running(host) as dev:
            dev.serves()
            [server] = dev.process.children()
            dev.process.kill()
            dev.process.wait()
            psutil.wait_procs([server], timeout=SECONDS)
            assert not server.is_running()

    def test_a_request_under_way_is_answered_before_the_end(self, host: Host) -> None:
        waiting = 'print("asked", flush=True)\n        await asyncio.sleep(1)\n        return "done"'
        slow = "import asyncio\n" + APP.replace('return "first"', waiting)
        (host.root / "shop_app.py").write_text(slow)
        with running(host) as dev:
            dev.serves()
            with socket.create_connection(("127.0.0.1", int(dev.address.rpartition(":")[2]))) as client:
                client.sendall(b"GET /word HTTP/1.0\r\n\r\n")
                dev.says("^asked$")
                assert dev.interrupt() == 0
                answer = b"".join(iter(lambda: client.recv(4096), b""))
            assert answer.endswith(b'"done"')


class TestRefusals:
    def refused(self, host: Host, *words: str, **environment: str) -> str:
        done = host.berceau("dev", *words, **environment)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        assert not (host.root / ".berceau").exists()
        return done.stderr

    def test_a_port_in_use_is_named_with_a_way_out(self, host: Host) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            said = self.refused(host, "--port", str(port))

        assert said == (
            f"error: port {port} on 127.0.0.1 is in use by another program\n"
            f"  Choose another one: berceau dev --port {port + 1}\n"
        )

    def test_an_address_of_another_machine(self, host: Host) -> None:
        assert "port 8000 on 192.0.2.1 cannot be used" in self.refused(host, "--host", "192.0.2.1")
        assert "there is no address 'no such host'" in self.refused(host, "--host", "no such host")

    def test_a_host_without_an_application(self, host: Host) -> None:
        host.set()

        said = self.refused(host, "--port", "0")

        assert "there is no application to serve" in said
        assert 'Write `app = "shop:create_app"`' in said

    def test_production(self, host: Host) -> None:
        assert "is for development" in self.refused(host, "--port", "0", BERCEAU_ENV="production")

    def test_an_address_for_migrations_alone(self, host: Host) -> None:
        url = "postgresql://u@127.0.0.1:1/d"
        assert "MIGRATION_DATABASE_URL is set, but DATABASE_URL is not" in self.refused(
            host, "--port", "0", MIGRATION_DATABASE_URL=url
        )

    @pytest.mark.parametrize("port", ["70000", "-1", "eighty"])
    def test_a_port_that_is_none_is_wrong_usage(self, host: Host, port: str) -> None:
        assert host.berceau("dev", f"--port={port}").returncode == 2


def test_a_component_installed_meanwhile_is_composed_and_served(project: Path) -> None:
    environment = project / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin/python"
    [packages] = (environment / "lib").glob("python*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "workspace.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    host = Host(project / "shop", app="shop_app:create_app")
    (host.root / "shop_app.py").write_text(APP)
    new = component("shop", ITEM, facets={"router": "berceau_shop.routes:router"}, init="")
    new.files["berceau_shop/routes.py"] = ROUTES  # type: ignore[index]
    wheel = new.wheel(project)
    dev = Dev.__new__(Dev)
    dev.host, dev.read, dev.log = host, 0, project / "log"
    with dev.log.open("w") as stream:
        dev.process = psutil.Popen(
            [python, "-m", "berceau", "dev", "--port", "0", "--auto-migrate"],
            cwd=host.root,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        dev.serves()
        beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        uv = [shutil.which("uv", path=beside) or "uv", "pip", "install", "-q", "--offline", "--no-deps"]
        subprocess.run([*uv, "--python", python, wheel], check=True)
        dev.says(r"^Applied \d{14}_\w+\.$")
        dev.says(r"^  shop +http://127\.0\.0\.1:\d+/shop$")
        assert dev.get("/shop") == 0
    finally:
        dev.process.terminate()
        dev.process.wait(SECONDS)
        embedded.stop(host.root)
