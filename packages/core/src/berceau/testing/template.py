"""The template: the schema of what is under test, made once, and kept for as long as nothing changes.

Its name is a hash of all that it is made from, so a run finds the one of the run before.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from berceau.errors import BerceauError
from berceau.testing import locks
from berceau.testing.kinds import Databases, Kind, Schemas, all_kinds, best_kind
from berceau.testing.sql_names import in_schema, makes_extensions
from berceau_engine.postgres import Connection, DatabaseUrl, quote_identifier

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.testing.server import Server
    from berceau_engine.migrate import MigrationList
    from berceau_engine.schema import SchemaFile

_VERSION = 2  # of how templates are made
_WRITTEN_FOR = "public"  # the schema that migrations and addresses mean where they name none


@dataclass(frozen=True)
class Contents:
    """What a template is made from: the composed schema, and the migrations if there are any.

    `family` stands for the project: a new template of one takes the place of its older ones.
    """

    schema: tuple[SchemaFile, ...]
    migrations: MigrationList
    family: str = ""

    @property
    def name(self) -> str:
        """The template's name."""
        scripts = [[one.name, one.sql] for one in self.migrations.migrations]
        files = [[path.rpartition("/")[2], text] for path, text in self.schema]
        hashed = hashlib.sha256(json.dumps([_VERSION, files, scripts]).encode())
        return f"berceau_template_{hashed.hexdigest()[:16]}"

    @property
    def mark(self) -> str:
        """The comment on the template when it is ready."""
        return f"{locks.TEMPLATE_MARK} {self.family}"

    @property
    def unfinished_mark(self) -> str:
        """The comment on it before."""
        return f"{locks.UNFINISHED_MARK} {self.family}"

    @property
    def failed_mark(self) -> str:
        """The comment on what should have become one, and could not."""
        return f"{locks.FAILED_MARK} {self.family}"

    @property
    def way(self) -> str:
        """How it is made, for people."""
        number = len(self.migrations.migrations)
        return f"{number} migration{'s' if number > 1 else ''}" if number else "pushing the schema"


def read_contents(config: Config) -> Contents:
    """Read the composed schema and the migrations. Raises MigrationStateError."""
    from berceau.migrations.files import read_migrations, read_schema

    family = hashlib.sha256(str(config.root).encode()).hexdigest()[:12]
    return Contents(read_schema(config), read_migrations(config), family)


@dataclass(frozen=True)
class Template:
    """A template that is ready.

    Attributes:
        kind: what it is, and its copies are.
        name: its name.
        reason: why it is no database, where that could be.
    """

    kind: Kind
    name: str
    reason: str = ""


async def ensure_template(connection: Connection, server: Server, contents: Contents) -> Template:
    """Make the template if it is not there, and hold its lock on `connection`, shared, so that nobody drops it.

    While another process makes it, wait for that. Raises ConfigurationError, MigrationStateError or MigrationError.
    """
    kind, reason = await best_kind(connection, server)
    if isinstance(kind, Databases) and not server.embedded:
        try:
            return await _ensure(connection, server, kind, contents)
        except _CannotBeDatabaseError as error:
            kind, reason = Schemas(server), str(error)
    try:
        return replace(await _ensure(connection, server, kind, contents), reason=reason)
    except Exception as error:
        if reason:
            error.add_note(f"A schema is made because {reason}")
        raise


async def foresee(connection: Connection, server: Server, contents: Contents) -> Template:
    """The template that there would be, as far as can be told without making one."""
    kind, reason = await best_kind(connection, server)
    name = kind.template_name(contents.name)
    if isinstance(kind, Databases) and await kind.mark(connection, name) == contents.failed_mark:
        reason = await kind.reason(connection, name)
        kind = Schemas(server)
    return Template(kind, kind.template_name(contents.name), reason)


class _CannotBeDatabaseError(Exception):
    """The template of a given server has to be a schema; the text says why."""


async def _ensure(connection: Connection, server: Server, kind: Kind, contents: Contents) -> Template:
    template = Template(kind, kind.template_name(contents.name))
    name = template.name
    while True:
        await locks.shared(connection, name)
        if await _is_ready(connection, template, contents):
            return template
        await locks.let_go(connection, name, of_shared=True)
        if await locks.try_alone(connection, name):
            break
        await asyncio.sleep(locks.TRY_SECONDS)  # whoever has it makes the template, or has just looked as well
    try:
        if not await _is_ready(connection, template, contents):
            await _drop_others(connection, server, contents)
            await _make(connection, template, contents)
        await locks.shared(connection, name)
    finally:
        await locks.let_go(connection, name)
    return template


async def _is_ready(connection: Connection, template: Template, contents: Contents) -> bool:
    mark = await template.kind.mark(connection, template.name)
    if isinstance(template.kind, Databases) and mark == contents.failed_mark:
        raise _CannotBeDatabaseError(await template.kind.reason(connection, template.name))
    return mark == contents.mark


async def _make(connection: Connection, template: Template, contents: Contents) -> None:
    kind, name = template.kind, template.name
    if await kind.mark(connection, name) is not None:  # half-made
        await kind.drop(connection, name)
    try:
        await kind.make_empty(connection, name, contents.unfinished_mark)
        await _fill(kind.url(name), contents)
        await kind.finish(connection, name, contents.mark)
    except Exception as error:
        if not isinstance(kind, Databases) or kind.server.embedded:
            raise
        reason = f"the template cannot be made in a database of its own: {error}"
        await kind.fail(connection, name, contents.failed_mark, reason)
        raise _CannotBeDatabaseError(reason) from error


async def _drop_others(connection: Connection, server: Server, contents: Contents) -> None:
    """Drop the project's templates that nobody uses: what is under test has changed since."""
    for kind in await all_kinds(connection, server):
        for name in await kind.marked(connection, contents.mark, contents.unfinished_mark, contents.failed_mark):
            if not name.startswith(contents.name) and await locks.try_alone(connection, name):
                try:
                    await kind.drop(connection, name)
                finally:
                    await locks.let_go(connection, name)


async def _fill(url: DatabaseUrl, contents: Contents) -> None:
    from berceau_engine.migrate import SchemaEngine

    migrations = contents.migrations
    scripts = [replace(one, sql=in_schema(one.sql or "", _WRITTEN_FOR, url.schema)) for one in migrations.migrations]
    if any(makes_extensions(one.sql or "") for one in scripts) or "extensions" in "".join(
        text for _, text in contents.schema
    ):
        url = with_search_path(url, [url.schema, _WRITTEN_FOR])
    async with await SchemaEngine.open(contents.schema, url) as engine:
        if scripts:
            await engine.apply_migrations(replace(migrations, migrations=tuple(scripts)))
            return
        pushed = await engine.schema_push(contents.schema)
    if pushed.unexecutable:
        raise BerceauError("the schema cannot be pushed: " + "; ".join(pushed.unexecutable))


def with_search_path(url: DatabaseUrl, schemas: Sequence[str]) -> DatabaseUrl:
    """The address with these schemas in the search path, and not only its own."""
    path = ",".join(map(quote_identifier, schemas))
    options = f"{url.parameters.get('options', '')} -c search_path={path}".strip()
    return url.with_parameter("options", options)
