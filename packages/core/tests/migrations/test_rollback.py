"""`berceau migrate rollback`: down.sql of the newest migrations, and what the record says then."""

from __future__ import annotations

import pytest

from berceau.errors import MigrationStateError
from berceau.migrations import UndecidedError
from berceau.migrations.rollback import RollbackRequest, RolledBack, rollback

from .conftest import ARTICLE, Host

PRICED = ARTICLE.replace("title String?", "title String?\n  price Int?")


async def back(host: Host, **options: object) -> RolledBack:
    request = RollbackRequest(confirmed=True, **options)  # type: ignore[arg-type]
    return await rollback(host.config, host.target, request, host.said.append)


async def two(host: Host) -> tuple[str, str]:
    """Two migrations and a row; their names."""
    await host.develop("init")
    await host.execute("INSERT INTO \"Article\" VALUES (1, 'one')")
    host.schema(PRICED)
    await host.develop("price")
    await host.execute('UPDATE "Article" SET price = 7')
    first, second = host.folders
    return first, second


async def test_the_newest_is_taken_back_recorded_and_can_be_applied_again(host: Host) -> None:
    first, second = await two(host)

    done = await back(host, allow_drop=("Article.price",))

    assert done.names == (second,)
    assert await host.fetch('SELECT to_jsonb(a)::text FROM "Article" a') == ['{"id": 1, "title": "one"}']
    assert await host.fetch("SELECT migration_name FROM _prisma_migrations") == [first]
    assert (await host.status()).pending == (second,)
    assert (await host.deploy()).applied == (second,)
    assert (await host.status()).in_order


async def test_all_after_one_are_taken_back_newest_first(host: Host) -> None:
    first, second = await two(host)
    host.schema(PRICED + "model Tag {\n  id Int @id\n}\n")
    await host.develop("tags")
    third = host.folders[-1]

    done = await back(host, to=first, allow_drop=("Article.price", "Tag"))

    assert done.names == (third, second)
    assert await host.tables() == ["Article"]


async def test_what_would_be_lost_is_counted_and_needs_consent(host: Host) -> None:
    await two(host)

    with pytest.raises(UndecidedError, match=r"Article\.price \(the host\): the column is dropped; 1 value") as caught:
        await back(host)

    assert "berceau migrate rollback --force --allow-drop Article.price" in str(caught.value)
    assert await host.fetch('SELECT price FROM "Article"') == [7]
    with pytest.raises(MigrationStateError, match="--allow-drop Article: nothing of that name would be lost"):
        await back(host, allow_drop=("Article",))


async def test_without_a_way_back_nothing_is_done(host: Host) -> None:
    _, second = await two(host)
    (host.config.migrations_dir / second / "down.sql").unlink()

    with pytest.raises(MigrationStateError, match="has no way back") as caught:
        await back(host)
    assert caught.value.file == host.config.migrations_dir / second


async def test_a_way_back_that_does_not_work_changes_nothing(host: Host) -> None:
    _, second = await two(host)
    (host.config.migrations_dir / second / "down.sql").write_text('DROP TABLE "Article";\nSELECT nothing;\n')

    with pytest.raises(MigrationStateError, match='column "nothing" does not exist'):
        await back(host)
    assert await host.fetch('SELECT price FROM "Article"') == [7]
    assert (await host.status()).in_order


async def test_names_that_are_not_applied_are_refused(host: Host) -> None:
    _, second = await two(host)

    with pytest.raises(MigrationStateError, match="no migration of that name is applied"):
        await back(host, to="20200101000000_none")
    with pytest.raises(MigrationStateError, match="nothing to take back"):
        await back(host, to=second)


async def test_it_is_not_done_unasked(host: Host) -> None:
    await two(host)

    with pytest.raises(UndecidedError, match="would be taken back; nothing has been changed"):
        await rollback(host.config, host.target, RollbackRequest(allow_drop=("Article.price",)), host.said.append)


async def test_the_way_back_of_an_edited_migration_is_made_anew_when_it_is_applied(host: Host) -> None:
    await host.develop("init")
    host.schema(PRICED)
    written = await host.develop("price", create_only=True)
    assert written.created is not None
    with written.created.open("a") as script:
        script.write('CREATE TABLE extra (id INTEGER PRIMARY KEY);\nALTER TABLE "Article" ALTER price SET DEFAULT 3;\n')
    host.schema(PRICED.replace("price Int?", "price Int? @default(3)") + "model extra {\n  id Int @id\n}\n")

    done = await host.develop()

    assert (done.created, done.warnings) == (None, ())
    assert 'DROP TABLE "extra"' in (written.created.parent / "down.sql").read_text()
    assert len((await back(host, allow_drop=("Article.price", "extra"))).names) == 1
    assert await host.tables() == ["Article"]


async def test_what_cannot_be_taken_back_is_said(host: Host) -> None:
    await host.develop("init")
    host.schema(PRICED)
    written = await host.develop("price", create_only=True)
    assert written.created is not None
    with written.created.open("a") as script:
        script.write('CREATE VIEW titles AS SELECT title FROM "Article";\n')

    done = await host.develop()

    assert "titles" in done.warnings[0]
    assert "-- Not whole:" in (written.created.parent / "down.sql").read_text()
