"""The database that all peers share, on an embedded server that is reached over its Unix socket."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from operations import BODY, POSTS, USERS

from berceau import embedded
from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import Connection, DatabaseUrl, connect

SCHEMA = (Path(__file__).parent / "schema.prisma").read_text()

SETTINGS = {"autovacuum": "off", "synchronous_commit": "off", "jit": "off"}
"""Neither the disk nor what the server does by itself is to be measured."""

CONTENT = f"""
INSERT INTO "User" (email, name, role, active, score, "createdAt")
SELECT 'user' || i || '@example.com', 'User number ' || i, (ARRAY['READER', 'WRITER', 'EDITOR'])[1 + i % 3]::"Role",
       i % 5 > 0, CASE WHEN i % 7 > 0 THEN i / 8.0 END, timestamp '2026-01-01' + i * interval '1 minute'
FROM generate_series(1, {USERS}) i;
INSERT INTO "Post" (title, body, published, views, "createdAt", "authorId")
SELECT 'Post number ' || i, '{BODY}', i % 3 > 0, i * 37 % 1000, timestamp '2026-02-01' + i * interval '1 second',
       1 + i * 13 % {USERS}
FROM generate_series(1, {POSTS}) i;
"""

CREATED = f"""DELETE FROM "Post" WHERE id > {POSTS} AND title NOT LIKE 'captured%'"""


class Database:
    """The database, seen from outside the peers."""

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self._connection = connection

    async def clean(self) -> None:
        """Remove what was created, and what it left behind."""
        await self._connection.execute(CREATED)
        await self._connection.execute("VACUUM (ANALYZE)")

    async def version(self) -> str:
        """The server's version."""
        return str(await self._connection.fetchval("SHOW server_version")).split()[0]


@asynccontextmanager
async def started() -> AsyncIterator[Database]:
    """The database on a server of its own, both gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="berceau-speed-"))
    try:
        server = DatabaseUrl.parse(embedded.start(folder, say=lambda _: None).url)
        admin = await connect(server)
        for name, value in SETTINGS.items():
            await admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        await admin.execute("SELECT pg_reload_conf()")
        await admin.execute("CREATE DATABASE speed")
        await admin.close()
        url = server.with_database("speed")
        files = [("schema.prisma", SCHEMA)]
        async with await SchemaEngine.open(files, url) as engine:
            await engine.schema_push(files)
        connection = await connect(url)
        try:
            await connection.execute(CONTENT)
            database = Database(str(url), connection)
            await database.clean()
            yield database
        finally:
            await connection.close()
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)
