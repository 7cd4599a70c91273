"""The cache of compiled modules: what is native code may come only from where nobody else can write."""

from __future__ import annotations

import logging
import os
import stat
import sys
from pathlib import Path

import pytest
import wasmtime

from berceau_engine import module_cache
from berceau_engine.module_cache import cache_folder, load_module

TINY = '(module (func (export "answer") (result i32) (i32.const 42)))'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that does not exist yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("BERCEAU_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small module's file."""
    file = tmp_path / "tiny.wasm"
    file.write_bytes(wasmtime.wat2wasm(TINY))
    return file


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the package logs."""
    caplog.set_level(logging.INFO, "berceau_engine")
    return caplog


def answer(module: wasmtime.Module, engine: wasmtime.Engine) -> int:
    store = wasmtime.Store(engine)
    function = wasmtime.Instance(store, module, []).exports(store)["answer"]
    assert isinstance(function, wasmtime.Func)
    return int(function(store))


def compiled_again(source: Path, log: pytest.LogCaptureFixture) -> bool:
    """Whether loading compiles; the module works in any case."""
    log.clear()
    engine = wasmtime.Engine()
    assert answer(load_module(engine, source), engine) == 42
    return any(record.message.startswith("Compiling Prisma's engine tiny") for record in log.records)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_module_is_compiled_once_and_says_so(folder: Path, source: Path, log: pytest.LogCaptureFixture) -> None:
    assert compiled_again(source, log)
    assert not compiled_again(source, log)
    assert log.records == []


def test_only_the_user_can_read_and_write_the_cache(folder: Path, source: Path, log: pytest.LogCaptureFixture) -> None:
    old = os.umask(0)
    try:
        compiled_again(source, log)
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in files(folder)] == [0o600]


def test_a_file_is_known_by_its_content_and_by_the_version_of_wasmtime(
    folder: Path, source: Path, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_again(source, log)
    source.write_bytes(wasmtime.wat2wasm(TINY.replace('"answer"', '"answer") (export "again"')))
    assert compiled_again(source, log)
    monkeypatch.setattr(module_cache.importlib.metadata, "version", lambda name: "0.0.1")
    assert compiled_again(source, log)
    assert len(files(folder)) == 3


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_not_used(
    folder: Path, source: Path, log: pytest.LogCaptureFixture, mode: int
) -> None:
    folder.mkdir()
    folder.chmod(mode)
    assert compiled_again(source, log)
    assert f"other users can write to {folder}" in log.text
    assert files(folder) == []


def test_a_folder_of_another_user_is_not_used(
    folder: Path, source: Path, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_again(source, log)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert compiled_again(source, log)
    assert "belongs to another user" in log.text


def test_a_folder_that_others_can_replace_is_not_used(
    tmp_path: Path, source: Path, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("BERCEAU_CACHE_DIR", str(shared / "mine"))
    shared.chmod(0o777)
    assert compiled_again(source, log)
    assert f"other users can replace what is in {shared}" in log.text
    shared.chmod(0o1777)  # as /tmp: nobody can rename what is not theirs
    assert compiled_again(source, log)
    assert not compiled_again(source, log)


def test_a_file_that_others_can_write_to_is_compiled_anew(
    folder: Path, source: Path, log: pytest.LogCaptureFixture
) -> None:
    compiled_again(source, log)
    files(folder)[0].chmod(0o622)
    assert compiled_again(source, log)
    assert stat.S_IMODE(files(folder)[0].stat().st_mode) == 0o600


def test_a_link_in_place_of_a_file_is_not_followed(
    folder: Path, tmp_path: Path, source: Path, log: pytest.LogCaptureFixture
) -> None:
    compiled_again(source, log)
    file = files(folder)[0]
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert compiled_again(source, log)
    assert not files(folder)[0].is_symlink()


@pytest.mark.parametrize("content", [b"", b"not native code", None])
def test_a_damaged_file_is_compiled_anew_and_replaced(
    folder: Path, source: Path, log: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    compiled_again(source, log)
    file = files(folder)[0]
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert compiled_again(source, log)
    assert "cannot be used and is made anew" in log.text
    assert not compiled_again(source, log)


def test_a_folder_that_cannot_be_made_costs_only_time(
    folder: Path, source: Path, log: pytest.LogCaptureFixture
) -> None:
    folder.write_text("a file where the folder should be")
    assert compiled_again(source, log)
    assert "No cache for Prisma's engines, so they are compiled at every start" in log.text


def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    folder: Path, source: Path, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert compiled_again(source, log)
    assert "could not be kept" in log.text
    assert files(folder) == []


def test_the_cache_is_where_the_platform_keeps_a_users_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BERCEAU_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / "xdg" / "berceau"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the specification says to ignore it
    assert cache_folder() == tmp_path / ".cache" / "berceau"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == tmp_path / "Library" / "Caches" / "berceau"
    monkeypatch.setattr(sys, "platform", "win32")
    assert cache_folder() == tmp_path / "local" / "berceau" / "Cache"
    monkeypatch.setenv("BERCEAU_CACHE_DIR", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
