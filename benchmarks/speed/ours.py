"""Our client, as an application uses it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from database import SCHEMA
from operations import BODY, ROWS, first_post_id, post_title, user_id

from berceau.client import Prisma, bind
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau_engine.plan import QueryEvent
from berceau_engine.schema import SchemaTools


def make_client(url: str, on_query: Callable[[QueryEvent], None] | None = None) -> Prisma:
    """A client for the schema; its data file is read at once and may go."""
    files = [("schema.prisma", SCHEMA)]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / DATA_FILE
        data.write_bytes(render_data(files, SchemaTools().dmmf(files), "hash"))
        bound = bind(data, "speed_client")
        bound.schema.model("User")
    return bound.client_class()(url, on_query=on_query)


class Ours:
    """Operations on our client; results are its model objects."""

    version = f"berceau {version('berceau')}, asyncpg {version('asyncpg')}"

    def __init__(self, title: Callable[[int], str] = post_title) -> None:
        self.title = title

    async def start(self, url: str, on_query: Callable[[QueryEvent], None] | None = None) -> None:
        """Connect."""
        self.db: Any = make_client(url, on_query)
        await self.db.connect()

    async def stop(self) -> None:
        """Disconnect."""
        await self.db.disconnect()

    async def unique(self, number: int) -> Any:
        """One user by its id."""
        return await self.db.user.find_unique(where={"id": user_id(number)})

    async def rows(self, number: int) -> Any:
        """A hundred posts."""
        return await self.db.post.find_many(
            where={"id": {"gte": first_post_id(number)}}, order={"id": "asc"}, take=ROWS
        )

    async def include(self, number: int) -> Any:
        """A hundred posts with their authors."""
        return await self.db.post.find_many(
            where={"id": {"gte": first_post_id(number)}}, order={"id": "asc"}, take=ROWS, include={"author": True}
        )

    async def create(self, number: int) -> Any:
        """A new post of a user."""
        return await self.db.post.create(
            data={"title": self.title(number), "body": BODY, "author": {"connect": {"id": user_id(number)}}}
        )

    def plain(self, result: Any) -> Any:
        """Model objects as dictionaries."""
        if isinstance(result, list):
            return [self.plain(record) for record in result]
        return result.model_dump(exclude_none=True)


PEER = Ours()
