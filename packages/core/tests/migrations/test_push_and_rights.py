"""What works on a database without migrations: push, with a role that may not, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from berceau.errors import ConfigurationError, MigrationStateError
from berceau.migrations import reset
from berceau.migrations.differences import difference
from berceau.migrations.push import push

from .conftest import ARTICLE, Host


async def test_a_push_drops_nothing_unless_it_is_told_to(host: Host) -> None:
    await push(host.config, host.target, host.said.append)
    host.schema(ARTICLE.replace("  title String?\n", ""))

    with pytest.raises(MigrationStateError, match='column "title" would be dropped'):
        await push(host.config, host.target, host.said.append)
    assert (await push(host.config, host.target, host.said.append, accept_data_loss=True)).steps == 1


async def test_what_the_data_do_not_allow_is_refused_until_they_go(host: Host) -> None:
    await push(host.config, host.target, host.said.append)
    await host.execute('INSERT INTO "Article" VALUES (1, NULL)')
    host.schema(ARTICLE.replace("}", "  price Int\n}"))

    with pytest.raises(MigrationStateError, match="the data do not allow the change; nothing has been changed"):
        await push(host.config, host.target, host.said.append)
    assert (await push(host.config, host.target, host.said.append, force_reset=True)).steps > 0
    assert await host.fetch('SELECT count(*) FROM "Article"') == [0]


async def test_a_role_without_rights_is_told_which(host: Host, empty_role: str) -> None:
    await push(host.config, host.target, host.said.append)
    host.schema(ARTICLE.replace("}", "  price Int?\n}"))
    administrator = host.target
    host.at(url=replace(administrator.url, user=empty_role))

    with pytest.raises(MigrationStateError, match=r"(must be owner of|permission denied for) table Article"):
        await push(host.config, host.target, host.said.append)
    with pytest.raises(MigrationStateError, match=r"must be owner of|permission denied"):
        await reset(host.config, host.target, host.said.append)
    host.target = administrator


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("database", "postgresql://a@b/c", "two databases cannot be compared"),
        ("schema", "nowhere", "there is nothing to compare under 'nowhere'"),
        ("mysql://a", "schema", "there is nothing to compare under"),
    ],
)
async def test_what_cannot_be_compared_is_said(host: Host, start: str, end: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        await difference(host.config, host.target, start, end, script=False, say=host.said.append)


async def test_paths_and_addresses_can_be_compared(host: Host) -> None:
    await push(host.config, host.target, host.said.append)

    async def empty(start: str, end: str) -> bool:
        found = await difference(host.config, host.target, start, end, script=True, say=host.said.append)
        return found.empty

    assert await empty(str(host.target.url), "schema")
    assert await empty(str(host.config.schema_dir), "database")


async def test_migrations_that_do_not_apply_name_file_and_line(host: Host) -> None:
    script = host.migration("20200101000000_bad", "SELECT 1;\nSELECT nothing;\n")

    with pytest.raises(MigrationStateError) as caught:
        await difference(host.config, host.target, "migrations", "schema", script=False, say=host.said.append)
    assert (caught.value.file, caught.value.line) == (script, 2)


async def test_a_shadow_database_that_cannot_be_reached_is_named(host: Host) -> None:
    host.migration("20200101000000_one", "SELECT 1;\n")
    host.at(shadow_url=host.target.url.with_database("no_such_shadow"))

    with pytest.raises(ConfigurationError, match=r"no_such_shadow.*\n.*SHADOW_DATABASE_URL"):
        await difference(host.config, host.target, "migrations", "schema", script=False, say=host.said.append)
