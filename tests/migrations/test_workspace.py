"""The repository's own migrations have all that `berceau migrate dev` writes, and their ways back work."""

from __future__ import annotations

import uuid
from pathlib import Path

from berceau.config import load_config
from berceau.migrations.catalog import read_catalog
from berceau.migrations.files import read_migrations, read_schema
from berceau.migrations.scripts import run_script
from berceau.migrations.way_back import DOWN, digest, made_for
from berceau.provenance import RECORD, composed_states, known_states
from berceau_engine.migrate import SchemaEngine, SchemaFiles
from berceau_engine.postgres import DatabaseUrl, connect, quote_identifier

CONFIG = load_config(Path(__file__).parents[2])
MIGRATIONS = read_migrations(CONFIG)
SCHEMA = read_schema(CONFIG)


def test_each_has_its_way_back_and_its_record_of_components() -> None:
    assert MIGRATIONS.names
    for migration in MIGRATIONS.migrations:
        folder = MIGRATIONS.folder / migration.name
        assert made_for(folder / DOWN) == digest(migration.sql or "")
        assert (folder / RECORD).is_file()


def test_they_record_the_components_as_they_are_composed() -> None:
    recorded, composed = known_states(MIGRATIONS), composed_states(SCHEMA)

    assert recorded.keys() == composed.keys()
    for name, state in composed.items():
        known = recorded[name]
        assert (known.distribution, known.schema) == (state.distribution, state.schema)
        assert (known.tables, known.enums) == (state.tables, state.enums)


async def test_up_down_up_leads_to_the_schema(postgres: str) -> None:
    server = DatabaseUrl.parse(postgres)
    url = server.with_database(f"workspace_{uuid.uuid4().hex[:12]}")
    admin = await connect(server)
    await admin.execute(f"CREATE DATABASE {quote_identifier(url.database)}")
    connection = await connect(url)
    try:
        states = [await read_catalog(connection)]
        for migration in MIGRATIONS.migrations:
            await run_script(connection, migration.sql or "")
            states.append(await read_catalog(connection))
        for number, migration in reversed(list(enumerate(MIGRATIONS.migrations))):
            down = (MIGRATIONS.folder / migration.name / DOWN).read_text(encoding="utf-8")
            await run_script(connection, down)
            assert (await read_catalog(connection)).description == states[number].description
        for migration in MIGRATIONS.migrations:
            await run_script(connection, migration.sql or "")
        assert (await read_catalog(connection)).description == states[-1].description
        async with await SchemaEngine.open(SCHEMA, url) as engine:
            assert (await engine.diff(MIGRATIONS, SchemaFiles(SCHEMA))).empty
    finally:
        await connection.close()
        await admin.execute(f"DROP DATABASE {quote_identifier(url.database)} WITH (FORCE)")
        await admin.close()
