"""`berceau db setup`: as often as one likes, on what is there; what the roles may do is in the workspace's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from berceau.errors import ConfigurationError
from berceau.roles import Done, Role, Setup, setup
from berceau_engine.postgres import DatabaseUrl, connect


class Place:
    """A database's address that is nobody's yet, and two roles' names."""

    def __init__(self, server: DatabaseUrl) -> None:
        self.server = server
        mark = uuid4().hex
        self.url = server.with_database(f"test_{mark}")
        self.migrate, self.app = f"migrate_{mark}", f"app_{mark}"

    async def setup(self, url: DatabaseUrl | None = None, **options: bool) -> Done:
        return await setup(Setup(str(url or self.url), Role(self.migrate), Role(self.app), **options))

    async def execute(self, sql: str, user: str | None = None) -> None:
        connection = await connect(replace(self.url, user=user or self.url.user))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@pytest.fixture
async def place(postgres: str) -> AsyncIterator[Place]:
    place = Place(DatabaseUrl.parse(postgres))
    yield place
    connection = await connect(place.server)
    await connection.execute(f"DROP DATABASE IF EXISTS {place.url.database} WITH (FORCE)")
    await connection.execute(f"DROP ROLE IF EXISTS {place.migrate}, {place.app}")
    await connection.close()


async def test_the_second_time_everything_is_there(place: Place) -> None:
    first, second = await place.setup(), await place.setup()

    assert len(first.changed) == 4
    assert second.changed == ()
    assert DatabaseUrl.parse(first.migration_url).user == place.migrate
    assert DatabaseUrl.parse(second.running_url).password == "PASSWORD"  # not known any more


async def test_passwords_are_made_anew_only_when_asked(place: Place) -> None:
    first, again = await place.setup(), await place.setup(reset_passwords=True)

    assert again.changed == (f"password of role {place.migrate}", f"password of role {place.app}")
    assert DatabaseUrl.parse(first.running_url).password != DatabaseUrl.parse(again.running_url).password


async def test_tables_that_are_there_are_usable_and_the_record_is_only_read(place: Place) -> None:
    await place.setup()
    await place.execute("CREATE TABLE made (id serial); CREATE TABLE _prisma_migrations (id text)", place.migrate)
    await place.execute(f"REVOKE ALL ON made FROM {place.app}", place.migrate)
    done = await place.setup()

    assert done.changed == (f"rights of both roles in schema public of {place.url.database}",)
    assert done.foreign == ()
    await place.execute("INSERT INTO made DEFAULT VALUES", place.app)
    with pytest.raises(Exception, match="permission denied for table _prisma_migrations"):
        await place.execute("DELETE FROM _prisma_migrations", place.app)


async def test_tables_of_other_roles_are_named(place: Place) -> None:
    await place.setup()
    await place.execute("CREATE TABLE stray (id int)")

    assert (await place.setup()).foreign == ("stray",)


async def test_an_administrator_need_not_be_superuser(place: Place) -> None:
    admin = f"admin_{uuid4().hex}"
    connection = await connect(place.server)
    try:
        await connection.execute(f"CREATE ROLE {admin} LOGIN CREATEDB CREATEROLE")
        await place.setup(replace(place.url, user=admin))
        await place.execute("CREATE TABLE made (id int)", place.migrate)
        await place.execute("INSERT INTO made VALUES (1)", place.app)
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {place.url.database} WITH (FORCE)")
        await connection.execute(f"DROP ROLE IF EXISTS {place.migrate}, {place.app}")
        await connection.execute(f"DROP ROLE {admin}")
        await connection.close()


async def test_a_role_without_rights_is_told_which(place: Place) -> None:
    await place.setup()

    with pytest.raises(ConfigurationError, match="may not set up a database: permission denied") as caught:
        await setup(Setup(str(replace(place.url, user=place.app)), Role("other_migrate"), Role("other_app")))
    assert "CREATEDB and CREATEROLE" in str(caught.value)


async def test_the_schema_of_the_address_is_set_up(place: Place) -> None:
    await place.setup(place.url.with_schema("shop"))

    await place.execute("CREATE TABLE shop.made (id int)", place.migrate)
    await place.execute("INSERT INTO shop.made VALUES (1)", place.app)
