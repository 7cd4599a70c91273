"""Remembers that a database agreed with a schema, so that asking again needs no schema engine.

The engine takes half a second to start and to look at everything. What it looks at is summed up by one query: as long
as this sum and the schema's files are those that agreed, they agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from berceau.embedded import FOLDER
from berceau.migrations.catalog_sum import catalog_sum

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau_engine.postgres import Connection
    from berceau_engine.schema import SchemaFile

_FILE = "agreed"


class Agreement:
    """The one agreement that a host remembers: of a database as it is and of the files of a schema."""

    def __init__(self, file: Path, key: str) -> None:
        self._file = file
        self._key = key

    @classmethod
    async def of(cls, config: Config, connection: Connection, schema: Sequence[SchemaFile]) -> Agreement:
        """That of the database as it is now."""
        where = await connection.fetchval("SELECT current_setting('search_path')")
        parts = [await catalog_sum(connection), str(where), *(part for file in schema for part in file)]
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return cls(config.root / FOLDER / _FILE, key)

    def is_known(self) -> bool:
        """Whether it is the one that is remembered."""
        try:
            return self._file.read_text(encoding="ascii") == self._key
        except (OSError, ValueError):
            return False

    def keep(self) -> None:
        """Remember it, if the folder can be written."""
        with suppress(OSError):
            if not self._file.parent.exists():
                self._file.parent.mkdir()
                (self._file.parent / ".gitignore").write_text("*\n", encoding="ascii")
            unfinished = self._file.with_name(f"{_FILE}.new")
            unfinished.write_text(self._key, encoding="ascii")
            unfinished.replace(self._file)
