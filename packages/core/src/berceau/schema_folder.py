"""The composed schema on disk: what is the host's own, what we wrote, and how the one is changed without the other."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from berceau.discovery import read_schema
from berceau.errors import BerceauError, CompositionError
from berceau.schema_header import Header, read_header

try:
    import fcntl
except ImportError:  # Windows: two builds at once may undo each other, but each file is still whole
    fcntl = None  # type: ignore[assignment]

_UNFINISHED = ".berceau-new"


@dataclass(frozen=True)
class FileOnDisk:
    """A file of the folder, named by its path within, with slashes; `header` is None for the host's own."""

    name: str
    path: Path
    text: str
    header: Header | None


@dataclass(frozen=True)
class SchemaFolder:
    """The folder as it is now."""

    path: Path
    files: tuple[FileOnDisk, ...]

    @classmethod
    def read(cls, path: Path) -> SchemaFolder:
        """Read all schema files in the folder and below. Raises DiscoveryError for one that is not readable text."""
        if path.exists() and not path.is_dir():
            raise CompositionError("the composed schema is a folder, but this is a file", file=path)
        files = []
        for file in sorted(path.rglob("*.prisma")):
            text = read_schema(file)
            files.append(FileOnDisk(file.relative_to(path).as_posix(), file, text, read_header(text)))
        return cls(path, tuple(files))

    @cached_property
    def own(self) -> tuple[FileOnDisk, ...]:
        """The host's own files."""
        return tuple(file for file in self.files if file.header is None)

    @cached_property
    def generated(self) -> dict[str, FileOnDisk]:
        """The files that we wrote, by name."""
        return {file.name: file for file in self.files if file.header is not None}

    def changes(self, wanted: Mapping[str, str]) -> Changes:
        """What must be done for the generated files to be the wanted ones (text by name).

        Raises CompositionError for a file of no component any more that was edited since: it may be somebody's work.
        """
        stale = tuple(name for name in self.generated if name not in wanted)
        for name in stale:
            file = self.generated[name]
            if file.header is not None and file.header.edited:
                raise CompositionError(
                    "the file was generated and then edited, and its component is not composed any more",
                    file=file.path,
                    hint="Take its header away to keep it as the host's own, or delete the file.",
                )
        current = {name: file.text for name, file in self.generated.items()}
        return Changes(
            folder=self.path,
            texts={name: text for name, text in wanted.items() if current.get(name) != text},
            removed=stale,
            unchanged=tuple(name for name in wanted if current.get(name) == wanted[name]),
            edited=tuple(
                name
                for name, file in self.generated.items()
                if file.header is not None and file.header.edited and name in wanted and file.text != wanted[name]
            ),
            current=current,
        )


@dataclass(frozen=True)
class Changes:
    """What a build does to the folder.

    Attributes:
        folder: the folder of the composed schema.
        texts: the files to write, text by name.
        removed: names of generated files that no component stands behind any more.
        unchanged: names of files that are right as they are.
        edited: names of generated files whose edits are overwritten.
        current: the generated files as they are now, text by name.
    """

    folder: Path
    texts: Mapping[str, str]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    edited: tuple[str, ...]
    current: Mapping[str, str]

    def apply(self) -> None:
        """Write and remove. Each file is replaced in one step: whoever reads it finds the old one or the new one."""
        for name, text in self.texts.items():
            _replace(self.folder / name, text)
        for name in self.removed:
            (self.folder / name).unlink(missing_ok=True)

    def diff(self, root: Path) -> str:
        """The changes as a unified diff with paths relative to `root`."""
        parts: list[str] = []
        for name in sorted((*self.texts, *self.removed)):
            path = _relative(self.folder / name, root)
            before, after = self.current.get(name), self.texts.get(name)
            parts += difflib.unified_diff(
                (before or "").splitlines(keepends=True),
                (after or "").splitlines(keepends=True),
                "/dev/null" if before is None else f"a/{path}",
                "/dev/null" if after is None else f"b/{path}",
            )
        return "".join(part if part.endswith("\n") else f"{part}\n\\ No newline at end of file\n" for part in parts)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder and keep other builds out of it; what a killed build has left unfinished is cleared away.

    Raises BerceauError if the folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY) if fcntl else None
        try:
            if fcntl and handle is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            for unfinished in folder.glob(f".*{_UNFINISHED}"):
                unfinished.unlink(missing_ok=True)
            yield
        finally:
            if handle is not None:
                os.close(handle)
    except OSError as error:
        raise BerceauError(
            f"cannot write: {error.strerror or error}",
            file=error.filename or folder,
            hint="See that the folder can be written, or set another in [tool.berceau].",
        ) from error


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}{_UNFINISHED}")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    unfinished.replace(path)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
