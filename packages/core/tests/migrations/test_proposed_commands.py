"""The commands that errors propose: whole, with all that was typed, so that they can be pasted."""

from __future__ import annotations

import pytest

from berceau.errors import MigrationStateError
from berceau.migrations import UndecidedError
from berceau.migrations.rollback import RollbackRequest, rollback

from .conftest import ARTICLE, Host

EMPTY = "model Tag {\n  id Int @id\n}\n"


async def test_a_rollback_keeps_where_to_and_what_was_allowed_already(host: Host) -> None:
    await host.develop("init")
    host.schema(ARTICLE.replace("title String?", "title String?\n  price Int?\n  note String?"))
    await host.develop("more")
    [first, _] = host.folders

    request = RollbackRequest(to=first, allow_drop=("Article.price",), command="berceau migrate rollback --json")
    with pytest.raises(UndecidedError) as caught:
        await rollback(host.config, host.target, request, host.said.append)

    assert caught.value.hint == (
        f"If that is meant: berceau migrate rollback --json --to {first} --force"
        " --allow-drop Article.price --allow-drop Article.note"
    )


async def test_a_migration_that_is_taken_back_names_what_stands_on_it_and_keeps_its_options(host: Host) -> None:
    await host.develop("init")
    await host.execute('CREATE VIEW titles AS SELECT title FROM "Article"')
    host.schema(EMPTY)

    with pytest.raises(MigrationStateError, match=r'DETAIL: +view titles depends on table "Article"') as caught:
        await host.develop("gone", allow_drop=("Article",))

    assert "\n    berceau migrate dev --name gone --create-only --allow-drop Article" in str(caught.value)
    assert await host.tables() == ["Article", "titles"]
    assert len(host.folders) == 1


async def test_tables_that_no_migration_made_are_taken_over_with_a_baseline(host: Host) -> None:
    await host.execute("CREATE TABLE legacy (id int PRIMARY KEY)")

    for work in (host.develop, host.deploy):
        with pytest.raises(MigrationStateError, match="tables, but no record of migrations") as caught:
            await work()
        assert "berceau migrate diff --from empty --to database --script > " in str(caught.value)
        assert "berceau migrate resolve --applied 0_baseline" in str(caught.value)


async def test_tables_that_a_migration_would_make_are_taken_over_as_made_by_it(host: Host) -> None:
    await host.develop("init")
    await host.execute("DROP TABLE _prisma_migrations")

    with pytest.raises(MigrationStateError, match="tables, but no record of migrations") as caught:
        await host.develop()

    assert f"berceau migrate resolve --applied {host.folders[0]}" in str(caught.value)
