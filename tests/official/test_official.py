"""What the official command line says of our databases, and ours of its own."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

SCHEMA = "node_modules/.berceau-schema"
"""The copy that `prisma.config.ts` makes, with the address that Prisma 6 wants."""


def models(text: str) -> list[str]:
    """The models and enums of a schema, without comments and in the order of their names."""
    blocks = ("\n" + text).split("\n\n")
    lines = ("\n".join(line for line in block.splitlines() if not line.startswith("//")) for block in blocks)
    return sorted(block.strip() for block in lines if block.strip().startswith(("model", "enum")))


def test_a_database_that_we_migrated_is_clean_for_it(pair):
    url = pair.database()
    assert pair.ours("migrate", "deploy", url=url).count("applied ") == 2

    assert "Database schema is up to date!" in pair.theirs("migrate", "status", url=url)
    words = ["migrate", "diff", "--from-migrations", "prisma/migrations", "--to-schema-datamodel", SCHEMA]
    assert "No difference detected." in pair.theirs(*words, "--exit-code", url=url)
    assert "No pending migrations to apply." in pair.theirs("migrate", "deploy", url=url)


def test_what_it_reads_from_a_database_that_we_migrated_is_what_it_reads_from_its_own(pair):
    ours, theirs = pair.database(), pair.database()
    pair.ours("migrate", "deploy", url=ours)
    pair.theirs("migrate", "deploy", url=theirs)

    pulled = models(pair.theirs("db", "pull", "--print", url=ours))
    assert len(pulled) > 10
    assert pulled == models(pair.theirs("db", "pull", "--print", url=theirs))


def test_its_sql_for_the_schema_makes_the_database_that_ours_makes(pair, tmp_path: Path):
    ours, theirs = pair.database(), pair.database()
    pair.ours("migrate", "deploy", url=ours)
    script = tmp_path / "script.sql"
    words = ["migrate", "diff", "--from-empty", "--to-schema-datamodel", SCHEMA, "--script"]
    script.write_text(pair.theirs(*words, url=theirs))
    pair.ours("db", "execute", "--file", str(script), url=theirs)

    assert pair.dump(ours) == pair.dump(theirs)
    assert pair.ours("migrate", "diff", "--from", "empty", "--to", "schema", "--script", url=ours).split() == (
        script.read_text().split()
    )


def test_a_database_that_it_deployed_is_clean_for_us(pair):
    url = pair.database()
    assert "All migrations have been successfully applied." in pair.theirs("migrate", "deploy", url=url)

    found = json.loads(pair.ours("migrate", "status", "--json", url=url))
    assert (found["in_order"], len(found["applied"])) == (True, 2)
    assert "nothing to apply" in pair.ours("migrate", "deploy", url=url)
    assert "nothing to migrate" in pair.ours("migrate", "dev", url=url)


def test_what_we_took_back_is_pending_for_it_and_it_applies_it_again(pair):
    url = pair.database()
    pair.ours("migrate", "deploy", url=url)
    whole = pair.dump(url)
    refused = pair.host.berceau("migrate", "rollback", "--force", DATABASE_URL=url, MIGRATION_DATABASE_URL="")
    assert refused.returncode == 1
    proposed = refused.stderr.partition("If that is meant: berceau ")[2]

    [taken] = json.loads(pair.ours(*shlex.split(proposed), "--json", url=url))["rolled_back"]

    told = pair.theirs("migrate", "status", url=url, ends=1)
    assert re.search(rf"not yet been applied:\s+{taken}\s", told)
    assert "failed" not in told
    found = json.loads(pair.host.berceau("migrate", "status", "--json", DATABASE_URL=url).stdout)
    assert (found["pending"], found["failed"], found["drift"]) == ([taken], [], None)

    again = pair.theirs("migrate", "deploy", url=url)
    assert taken in again
    assert "All migrations have been successfully applied." in again
    assert "Database schema is up to date!" in pair.theirs("migrate", "status", url=url)
    assert json.loads(pair.ours("migrate", "status", "--json", url=url))["in_order"] is True
    assert pair.dump(url) == whole


def test_without_its_files_what_we_took_back_is_gone_for_it(pair):
    url = pair.database()
    pair.ours("migrate", "deploy", url=url)
    refused = pair.host.berceau("migrate", "rollback", "--force", DATABASE_URL=url, MIGRATION_DATABASE_URL="")
    proposed = refused.stderr.partition("If that is meant: berceau ")[2]
    [taken] = json.loads(pair.ours(*shlex.split(proposed), "--json", url=url))["rolled_back"]
    folder = pair.host.root / "prisma/migrations" / taken
    aside = folder.rename(pair.host.root / taken)
    try:
        assert "Database schema is up to date!" in pair.theirs("migrate", "status", url=url)
        assert "No pending migrations to apply." in pair.theirs("migrate", "deploy", url=url)
    finally:
        aside.rename(folder)
