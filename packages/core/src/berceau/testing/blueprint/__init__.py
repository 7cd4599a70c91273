"""The blueprint of a PostgreSQL schema: the SQL that makes an exact copy of it under another name.

It is read from the catalogs with the schema in front of the search path, so that PostgreSQL itself writes all names in
it without the schema, and it is carried out with the copy's schema in front instead: no text is ever replaced. The one
thing that PostgreSQL keeps as text is what stands inside a function's body, which is copied as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from berceau.errors import BerceauError
from berceau.testing.blueprint import additions, objects, tables
from berceau.testing.blueprint.catalog import Catalog
from berceau.testing.blueprint.order import in_order
from berceau_engine.postgres import Connection, quote_identifier

__all__ = ["Blueprint", "BlueprintError", "read_blueprint"]

_PATH = "SET search_path = {schema}, pg_catalog"
_QUIET = "SET client_min_messages = warning; SET check_function_bodies = off; SET synchronous_commit = off"
_STATEMENTS_IN_ONE_TRANSACTION = 20  # each locks what it makes, and all workers share one room for locks


class BlueprintError(BerceauError):
    """The schema holds something that cannot be copied."""


@dataclass(frozen=True)
class Blueprint:
    """How to make a copy of one schema.

    Attributes:
        statements: what makes it, in order, to be run with the copy in front of the search path.
        finishing: what needs the copy's own name, which stands for `{copy}` in it.
    """

    statements: tuple[str, ...]
    finishing: tuple[str, ...]

    def script(self, copy: str) -> str:
        """Everything in one text, for one exchange with the server; the schema of the copy must exist.

        It leaves the connection with the copy in its search path, and at a failure the schema half-made.
        """
        statements = [*self.statements, *self.finished(copy)]
        step = _STATEMENTS_IN_ONE_TRANSACTION
        parts = (";\n".join(statements[start : start + step]) for start in range(0, len(statements), step))
        path = _PATH.format(schema=quote_identifier(copy))
        return f"{_QUIET}; {path};\n" + ";\n".join(f"BEGIN;\n{part};\nCOMMIT" for part in parts)

    def to_json(self) -> str:
        """A text to keep it in."""
        return json.dumps([self.statements, self.finishing])

    @classmethod
    def from_json(cls, text: str) -> Blueprint:
        """What `to_json` has made a text of."""
        statements, finishing = json.loads(text)
        return cls(tuple(statements), tuple(finishing))

    def finished(self, copy: str) -> list[str]:
        """The statements that need the copy's own name, which a schema needs, too, that was renamed to it."""
        return [statement.replace("{copy}", quote_identifier(copy)) for statement in self.finishing]


async def read_blueprint(connection: Connection, schema: str) -> Blueprint:
    """Read the blueprint of a schema. Raises BlueprintError for kinds of objects that are not copied."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_PATH.format(schema=quote_identifier(schema)).replace("SET", "SET LOCAL"))
        catalog = await Catalog.read(connection, schema)
        await _refuse_others(catalog)
        made = [*await objects.read(catalog), *await tables.read(catalog)]
        data = await tables.read_data(catalog)
        after = await additions.read(catalog)
        edges = await catalog.dependencies()
    making = (item.sql for item in in_order(made, edges))
    return Blueprint((*making, *data.rows, *data.states, *after.statements), after.finishing)


async def _refuse_others(catalog: Catalog) -> None:
    """What has no rule here is named, instead of being left out of the copy."""
    found = [f"{row['kind']} {row['name']}" for row in await catalog.rows(_OTHERS)]
    if found:
        raise BlueprintError(
            f"the schema holds what the test kit cannot copy: {', '.join(found)}",
            hint="Put it into another PostgreSQL schema (or into an extension), which all copies then share.",
        )


_OTHERS = """
SELECT 'foreign table' AS kind, relname::text AS name FROM pg_class WHERE relnamespace = $1 AND relkind = 'f'
UNION ALL SELECT 'typed table', relname FROM pg_class WHERE relnamespace = $1 AND reloftype <> 0
UNION ALL SELECT 'type', typname FROM pg_type t WHERE typnamespace = $1 AND typtype = 'b' AND typelem = 0
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND deptype = 'e')
UNION ALL SELECT 'operator', oprname FROM pg_operator o WHERE oprnamespace = $1
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid
                    AND deptype = 'e')
UNION ALL SELECT 'collation', collname FROM pg_collation WHERE collnamespace = $1
UNION ALL SELECT 'text search configuration', cfgname FROM pg_ts_config WHERE cfgnamespace = $1
"""
