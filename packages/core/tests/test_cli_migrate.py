"""`berceau migrate` as a user types it, on the embedded PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ARTICLE = "model ShopArticle {\n  id Int @id\n  title String?\n}\n"


class Shell:
    """Types commands in a host's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if "DATABASE_URL" not in name and name != "BERCEAU_ENV"
        }
        (folder / "prisma/schema").mkdir(parents=True)
        (folder / "pyproject.toml").write_text(
            '[project]\nname = "shop"\n\n[tool.berceau]\noutput = "berceau_client"\ndisabled = ["demo"]\n'
        )
        self.schema(ARTICLE)

    def schema(self, models: str) -> None:
        (self.folder / "prisma/schema/shop.prisma").write_text(models)

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "berceau", *words],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def shell(project: Path) -> Shell:
    """A host with one model of its own and no database yet."""
    return Shell(project)


def test_a_project_from_nothing_to_its_second_migration(shell: Shell) -> None:
    first = shell("migrate", "dev", "--name", "init")
    assert first.returncode == 0, first.stderr
    wrote, applied = first.stdout.splitlines()
    name = re.fullmatch(r"wrote prisma/migrations/(\d{14}_init)/migration\.sql", wrote)
    assert name
    assert applied == f"applied {name[1]}"
    assert "Creating a PostgreSQL for this project" in first.stderr
    assert (shell.folder / "berceau_client/schema.data").exists()

    again = shell("migrate", "dev")
    assert again.stdout == "nothing to migrate: the database 'shop' (the embedded PostgreSQL) agrees with the schema\n"

    shell.schema(ARTICLE.replace("title String?", "title String?\n  price Int?"))
    shell("build")
    status = shell("migrate", "status")
    assert (status.returncode, status.stdout.splitlines()) == (
        1,
        [
            "database 'shop' (the embedded PostgreSQL): 1 migration",
            f"  applied  {name[1]}",
            "  the schema has changes that no migration has:",
            "    [*] Changed the `ShopArticle` table",
            "      [+] Added column `price`",
            "Write the migration: berceau migrate dev --name NAME",
        ],
    )
    second = shell("migrate", "dev")
    assert second.returncode == 0
    assert "_change_shoparticle" in second.stdout
    assert shell("migrate", "status").returncode == 0


def test_deploy_says_what_it_applied_and_then_that_there_is_nothing(shell: Shell) -> None:
    written = shell("migrate", "dev", "--name", "init", "--create-only")
    assert written.stdout.splitlines()[1].startswith("not applied")
    assert shell("migrate", "status").returncode == 1

    deployed = shell("migrate", "deploy")
    assert (deployed.returncode, deployed.stdout) == (0, f"applied {Path(written.stdout.split()[1]).parent.name}\n")
    assert shell("migrate", "deploy").stdout == (
        "nothing to apply: the database 'shop' (the embedded PostgreSQL) is up to date, with 1 migration\n"
    )


def test_status_as_json(shell: Shell) -> None:
    found = json.loads(shell("migrate", "status", "--json").stdout)

    assert found["in_order"] is False
    assert set(found) == {
        *("database", "applied", "pending", "applying", "failed", "edited", "missing"),
        *("unmanaged", "components", "unbuilt", "drift", "unmigrated", "unchecked", "in_order"),
    }


def test_a_failed_deploy_exits_with_1_and_no_traceback(shell: Shell) -> None:
    script = shell.folder / "prisma/migrations/20200101000000_bad/migration.sql"
    script.parent.mkdir(parents=True)
    script.write_text("SELECT 1;\nSELECT nothing;\n")

    deployed = shell("migrate", "deploy")

    assert (deployed.returncode, deployed.stdout) == (1, "")
    assert f"error: {script}:2: the migration 20200101000000_bad has failed" in deployed.stderr
    assert "Traceback" not in deployed.stderr
    assert "failed   20200101000000_bad" in shell("migrate", "status").stdout
    script.write_text("SELECT 1;\n")
    resolved = shell("migrate", "resolve", "--rolled-back", "20200101000000_bad")
    assert resolved.stdout == (
        "20200101000000_bad is recorded as rolled back; berceau migrate deploy applies it again\n"
    )
    assert shell("migrate", "deploy").stdout == "applied 20200101000000_bad\n"


def test_data_loss_needs_a_word(shell: Shell) -> None:
    shell("migrate", "dev", "--name", "init")
    url = shell("db", "url").stdout.strip()
    from berceau import embedded

    subprocess.run([embedded.binaries() / "psql", url, "-c", "INSERT INTO \"ShopArticle\" VALUES (1, 'x')"], check=True)
    shell.schema("model ShopArticle {\n  id Int @id\n}\n")

    refused = shell("migrate", "dev", "--name", "no_title")
    assert refused.returncode == 1
    assert "would lose something; none has been written" in refused.stderr
    done = shell("migrate", "dev", "--name", "no_title", "--allow-drop", "ShopArticle.title")
    assert done.returncode == 0
    assert "warning: ShopArticle.title (the host): the column is dropped; 1 value" in done.stderr


def test_reset_asks_and_nobody_answers(shell: Shell) -> None:
    shell("migrate", "dev", "--name", "init")

    refused = shell("migrate", "reset")
    assert refused.returncode == 1
    assert "nobody is there to ask" in refused.stderr
    assert "--force" in refused.stderr
    done = shell("migrate", "reset", "--force")
    assert done.returncode == 0
    assert done.stdout.startswith("applied ")


def test_production_is_refused_what_is_for_development(shell: Shell) -> None:
    production = {"BERCEAU_ENV": "production"}
    without = shell("migrate", "deploy", **production)
    assert without.returncode == 1
    assert "neither MIGRATION_DATABASE_URL nor DATABASE_URL is set" in without.stderr

    url = shell("db", "start").stdout.strip()
    for words in (("dev",), ("reset",), ("reset", "--force")):
        refused = shell("migrate", *words, DATABASE_URL=url, **production)
        assert refused.returncode == 1
        assert "in production" in refused.stderr
    assert shell("migrate", "deploy", DATABASE_URL=url, **production).returncode == 0


def test_the_migration_address_goes_before_the_running_one(shell: Shell) -> None:
    url = shell("db", "start").stdout.strip()

    status = shell("migrate", "status", MIGRATION_DATABASE_URL=url, DATABASE_URL="postgresql://u@127.0.0.1:1/none")
    assert status.stdout.startswith(f"database 'shop' ({shell.folder}/.berceau/postgres): 0 migrations\n")


def test_a_schema_error_stops_before_the_database_is_touched(shell: Shell) -> None:
    shell.schema("model ShopArticle {\n  id Int @id\n  tag Tga\n}\n")

    done = shell("migrate", "dev", "--name", "init")

    assert done.returncode == 1
    assert "shop.prisma:3" in done.stderr
    assert not (shell.folder / ".berceau").exists()


@pytest.mark.parametrize("words", [(), ("undo",), ("resolve",), ("resolve", "--applied", "a", "--rolled-back", "b")])
def test_wrong_usage_exits_with_2(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell("migrate", *words).returncode == 2
