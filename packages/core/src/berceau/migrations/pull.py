"""`berceau db pull`: the tables of a database that no component owns become a schema file of the host's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from berceau.composition.datasource import MAIN
from berceau.errors import MigrationStateError
from berceau.migrations.session import reading
from berceau.schema_folder import SchemaFolder

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations.target import Target

FILE = "database.prisma"
_INTROSPECTED = "introspected.prisma"  # where the engine puts what the schema does not have yet


@dataclass(frozen=True)
class Pulled:
    """What a database holds beyond the components' models.

    Attributes:
        files: text by path, of those of the host's own files that are new or differ.
        warnings: what a schema cannot express, in Prisma's words.
    """

    files: Mapping[Path, str]
    warnings: str | None


async def pull(config: Config, target: Target) -> Pulled:
    """Read the database's tables. What the schema says already of the host's own models beyond the database (names,
    comments) is kept; models that components own are left out. Writes nothing.
    """
    async with reading(config, target) as session:
        schema = session.schema
        if len(schema) == 1:  # the engine would write the models beside the datasource
            schema = (*schema, (str(config.schema_dir / FILE), ""))
        found = await session.engine.introspect(schema)
    folder = SchemaFolder.read(config.schema_dir)
    own = {file.name: file.text for file in folder.own}
    files = {}
    for path, text in found.files:
        name = _name(path, config)
        if name not in folder.generated and name != MAIN and text.split() != own.get(name, "").split():
            files[config.schema_dir / name] = text
    return Pulled(files, found.warnings)


def write(pulled: Pulled, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files; their paths. Raises MigrationStateError, with nothing written, if one is there already."""
    present = [path for path in pulled.files if path.exists()]
    if present and not force:
        raise MigrationStateError(
            f"the file is yours and differs from the database: {', '.join(path.name for path in present)}",
            file=present[0],
            hint="To have it overwritten: berceau db pull --force. To look first: berceau db pull --print",
        )
    for path, text in pulled.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.new")
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    return tuple(pulled.files)


def _name(path: str, config: Config) -> str:
    """A file's path within the schema's folder."""
    file = Path(path)
    if file.name == _INTROSPECTED:
        return FILE
    return file.relative_to(config.schema_dir).as_posix() if file.is_relative_to(config.schema_dir) else file.name
