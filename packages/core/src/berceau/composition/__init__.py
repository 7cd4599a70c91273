"""Many schemas become one: each is checked, relations between them are woven, the whole is made ready to write.

component's file ─► alone: only its own and its dependencies' models ─┐
component's file ─► …                                                 ├─► together: no clashes, relations woven
host's own files ─► …                                                 ─┘
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from berceau.composition.attributes import same_attributes
from berceau.composition.clashes import ClashError, clashes
from berceau.composition.datasource import MAIN, main_body
from berceau.composition.declarations import read
from berceau.composition.naming import lint
from berceau.composition.references import Catalog
from berceau.composition.sources import Source, component_sources
from berceau.composition.validation import check_each, together
from berceau.composition.weaving import WovenSource, weave
from berceau.errors import BerceauError, CompositionError, Problems
from berceau.schema_folder import SchemaFolder
from berceau.schema_header import KEPT, with_header

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.discovery import Component
    from berceau_engine.schema import SchemaTools

__all__ = ["ClashError", "ComposedFile", "ComposedSchema", "Finding", "compose", "composition_problems"]


@dataclass(frozen=True)
class ComposedFile:
    """One file of the composed schema.

    Attributes:
        name: its path within the folder of the schema, with slashes.
        content: its text as it stands on disk: with our header if it is generated.
        body: the text without header.
        component: the component whose models it holds; None for the datasource's and the host's own.
        generated: we write it; the host's own files are never written.
    """

    name: str
    content: str
    body: str
    component: str | None
    generated: bool


@dataclass(frozen=True)
class Finding:
    """Something that should be put right but does not stop the build; renders like an error."""

    message: str
    component: str | None = None
    file: Path | None = None
    line: int | None = None
    hint: str | None = None

    @classmethod
    def of(cls, error: CompositionError) -> Finding:
        """The same as a value."""
        return cls(error.message, error.component, Path(error.file) if error.file else None, error.line, error.hint)

    def __str__(self) -> str:
        return str(CompositionError(self.message, self.component, self.file, self.line, self.hint))


@dataclass(frozen=True)
class ComposedSchema:
    """The composed schema, valid as a whole.

    Attributes:
        files: all files, the host's own among them, sorted by name.
        warnings: findings of the naming lint.
        hash: SHA-256 (hex) over names and texts of all files without headers: the same on every machine.
    """

    files: tuple[ComposedFile, ...]
    warnings: tuple[Finding, ...]
    hash: str

    @property
    def owners(self) -> dict[str, str]:
        """Model or view → the component that it is of; the host's own are left out."""
        return {
            block.name: file.component
            for file in self.files
            if file.component is not None
            for block in read(file.body)
            if block.kind in ("model", "view")
        }


def compose(config: Config, components: Sequence[Component], tools: SchemaTools) -> ComposedSchema:
    """Compose the enabled components' schemas and the host's own files.

    Raises CompositionError, or Problems for several: all that is wrong at once, each at its owner's own line.
    """
    catalog, problems = _catalog(config, components)
    woven, found = _checked(catalog, tools)
    findings = lint(catalog.sources)
    problems += [*found, *same_attributes(catalog.sources), *(findings if config.strict else ())]
    if len(problems) > 1:
        raise Problems(list[BerceauError](problems))
    for problem in problems:
        raise problem
    files = _files(woven)
    warnings = () if config.strict else tuple(map(Finding.of, findings))
    return ComposedSchema(files, warnings, _hash(files))


def composition_problems(
    config: Config, components: Sequence[Component], tools: SchemaTools
) -> tuple[CompositionError, ...]:
    """What keeps the components from being composed; empty if nothing does."""
    catalog, problems = _catalog(config, components)
    found = (*_checked(catalog, tools)[1], *same_attributes(catalog.sources))
    return (*problems, *found, *(lint(catalog.sources) if config.strict else ()))


def _catalog(config: Config, components: Sequence[Component]) -> tuple[Catalog, list[CompositionError]]:
    """All sources, and the host's own files that cannot be among them, as they stand where ours belong."""
    theirs = component_sources(tuple(components))
    taken = {MAIN: "the datasource", **{source.name: source.owner for source in theirs}}
    own, problems = [], []
    for file in SchemaFolder.read(config.schema_dir).own:
        source = Source(file.name, file.text, file.path)
        if file.name in taken:
            problems.append(
                source.problem(
                    f"the host's own file stands where that of {taken[file.name]} is to be written",
                    None,
                    "It holds models that were kept when the component was removed: delete it to give them back."
                    if file.text.startswith(KEPT)
                    else "Rename it: a file without our header is never overwritten.",
                )
            )
        else:
            own.append(source)
    return Catalog((*theirs, *own), tuple(components)), problems


def _checked(catalog: Catalog, tools: SchemaTools) -> tuple[tuple[WovenSource, ...], list[CompositionError]]:
    """The woven sources, and what is wrong with them alone and together.

    Where a source is wrong, those that count on it are left out: their turn comes when it is right.
    """
    wrong = check_each(catalog, tools)
    problems = [problem for source in catalog.sources for problem in wrong.get(source.name, ())]
    clashing = list(clashes(catalog))
    if clashing:
        return (), [*problems, *clashing]
    sound = [source for source in catalog.sources if not any(one.name in wrong for one in catalog.dependencies(source))]
    woven = weave(sound if wrong else catalog.sources, tools)
    return woven, [*problems, *together(woven, tools)]


def _files(woven: Sequence[WovenSource]) -> tuple[ComposedFile, ...]:
    main = main_body(one.source for one in woven)
    files = [ComposedFile(MAIN, with_header(main), main, None, generated=True)]
    for one in woven:
        name, component = one.source.name, one.source.component
        if component is None:
            files.append(ComposedFile(name, one.source.content, one.source.content, None, generated=False))
        else:
            text = with_header(one.body, component.name, component.release)
            files.append(ComposedFile(name, text, one.body, component.name, generated=True))
    return tuple(sorted(files, key=lambda file: file.name))


def _hash(files: Sequence[ComposedFile]) -> str:
    return hashlib.sha256(json.dumps([[file.name, file.body] for file in files]).encode()).hexdigest()
