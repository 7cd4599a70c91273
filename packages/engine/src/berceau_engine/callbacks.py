"""Calls between Python and a module with less ado than wasmtime's own package makes.

Reading a database's tables takes the schema engine some four hundred calls for each. For each value that passes,
wasmtime's package makes ten objects and asks the library for its type; here a value is read and written where it lies,
in a fifth of the time. It needs wasmtime's insides: where these are others, `wasm` does without this module.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import wasmtime
from wasmtime import _bindings as library
from wasmtime import _ffi as constants
from wasmtime import _func as native
from wasmtime import _value as values

FIELDS = {"i": "i32", "l": "i64", "d": "f64"}
KINDS: dict[str, Any] = {
    "i": constants.WASMTIME_I32.value,
    "l": constants.WASMTIME_I64.value,
    "d": constants.WASMTIME_F64.value,
}
EXTERNREF = constants.WASMTIME_EXTERNREF.value
NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)()

read_reference = library._wasmtime_externref_data
new_reference = library._wasmtime_externref_new
call_function = library._wasmtime_func_call
known, remember, forget = values._unintern, values._intern, values._externref_finalizer


class Callback:
    """A Python function that a module imports as `function`. It must be kept as long as the module's store.

    `signature` is that of a `Binding`.
    """

    def __init__(
        self, store: wasmtime.Store, kind: wasmtime.FuncType, signature: str, python: Callable[..., Any]
    ) -> None:
        parameters, _, result = signature.partition(":")
        self._entry = library.wasmtime_func_callback_t(entry(store._context(), parameters, result, python))
        made = library.wasmtime_func_t()
        library.wasmtime_func_new(store._context(), kind.ptr(), self._entry, None, NO_FINALIZER, ctypes.byref(made))
        self.function = wasmtime.Func._from_raw(made)


def entry(context: Any, parameters: str, result: str, python: Callable[..., Any]) -> Callable[..., int]:
    """What the library calls: it reads the parameters, calls the Python function, and writes its result."""
    readers = tuple((index, FIELDS.get(letter)) for index, letter in enumerate(parameters))
    field, kind = FIELDS.get(result), KINDS.get(result, EXTERNREF)
    byref = ctypes.byref

    def call(_environment: Any, _caller: Any, given: Any, _given: int, returned: Any, _returned: int) -> int:
        try:
            arguments = []
            for index, name in readers:
                value = given[index].of
                if name is not None:
                    arguments.append(getattr(value, name))
                    continue
                reference = value.externref
                number = read_reference(context, byref(reference)) if reference.store_id else None
                arguments.append(known(number) if number else None)
            answer = python(*arguments)
            if result:
                slot = returned[0]
                slot.kind = kind
                if field is not None:
                    setattr(slot.of, field, answer)
                elif answer is None:
                    slot.of.externref.store_id = 0
                elif not new_reference(context, remember(answer), forget, byref(slot.of.externref)):
                    raise wasmtime.WasmtimeError("there is no room for another value")
            return 0
        except BaseException as error:  # whoever has called the module gets it
            native.LAST_EXCEPTION = error  # type: ignore[assignment]
            return ctypes.cast(wasmtime.Trap("python exception")._consume(), ctypes.c_void_p).value or 0

    return call


class Allocator:
    """A module's `__wbindgen_malloc`: size and alignment to address."""

    def __init__(self, store: wasmtime.Store, function: wasmtime.Func) -> None:
        self._context, self._function = store._context(), ctypes.byref(function._func)
        self._given: Any = (library.wasmtime_val_t * 2)()
        self._returned: Any = (library.wasmtime_val_t * 1)()
        self._given[0].kind = self._given[1].kind = KINDS["i"]

    def __call__(self, size: int, alignment: int) -> int:
        self._given[0].of.i32, self._given[1].of.i32 = size, alignment
        trap = ctypes.POINTER(library.wasm_trap_t)()
        error = call_function(self._context, self._function, self._given, 2, self._returned, 1, ctypes.byref(trap))
        if error or trap:
            native.maybe_raise_last_exn()
            raise wasmtime.WasmtimeError("the module has no memory left")
        return int(self._returned[0].of.i32)
