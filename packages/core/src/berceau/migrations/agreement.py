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

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau_engine.postgres import Connection
    from berceau_engine.schema import SchemaFile

_FILE = "agreed"
_SUM = """
WITH namespace AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relation AS (
    SELECT c.*, nspname FROM pg_class c JOIN namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
), line AS (
    SELECT concat_ws('|', 'relation', nspname, relname, relkind, relispartition) AS text FROM relation
    UNION ALL
    SELECT concat_ws('|', 'column', nspname, relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
                     attidentity, attgenerated, attcollation, pg_get_expr(adbin, adrelid))
    FROM relation JOIN pg_attribute ON attrelid = relation.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT concat_ws('|', 'constraint', nspname, relname, conname, pg_get_constraintdef(con.oid))
    FROM relation JOIN pg_constraint con ON conrelid = relation.oid
    UNION ALL
    SELECT concat_ws('|', 'index', pg_get_indexdef(indexrelid), indisvalid, indisprimary)
    FROM relation JOIN pg_index ON indrelid = relation.oid
    UNION ALL
    SELECT concat_ws('|', 'sequence', nspname, relname, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache,
                     seqcycle)
    FROM relation JOIN pg_sequence ON seqrelid = relation.oid
    UNION ALL
    SELECT concat_ws('|', 'enum', nspname, typname, enumlabel, enumsortorder)
    FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN namespace n ON n.oid = typnamespace
    UNION ALL
    SELECT concat_ws('|', 'extension', extname, extversion) FROM pg_extension
)
SELECT md5(string_agg(text, E'\\n' ORDER BY text)) FROM line
"""


class Agreement:
    """The one agreement that a host remembers: of a database as it is and of the files of a schema."""

    def __init__(self, file: Path, key: str) -> None:
        self._file = file
        self._key = key

    @classmethod
    async def of(cls, config: Config, connection: Connection, schema: Sequence[SchemaFile]) -> Agreement:
        """That of the database as it is now."""
        where = await connection.fetchval("SELECT current_setting('search_path')")
        parts = [str(await connection.fetchval(_SUM)), str(where), *(part for file in schema for part in file)]
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
