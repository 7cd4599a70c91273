"""Runs Prisma's WebAssembly modules: loads each once in a process, makes instances, calls what they export.

All calls into WebAssembly in one process, on whatever thread, take turns: wasmtime's Python package keeps the error
of a failed callback in one place for all threads.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import wasmtime

from berceau_engine.bindings import Resolved, resolve_imports
from berceau_engine.errors import EngineError
from berceau_engine.host import Host
from berceau_engine.module_cache import load_module
from berceau_engine.promise import JobQueue
from berceau_engine.recorder import RECORDED, Recorder

try:
    from berceau_engine import callbacks
except (ImportError, AttributeError):  # a release of wasmtime that is others inside: its own way is slower
    callbacks = None  # type: ignore[assignment]

ENGINES = Path(__file__).parent / "_engines"
LOCK = threading.RLock()


@dataclass(frozen=True)
class LoadedModule:
    """A compiled module and what its imports are bound to."""

    name: str
    engine: wasmtime.Engine
    module: wasmtime.Module
    imports: tuple[Resolved, ...]


@functools.cache
def shared_engine() -> wasmtime.Engine:
    """The one wasmtime engine of the process."""
    config = wasmtime.Config()
    config.memory_may_move = False  # a host keeps a view of its instance's memory
    config.signals_based_traps = False  # else a crash ends the process once faulthandler has taken the signals over
    return wasmtime.Engine(config)


def load(name: str) -> LoadedModule:
    """The module of an engine file (`schema`, `migrate`, …), loaded once in a process.

    Raises EngineFilesMissingError when it is not beside the package, EngineError when it imports what we do not know.
    """
    with LOCK:
        return load_from(ENGINES, name)


@functools.cache
def load_from(folder: Path, name: str) -> LoadedModule:
    """The module in the file `<name>.wasm` of a folder, with its JavaScript glue in `<name>.js` if it needs one."""
    engine = shared_engine()
    module = load_module(engine, folder / f"{name}.wasm")
    glue = folder / f"{name}.js"
    text = glue.read_text(encoding="utf-8") if glue.is_file() else ""
    return LoadedModule(name, engine, module, resolve_imports(module.imports, text))


class Instance:
    """A running instance of a module. Any failure inside it makes it unusable; `usable` tells.

    One made with `recording` can be told to `record`: see `recorder`.
    """

    def __init__(self, loaded: LoadedModule, *, recording: bool = False) -> None:
        self.queue = JobQueue()
        self.usable = True
        self._name = loaded.name
        self._host = Host(self.queue)
        self._recorder: Recorder | None = None
        with LOCK:
            self._start(loaded, recording)

    def _start(self, loaded: LoadedModule, recording: bool) -> None:
        self._store = store = wasmtime.Store(loaded.engine)
        bind = watched if recording else bound
        functions = self._functions([(item, bind(item, self._host)) for item in loaded.imports])
        if recording:
            names = [item.binding.function.__name__ for item in loaded.imports]
            self._recorder = Recorder(loaded.engine, store, dict(zip(names, functions, strict=True)))
            functions = [self._recorder.functions.get(n, f) for n, f in zip(names, functions, strict=True)]
        instance = wasmtime.Instance(store, loaded.module, functions)
        self._exports: dict[str, Any] = dict(instance.exports(store))
        weak, malloc = weakref.proxy(store), self._exports["__wbindgen_malloc"]
        allocate = partial(malloc, weak) if callbacks is None else callbacks.Allocator(store, malloc)
        self._host.attach(weak, self._exports, allocate)
        self.call("__wbindgen_start")

    def _functions(self, imports: Sequence[tuple[Resolved, Any]]) -> list[wasmtime.Func]:
        """The imports as the module takes them."""
        if callbacks is None:
            return [wasmtime.Func(self._store, item.kind, function) for item, function in imports]
        self._callbacks = [
            callbacks.Callback(self._store, item.kind, item.binding.signature, function) for item, function in imports
        ]
        return [callback.function for callback in self._callbacks]

    def call(self, export: str, *arguments: Any) -> Any:
        """Call an exported function with plain WebAssembly values.

        Returns its result, a list if there are several. Raises EngineError when it panics or has done so before.
        """
        with self._entered():
            return self._exports[export](self._store, *arguments)

    def drain(self) -> None:
        """Run the jobs that the module has queued, until none is left. Raises as `call` does."""
        with self._entered():
            self.queue.drain()

    def record(self) -> None:
        """From now on no function of ours is called to build values; results are fetched with `recorded`."""
        if self._recorder is None:
            raise EngineError("The instance was not made for recording.")
        with self._entered():
            self._recorder.begin(self._store, self._exports, self._host.constants)
            self._host.recording = True

    def recorded(self, index: int) -> Any:
        """Take a value out of the table of JavaScript values, after `record`; earlier results are forgotten."""
        if self._recorder is None:
            raise EngineError("The instance was not made for recording.")
        with self._entered():
            value = self._recorder.end(self._store, index)
            self._exports["__externref_table_dealloc"](self._store, index)
            return value

    @property
    def kept(self) -> int:
        """How many texts recording has kept so far."""
        return self._recorder.kept if self._recorder is not None else 0

    @property
    def panic(self) -> str:
        """The module's own words about why it has crashed; empty if it has not, or not by its own doing."""
        return self._host.panic

    def close(self) -> None:
        """Free the instance and all that it refers to. Needed only for one that refers to what refers to it."""
        with LOCK:
            self.usable = False
            self.queue.clear()
            self._store.close()

    @contextmanager
    def _entered(self) -> Iterator[None]:
        with LOCK:
            if not self.usable:
                raise EngineError(f"Prisma's engine {self._name} is closed, or has failed before.")
            try:
                yield
            except Exception as error:
                self.usable = False
                raise EngineError(f"Prisma's engine {self._name} crashed: {self._host.panic or error}") from error
            except BaseException:
                self.usable = False
                raise

    def put(self, text: str) -> tuple[int, int]:
        """Copy a text into the module's memory, to be passed as address and length to a function that takes it over."""
        return self._host.put(text)

    def text(self, pointer: int, length: int) -> str:
        """The text that an exported function has returned, which is then freed."""
        text = self._host.read(pointer, length)
        self.call("__wbindgen_free", pointer, length, 1)
        return text

    def take(self, index: int) -> Any:
        """Take a value out of the table of JavaScript values."""
        return self._host.take(index)


def bound(item: Resolved, host: Host) -> Any:
    """The function of an import for one instance."""
    leading = ((host,) if item.binding.method else ()) + item.groups
    if not leading:
        return item.binding.function
    if leading == (host,):
        return item.binding.function.__get__(host)
    return partial(item.binding.function, *leading)


def watched(item: Resolved, host: Host) -> Any:
    """As `bound`, but a function that takes a value refuses to be called while values are only numbers."""
    function = bound(item, host)
    name = item.binding.function.__name__
    if name in RECORDED or name == "get_time" or "r" not in item.binding.signature.partition(":")[0]:
        return function

    def call(*arguments: Any) -> Any:
        if host.recording:
            raise EngineError(f"Prisma's engine has called {name}, which is not recorded.")
        return function(*arguments)

    return call
