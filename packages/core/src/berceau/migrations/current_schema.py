"""The schema that the host stands for now: as the last build wrote it, or composed anew if something has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from berceau.build_record import BuildRecord, Inputs, digest
from berceau.discovery import discover
from berceau.errors import BerceauError
from berceau.migrations.files import read_schema
from berceau.schema_folder import SchemaFolder

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau_engine.schema import SchemaFile


@dataclass(frozen=True)
class CurrentSchema:
    """The schema's files.

    Attributes:
        files: name and text of each.
        unbuilt: how the installed components differ from those of the last build, a sentence for each.
        problem: why they cannot be composed; then the files are those of the last build.
    """

    files: tuple[SchemaFile, ...]
    unbuilt: tuple[str, ...] = ()
    problem: str | None = None


def current_schema(config: Config) -> CurrentSchema:
    """The schema of what is installed. Writes nothing.

    Composing costs a second, so the files are taken as they are if they were made from what is installed, or if no
    build of this environment has made them (a checkout in which nothing was built yet).
    """
    built = read_schema(config)
    record = BuildRecord.read(config.client_dir)
    folder = SchemaFolder.read(config.schema_dir)
    if record is None or record.schema_files != {name: digest(file.text) for name, file in folder.generated.items()}:
        return CurrentSchema(built)
    try:
        components = discover(config)
        if Inputs.now(config, components, folder) == record.inputs:
            return CurrentSchema(built)
        from berceau.composition import compose
        from berceau_engine.schema import SchemaTools

        composed = compose(config, components, SchemaTools())
    except BerceauError as error:
        return CurrentSchema(built, problem=str(error))
    files = tuple((str(config.schema_dir / file.name), file.content) for file in composed.files)
    return CurrentSchema(files, unbuilt=record.stale_components(components))
