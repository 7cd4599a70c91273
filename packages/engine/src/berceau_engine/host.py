"""The JavaScript host of one instance: its memory, its table of values, and the imports that need them."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import wasmtime

from berceau_engine import javascript
from berceau_engine.bindings import imported
from berceau_engine.javascript import UNDEFINED, JavaScriptError
from berceau_engine.promise import JobQueue, Promise
from berceau_engine.value_imports import ADDRESS

ABSENT = bytes(8)


class Host:
    """The functions that one instance of a module imports. `attach` gives it the instance's memory and exports."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.panic = ""
        self.constants = 0  # where the table of values has undefined, null, true and false
        self.recording = False  # whether values are only numbers now: see `recorder`
        self._world: dict[str, Any] = {"crypto": {}, "performance": {}}

    def attach(self, store: wasmtime.Store, exports: dict[str, Any], allocate: Callable[[int, int], int]) -> None:
        """Connect with the instance. Its memory must never move. The store is not kept alive if it is a weak proxy."""
        self._store = store
        self._exports = exports
        self._size = 0
        self._memory = memoryview(b"")
        self._table: wasmtime.Table = exports["__wbindgen_externrefs"]
        self._allocate = allocate

    # ------------------------------------------------------------ memory and table

    def see(self, end: int) -> None:
        """Make the memory up to `end` visible. Raises JavaScriptError if the module does not have that much."""
        memory: wasmtime.Memory = self._exports["memory"]
        self._size = memory.data_len(self._store)
        self._memory = memoryview(memory.get_buffer_ptr(self._store)).cast("B")
        if end > self._size:
            raise JavaScriptError(f"The address {end} lies outside of the module's memory.")

    def read(self, pointer: int, length: int) -> str:
        """The text at an address."""
        start = pointer & ADDRESS
        end = start + (length & ADDRESS)
        if end > self._size:
            self.see(end)
        return str(self._memory[start:end], "utf-8")

    def read_bytes(self, pointer: int, length: int) -> bytearray:
        """A copy of the bytes at an address."""
        start = pointer & ADDRESS
        end = start + (length & ADDRESS)
        if end > self._size:
            self.see(end)
        return bytearray(self._memory[start:end])

    def write(self, pointer: int, data: bytes | bytearray | memoryview) -> None:
        """Put bytes at an address."""
        start = pointer & ADDRESS
        end = start + len(data)
        if end > self._size:
            self.see(end)
        self._memory[start:end] = data

    def put(self, text: str) -> tuple[int, int]:
        """Copy a text into memory that then belongs to the module; returns address and length in bytes."""
        data = text.encode()
        pointer = self._allocate(len(data), 1)
        self.write(pointer, data)
        return pointer, len(data)

    def put_at(self, at: int, text: str) -> None:
        """Copy a text into memory and write its address and length at `at`."""
        pointer, length = self.put(text)
        self.write(at, struct.pack("<iI", pointer, length))

    def add(self, value: Any) -> int:
        """Put a value into the table of JavaScript values; returns its index."""
        index: int = self._exports["__externref_table_alloc"](self._store)
        self._table.set(self._store, index, value)
        return index

    def take(self, index: int) -> Any:
        """Take a value out of the table of JavaScript values."""
        value = self._table.get(self._store, index)
        self._exports["__externref_table_dealloc"](self._store, index)
        return value.value if isinstance(value, wasmtime.Val) else value

    def guarded(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call, and store an error where the module looks for it."""
        try:
            return function(*arguments)
        except JavaScriptError as error:
            self._exports["__wbindgen_exn_store"](self._store, self.add(error))
            return UNDEFINED

    # ------------------------------------------------------------ start, failure

    @imported("__wbindgen_init_externref_table", ":", method=True)
    def init_table(self) -> None:
        self.constants = at = self._table.grow(self._store, 4, None)
        for index, value in ((0, UNDEFINED), (at, UNDEFINED), (at + 1, None), (at + 2, True), (at + 3, False)):
            self._table.set(self._store, index, value)

    @imported("set_message", "ii:", method=True)
    def set_message(self, pointer: int, length: int) -> None:
        self.panic = self.read(pointer, length)

    @imported("__wbindgen_throw", "ii:", method=True)
    def throw(self, pointer: int, length: int) -> None:
        raise JavaScriptError(self.read(pointer, length))

    @imported("Error", "ii:r", method=True)
    @imported("new", "ii:r", glue=r"new Error\(", method=True)
    def new_error(self, pointer: int, length: int) -> JavaScriptError:
        return JavaScriptError(self.read(pointer, length))

    @imported("set_name", "rii:", method=True)
    def set_name(self, error: JavaScriptError, pointer: int, length: int) -> None:
        error.name = self.read(pointer, length)

    # ------------------------------------------------------------ values from the module

    @imported("__wbindgen_cast", "ii:r", glue=r"`Ref\(String\) -> Externref`", method=True)
    def cast_string(self, pointer: int, length: int) -> str:
        return self.read(pointer, length)

    @imported("__wbindgen_cast", "ii:r", glue=r"`Ref\(Slice\(U8\)\) -> ", method=True)
    @imported("new_from_slice", "ii:r", method=True)
    def cast_bytes(self, pointer: int, length: int) -> bytearray:
        return self.read_bytes(pointer, length)

    @imported("__wbindgen_cast", "ii:r", glue=r"makeMutClosure\(arg0, arg1, wasm\.(\w+), (\w+)\)", method=True)
    def cast_closure(self, destroy: str, invoke: str, a: int, b: int) -> Closure:
        return Closure(self._store, self._exports[invoke], self._exports[destroy], a, b)

    # ------------------------------------------------------------ values to the module

    @imported("__wbindgen_string_get", "ir:", method=True)
    def string_get(self, at: int, value: Any) -> None:
        if isinstance(value, str):
            self.put_at(at, value)
        else:
            self.write(at, ABSENT)

    @imported("__wbindgen_number_get", "ir:", method=True)
    def number_get(self, at: int, value: Any) -> None:
        present = isinstance(value, (int, float)) and not isinstance(value, bool)
        self.write(at, struct.pack("<Ixxxxd", present, value if present else 0.0))

    @imported("__wbindgen_bigint_get_as_i64", "ir:", method=True)
    def bigint_get(self, at: int, value: Any) -> None:
        present = isinstance(value, int) and not isinstance(value, bool)
        wrapped = (value + 2**63) % 2**64 - 2**63 if present else 0
        self.write(at, struct.pack("<Ixxxxq", present, wrapped))

    @imported("__wbindgen_debug_string", "ir:", method=True)
    def debug_string(self, at: int, value: Any) -> None:
        self.put_at(at, javascript.debug_string(value))

    @imported("String", "ir:", method=True)
    def string(self, at: int, value: Any) -> None:
        self.put_at(at, javascript.to_string(value))

    # ------------------------------------------------------------ objects, lists, maps, bytes

    @imported("prototypesetcall", "iir:", method=True)
    def copy_into_memory(self, pointer: int, length: int, value: Any) -> None:
        self.write(pointer, memoryview(value)[:length])

    # ------------------------------------------------------------ functions, promises, time

    @imported("call", "rr:r", method=True)
    @imported("call", "rrr:r", method=True)
    def call(self, function: Callable[..., Any], this: Any, *arguments: Any) -> Any:
        return self.guarded(function, *arguments)

    @imported("new", "ii:r", glue=r"return (\w+)\(a, state0\.b, arg0, arg1\)[\s\S]*new Promise\(", method=True)
    def new_promise(self, invoke: str, a: int, b: int) -> Promise:
        promise = Promise(self.queue)
        self._exports[invoke](self._store, a, b, promise.resolve, promise.reject)
        return promise

    @imported("resolve", "r:r", method=True)
    def resolve(self, value: Any) -> Promise:
        if isinstance(value, Promise):
            return value
        promise = Promise(self.queue)
        promise.resolve(value)
        return promise

    @imported("queueMicrotask", "r:r", method=True)
    def queue_microtask_function(self, world: Any) -> Callable[..., None]:
        return self.queue_microtask

    @imported("queueMicrotask", "r:", method=True)
    def queue_microtask(self, job: Callable[..., object]) -> None:
        self.queue.add(partial(job, UNDEFINED))

    @imported("setTimeout", "ri:d", method=True)
    def set_timeout(self, job: Callable[..., object], milliseconds: int) -> float:
        self.queue.later(milliseconds & ADDRESS, partial(job, UNDEFINED))
        return 1.0

    # ------------------------------------------------------------ the world around

    @imported("static_accessor_GLOBAL_THIS", ":i", method=True)
    def global_this(self) -> int:
        return self.add(self._world)

    @imported("new_no_args", "ii:r", method=True)
    def return_this(self, pointer: int, length: int) -> Callable[..., Any]:
        return lambda *_: self._world

    @imported("new", "iiii:r", method=True)
    def new_pattern(self, pointer: int, length: int, flags: int, flags_length: int) -> re.Pattern[str]:
        pattern = re.sub(r"\(\?<(?![=!])", "(?P<", self.read(pointer, length))
        letters = self.read(flags, flags_length)
        return re.compile(pattern, sum(getattr(re, letter.upper()) for letter in letters if letter in "ims"))

    @imported("exec", "rii:i", method=True)
    def match(self, pattern: re.Pattern[str], pointer: int, length: int) -> int:
        found = pattern.search(self.read(pointer, length))
        return self.add([found.group(0), *found.groups(UNDEFINED)]) if found else 0


class Closure:
    """A function of the module, called like one of ours. While it runs it cannot be freed, as wasm-bindgen asks."""

    def __init__(self, store: wasmtime.Store, invoke: wasmtime.Func, destroy: wasmtime.Func, a: int, b: int) -> None:
        self._store, self._invoke, self._destroy = store, invoke, destroy
        self._a, self._b, self._count = a, b, 1

    def __call__(self, *arguments: Any) -> None:
        self._count += 1
        a, self._a = self._a, 0
        try:
            self._invoke(self._store, a, self._b, arguments[0] if arguments else UNDEFINED)
        finally:
            self._a = a
            self.release()

    def release(self) -> None:
        """Drop one use of the closure; the last one frees it."""
        self._count -= 1
        if self._count == 0:
            self._destroy(self._store, self._a, self._b)
            self._a = 0
