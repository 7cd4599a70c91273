"""Templates into files, all of them or none: they are written beside the folder, which then takes its name."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from berceau.new.naming import NewPackageError

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".tmpl"


def write_package(folder: Path, templates: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """The files of some templates, later ones before earlier ones, in a new folder. Returns their paths, sorted."""
    if folder.exists() or folder.is_symlink():
        raise NewPackageError(f"{folder} exists already", hint="Take another name, or work in another folder.")
    if not folder.parent.is_dir():
        raise NewPackageError(f"there is no folder {folder.parent}", hint="Make it first, or take another one.")
    files = {path: content for template in templates for path, content in rendered(TEMPLATES / template, words)}
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise NewPackageError(f"{folder.parent} cannot be written to: {error.strerror}") from error
    try:
        for path, content in files.items():
            target = unfinished / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8", newline="\n")
        unfinished.chmod(0o777 & ~current_umask())
        unfinished.rename(folder)
    except OSError as error:
        raise NewPackageError(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return tuple(sorted(files))


def rendered(template: Path, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The path and the content of each file of a template."""
    for source in sorted(template.rglob(f"*{SUFFIX}")):
        path = source.relative_to(template).as_posix().removesuffix(SUFFIX)
        path = re.sub(r"(^|/)dot-", r"\1.", path)
        yield replaced(path, words), replaced(source.read_text(encoding="utf-8"), words)


def replaced(text: str, words: Mapping[str, str]) -> str:
    """The text with its placeholders replaced."""
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


def current_umask() -> int:
    """What new files and folders may not be; temporary folders are for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
