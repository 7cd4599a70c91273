"""Turns a WebAssembly file into a compiled module, keeping the machine code in a folder that only its user can write.

A compiled module is native code that will run in this process. It is therefore read only from a folder, and from a
file, that nobody but this user (or root) can change; anywhere else it is compiled afresh, which takes seconds.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import stat
import sys
import tempfile
from pathlib import Path

import wasmtime

from berceau_engine.errors import EngineFilesMissingError

logger = logging.getLogger("berceau_engine")


class UnsafeFolderError(Exception):
    """Somebody else could change what is in the folder; says who and how."""


def cache_folder() -> Path:
    """Where compiled modules are kept: BERCEAU_CACHE_DIR, or the platform's folder for a user's caches."""
    if override := os.environ.get("BERCEAU_CACHE_DIR"):
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "berceau" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "berceau"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "berceau"


def load_module(engine: wasmtime.Engine, source: Path) -> wasmtime.Module:
    """The compiled module of a `.wasm` file: from the cache when that can be trusted, else compiled (1 to 4 s).

    Raises EngineFilesMissingError when `source` is not there. Trouble with the cache is logged, never raised.
    """
    try:
        binary = source.read_bytes()
    except FileNotFoundError as error:
        raise EngineFilesMissingError(
            f"Prisma's engine {source.name} is not beside the package berceau_engine ({source}). "
            "Reinstall berceau-engine: its build puts the file there."
        ) from error
    return load_binary(engine, source.stem, binary)


def load_binary(engine: wasmtime.Engine, name: str, binary: bytes) -> wasmtime.Module:
    """The compiled module of WebAssembly code, from the cache if it can be; the cache's file begins with `name`."""
    digest = hashlib.sha256(binary).hexdigest()
    file = f"{name}-{digest[:32]}-wasmtime{importlib.metadata.version('wasmtime')}.cwasm"
    try:
        folder = secured(cache_folder())
    except (OSError, RuntimeError, UnsafeFolderError) as error:
        logger.warning("No cache for Prisma's engines, so they are compiled at every start: %s", error)
        return compiled(engine, name, binary)
    return cached(engine, folder / file) or kept(compiled(engine, name, binary), folder / file)


def compiled(engine: wasmtime.Engine, name: str, binary: bytes) -> wasmtime.Module:
    """Compile, telling the log since it may take seconds."""
    logger.info("Compiling Prisma's engine %s for this machine; this takes a few seconds, once.", name)
    return wasmtime.Module(engine, binary)


def cached(engine: wasmtime.Engine, file: Path) -> wasmtime.Module | None:
    """The module in a cache file; None if there is no such file or it does not load or cannot be trusted."""
    try:
        refuse_foreign(file.lstat(), file)
        return wasmtime.Module.deserialize_file(engine, str(file))
    except FileNotFoundError:
        return None
    except (OSError, wasmtime.WasmtimeError, UnsafeFolderError) as error:
        logger.warning("The compiled engine %s cannot be used and is made anew: %s", file, error)
        return None


def kept(module: wasmtime.Module, file: Path) -> wasmtime.Module:
    """Store the module in the cache, whole or not at all; returns it."""
    temporary: str | None = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        with os.fdopen(descriptor, "wb") as output:
            output.write(module.serialize())
        Path(temporary).replace(file)
    except (OSError, wasmtime.WasmtimeError) as error:
        logger.warning("The compiled engine could not be kept in %s: %s", file.parent, error)
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return module


def secured(folder: Path) -> Path:
    """The folder without symbolic links, made (mode 0700) if it is missing. Raises UnsafeFolderError, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = folder.resolve()
    if os.name == "posix":
        refuse_foreign(folder.stat(), folder)
        for parent in folder.parents:
            refuse_open(parent.stat(), parent)
    return folder


def refuse_foreign(status: os.stat_result, path: Path) -> None:
    """Raise UnsafeFolderError unless only this user can write to `path`, and it is a plain file or folder."""
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise UnsafeFolderError(f"{path} is not a plain file or folder")
    if os.name != "posix":
        return
    if status.st_uid != os.geteuid():
        raise UnsafeFolderError(f"{path} belongs to another user (id {status.st_uid})")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafeFolderError(f"other users can write to {path} (mode {stat.S_IMODE(status.st_mode):o})")


def refuse_open(status: os.stat_result, parent: Path) -> None:
    """Raise UnsafeFolderError if another user could swap a folder inside `parent` for one of their own."""
    if status.st_uid not in (0, os.geteuid()):
        raise UnsafeFolderError(f"{parent} belongs to another user (id {status.st_uid})")
    group_is_ours = status.st_gid in (0, os.getegid())
    writers = stat.S_IWOTH if group_is_ours else stat.S_IWGRP | stat.S_IWOTH
    if status.st_mode & writers and not status.st_mode & stat.S_ISVTX:
        raise UnsafeFolderError(f"other users can replace what is in {parent} (mode {stat.S_IMODE(status.st_mode):o})")
