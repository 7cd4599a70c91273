"""One build: discover, compose, write the schema, generate the client; nothing of it if nothing has changed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from berceau.build_record import BuildRecord, Inputs, RecordedFinding, digest, file_digests
from berceau.composition import ComposedSchema, Finding, compose
from berceau.config import nearest
from berceau.discovery import Component, discover
from berceau.gone import refuse_gone
from berceau.schema_folder import Changes, SchemaFolder, locked

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau_engine.schema import SchemaTools

ClientState = Literal["unchanged", "generated", "stale", "missing"]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class BuildResult:
    """What a build did, or with `check` what it would do.

    Attributes:
        written: schema files that were written.
        removed: schema files of components that are no longer composed, which were removed.
        unchanged: generated schema files that were right as they were.
        client: `generated` or `unchanged`; with `check`, `stale` if it belongs to another schema, or `missing`.
        diff: with `check`, the changes of the schema files as a unified diff.
        warnings: what should be put right.
        seconds: how long it took.
        schema_hash: the hash of the composed schema, which the client carries.
    """

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    client: ClientState
    diff: str
    warnings: tuple[Finding, ...]
    seconds: float
    schema_hash: str

    @property
    def changed(self) -> bool:
        """Whether anything was, or with `check` would be, changed. A client that is missing is not out of date."""
        return bool(self.written or self.removed) or self.client in ("generated", "stale")


def build(
    config: Config, *, check: bool = False, progress: Progress | None = None, path: Sequence[str] | None = None
) -> BuildResult:
    """Compose the schemas of all enabled components into the host's folder, and generate the client.

    Runs no component's code and opens no connection. With `check` nothing is written.

    Args:
        config: the host's settings.
        check: only find out what would change.
        progress: told what is being done, in a few words, whenever that changes.
        path: folders to search for components, as in `sys.path`, which is the default.

    Raises BerceauError (DiscoveryError, CompositionError, or Problems for several) with nothing written.
    """
    started = time.perf_counter()
    components = discover(config, path)
    refuse_gone(config, components)
    folder = SchemaFolder.read(config.schema_dir)
    inputs = Inputs.now(config, components, folder)
    record = BuildRecord.read(config.client_dir)
    notices = tuple(_unknown_disabled(config, components))
    if record is not None and record.holds(inputs, folder, config.client_dir):
        return BuildResult(
            written=(),
            removed=(),
            unchanged=tuple(folder.path / name for name in folder.generated),
            client="unchanged",
            diff="",
            warnings=(*_recalled(record, components), *notices),
            seconds=time.perf_counter() - started,
            schema_hash=record.schema_hash,
        )
    from berceau_engine.schema import SchemaTools

    job = _Job(config, inputs, record, progress or (lambda _: None), SchemaTools())
    job.progress("checking and composing the schemas")
    composed = compose(config, components, job.tools)
    changes, client = job.check(composed) if check else job.run(composed)
    return BuildResult(
        written=tuple(folder.path / name for name in changes.texts),
        removed=tuple(folder.path / name for name in changes.removed),
        unchanged=tuple(folder.path / name for name in changes.unchanged),
        client=client,
        diff=changes.diff(config.root) if check else "",
        warnings=(*composed.warnings, *notices, *_overwritten(changes)),
        seconds=time.perf_counter() - started,
        schema_hash=composed.hash,
    )


@dataclass(frozen=True)
class _Job:
    """A build that cannot rely on the last one."""

    config: Config
    inputs: Inputs
    record: BuildRecord | None
    progress: Progress
    tools: SchemaTools

    def check(self, composed: ComposedSchema) -> tuple[Changes, ClientState]:
        from berceau.generator import DATA_FILE

        client = self.config.client_dir
        state: ClientState = "missing"
        if (client / DATA_FILE).is_file():
            state = "unchanged" if self._client_is_current(composed) else "stale"
        return self._changes(composed), state

    def run(self, composed: ComposedSchema) -> tuple[Changes, ClientState]:
        """The client goes first: it is what is most likely refused, and then the schema is as it was."""
        with locked(self.config.schema_dir):
            changes = self._changes(composed)
            state, client_files = self._client(composed)
            changes.apply()
            self._remember(composed, client_files)
        return changes, state

    def _changes(self, composed: ComposedSchema) -> Changes:
        wanted = {file.name: file.content for file in composed.files if file.generated}
        return SchemaFolder.read(self.config.schema_dir).changes(wanted)

    def _client(self, composed: ComposedSchema) -> tuple[ClientState, Iterable[Path]]:
        from berceau.generator import generate

        output = self.config.client_dir
        if self.record is not None and self._client_is_current(composed):
            return "unchanged", [output / file for file in self.record.client_files]
        files = [(file.name, file.body) for file in composed.files]
        with _without_garbage_collection():
            self.progress("describing the models")
            dmmf = self.tools.dmmf(files)
            for types in dmmf["schema"].values():  # Prisma leaves out what is empty
                types.setdefault("prisma", [])
                types.setdefault("model", [])
            self.progress("generating the client")
            return "generated", generate(files, dmmf, output, composed.hash, composed.owners)

    def _client_is_current(self, composed: ComposedSchema) -> bool:
        """Whether it belongs to the schema and, as far as is known, each of its files is as the generator left it."""
        from berceau.generator import client_hash

        output, record = self.config.client_dir, self.record
        if client_hash(output) != composed.hash:
            return False
        return record is None or (
            record.inputs.program == self.inputs.program
            and record.client_files == file_digests(output, map(Path, record.client_files))
        )

    def _remember(self, composed: ComposedSchema, client_files: Iterable[Path]) -> None:
        output = self.config.client_dir
        BuildRecord(
            inputs=self.inputs,
            schema_hash=composed.hash,
            schema_files={file.name: digest(file.content) for file in composed.files if file.generated},
            client_files=file_digests(output, (file.relative_to(output) for file in client_files)),
            findings=tuple(map(_recorded, composed.warnings)),
        ).write(output)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """The description of 100 models is half a million objects, all of them needed: looking for garbage takes 0.15 s."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _recorded(finding: Finding) -> RecordedFinding:
    """A warning without its file, which is elsewhere on another machine."""
    return RecordedFinding(finding.message, finding.component, finding.line, finding.hint)


def _recalled(record: BuildRecord, components: Iterable[Component]) -> Iterable[Finding]:
    """The recorded warnings, at the components' files on this machine."""
    files = {one.name: one.schema.path for one in components if one.enabled and one.schema is not None}
    for one in record.findings:
        yield Finding(one.message, one.component, files.get(one.component or ""), one.line, one.hint)


def _unknown_disabled(config: Config, components: Iterable[Component]) -> Iterable[Finding]:
    installed = tuple(component.name for component in components)
    for name in sorted(config.disabled.difference(installed)):
        guess = nearest(name, installed)
        yield Finding(
            f"`disabled` names {name!r}, but no such component is installed",
            file=config.root / "pyproject.toml",
            hint=f"Did you mean {guess!r}?" if guess else None,
        )


def _overwritten(changes: Changes) -> Iterable[Finding]:
    for name in changes.edited:
        yield Finding(
            "the file has been edited since it was written; a build overwrites that",
            file=changes.folder / name,
            hint="Put models of your own into a file of your own beside it.",
        )
