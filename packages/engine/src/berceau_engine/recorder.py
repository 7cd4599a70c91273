"""Lets a module build JavaScript values without a call into Python for each step: steps are written down, done later.

A call from WebAssembly into Python takes some eight microseconds, and a query plan is built in hundreds of them. Two
small modules stand in between. The *switch* is what the engine imports; it passes each call on to a slot that can be
refilled. The *recorder* fills the slots while a plan is compiled: it hands out numbers in place of values, and writes
what is to be done with them into a memory of its own, from which Python builds the result in one go.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping
from typing import Any

import wasmtime

from berceau_engine.javascript import UNDEFINED
from berceau_engine.module_cache import load_binary
from berceau_engine.value_imports import U64, cast_number, list_set

# The functions that are written down, with their signatures as in `bindings.Binding`, each in the slot of its place.
RECORDED = {
    "new_object": ":r",
    "new_list": ":r",
    "cast_string": "ii:r",
    "cast_number": "d:r",
    "cast_i64": "l:r",
    "cast_u64": "l:r",
    "object_set": "rrr:",
    "map_set": "rrr:r",
    "list_set": "rir:",
    "is_string": "r:i",
}
TYPES = {"i": "i32", "l": "i64", "d": "f64", "r": "externref"}
CONSTANTS = (UNDEFINED, None, True, False)
STEP, DOUBLE, LONG = struct.Struct("<iiii"), struct.Struct("<d"), struct.Struct("<q")
NEW_OBJECT, NEW_LIST, STRING, NUMBER, _SIGNED, UNSIGNED, OBJECT_SET, LIST_SET = range(8)

RECORDER = """
(module
  (import "engine" "memory" (memory $engine 0))
  (import "engine" "table" (table $values 0 externref))
  (memory $log (export "log") 1)
  (global $at (mut i32) (i32.const 0))      ;; where the next step goes
  (global $next (mut i32) (i32.const 4))    ;; the next value's number; the first four are constants

  ;; A value is its number, doubled, and one more if it is a string.
  (func $number (param $value externref) (result i32)
    (i32.shr_u (i31.get_u (ref.cast (ref i31) (any.convert_extern (local.get $value)))) (i32.const 1)))
  (func $value (param $number i32) (param $string i32) (result externref)
    (extern.convert_any (ref.i31 (i32.or (i32.shl (local.get $number) (i32.const 1)) (local.get $string)))))
  (func $room (param $size i32)
    (local $missing i32)
    (local.set $missing (i32.sub (i32.add (global.get $at) (local.get $size))
      (i32.shl (memory.size $log) (i32.const 16))))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (i32.const -1)
          (memory.grow $log (i32.add (i32.shr_u (local.get $missing) (i32.const 16)) (i32.const 16))))
        (then unreachable)))))
  (func $step (param $kind i32) (param $a i32) (param $b i32) (param $c i32)
    (call $room (i32.const 16))
    (i32.store $log (global.get $at) (local.get $kind))
    (i32.store $log offset=4 (global.get $at) (local.get $a))
    (i32.store $log offset=8 (global.get $at) (local.get $b))
    (i32.store $log offset=12 (global.get $at) (local.get $c))
    (global.set $at (i32.add (global.get $at) (i32.const 16))))
  (func $new (param $string i32) (result externref)
    (call $value (global.get $next) (local.get $string))
    (global.set $next (i32.add (global.get $next) (i32.const 1))))
  (func $long (param $kind i32) (param $bits i64) (result externref)
    (call $step (local.get $kind) (i32.const 0) (i32.wrap_i64 (local.get $bits))
      (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 32))))
    (call $new (i32.const 0)))

  (func (export "new_object") (result externref)
    (call $step (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (call $new (i32.const 0)))
  (func (export "new_list") (result externref)
    (call $step (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)) (call $new (i32.const 0)))
  (func (export "cast_string") (param $from i32) (param $length i32) (result externref)
    (call $step (i32.const 2) (local.get $length) (i32.const 0) (i32.const 0))
    (call $room (i32.add (local.get $length) (i32.const 16)))
    (memory.copy $log $engine (global.get $at) (local.get $from) (local.get $length))
    (global.set $at (i32.and (i32.add (i32.add (global.get $at) (local.get $length)) (i32.const 15)) (i32.const -16)))
    (call $new (i32.const 1)))
  (func (export "cast_number") (param $value f64) (result externref)
    (call $long (i32.const 3) (i64.reinterpret_f64 (local.get $value))))
  (func (export "cast_i64") (param $value i64) (result externref) (call $long (i32.const 4) (local.get $value)))
  (func (export "cast_u64") (param $value i64) (result externref) (call $long (i32.const 5) (local.get $value)))
  (func $object_set (export "object_set") (param $owner externref) (param $key externref) (param $value externref)
    (call $step (i32.const 6) (call $number (local.get $owner)) (call $number (local.get $key))
      (call $number (local.get $value))))
  (func (export "map_set") (param $owner externref) (param $key externref) (param $value externref) (result externref)
    (call $object_set (local.get $owner) (local.get $key) (local.get $value)) (local.get $owner))
  (func (export "list_set") (param $owner externref) (param $index i32) (param $value externref)
    (call $step (i32.const 7) (call $number (local.get $owner)) (local.get $index) (call $number (local.get $value))))
  (func (export "is_string") (param $value externref) (result i32)
    (i32.and (i31.get_u (ref.cast (ref i31) (any.convert_extern (local.get $value)))) (i32.const 1)))

  ;; Put the constants into the engine's table, where it has undefined (twice), null, true and false.
  (func (export "begin") (param $constants i32)
    (local $number i32)
    (table.set $values (i32.const 0) (call $value (i32.const 0) (i32.const 0)))
    (loop $each
      (table.set $values (i32.add (local.get $constants) (local.get $number))
        (call $value (local.get $number) (i32.const 0)))
      (local.set $number (i32.add (local.get $number) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $number) (i32.const 4)))))
  ;; The number of the value at an index of the engine's table, and how much is written down; then begin anew.
  (func (export "end") (param $index i32) (result i32 i32)
    (call $number (table.get $values (local.get $index)))
    (global.get $at)
    (global.set $at (i32.const 0)))
)
"""


def switch_text() -> str:
    """The switch: a function for each slot, which calls what the slot holds."""
    functions = []
    for slot, (name, signature) in enumerate(RECORDED.items()):
        parameters, _, results = signature.partition(":")
        kind = "".join(f" (param {TYPES[letter]})" for letter in parameters)
        kind += "".join(f" (result {TYPES[letter]})" for letter in results)
        passed = " ".join(f"(local.get {index})" for index in range(len(parameters)))
        functions.append(f'(func (export "{name}"){kind} {passed} (call_indirect{kind} (i32.const {slot})))')
    return f'(module (table (export "slots") {len(RECORDED)} funcref) {" ".join(functions)})'


@functools.cache
def modules(engine: wasmtime.Engine) -> tuple[wasmtime.Module, wasmtime.Module]:
    """The switch and the recorder, compiled."""
    switch, recorder = (bytes(wasmtime.wat2wasm(text)) for text in (switch_text(), RECORDER))
    return load_binary(engine, "switch", switch), load_binary(engine, "recorder", recorder)


class Recorder:
    """Switch and recorder of one instance. Until `begin`, what is recorded goes to the functions given."""

    def __init__(self, engine: wasmtime.Engine, store: wasmtime.Store, functions: Mapping[str, wasmtime.Func]) -> None:
        switch, self._module = modules(engine)
        self.functions: dict[str, Any] = dict(wasmtime.Instance(store, switch, []).exports(store))
        self._slots: wasmtime.Table = self.functions.pop("slots")
        for slot, name in enumerate(RECORDED):
            if name in functions:
                self._slots.set(store, slot, functions[name])
        self._values: dict[int, Any] = dict(enumerate(CONSTANTS))
        self._next = len(CONSTANTS)

    def begin(self, store: wasmtime.Store, exports: Mapping[str, Any], constants: int) -> None:
        """Record from now on. `constants` is where the engine's table of values has undefined, null, true, false."""
        imports = [exports["memory"], exports["__wbindgen_externrefs"]]
        self._exports: dict[str, Any] = dict(wasmtime.Instance(store, self._module, imports).exports(store))
        for slot, name in enumerate(RECORDED):
            self._slots.set(store, slot, self._exports[name])
        self._exports["begin"](store, constants)

    @property
    def kept(self) -> int:
        """How many texts are kept because the engine may come back to them: it remembers some, and never says which."""
        return len(self._values)

    def end(self, store: wasmtime.Store, index: int) -> Any:
        """The value at an index of the engine's table, built from what was recorded since the last `end`."""
        number, end = self._exports["end"](store, index)
        log = memoryview(self._exports["log"].get_buffer_ptr(store, end)).cast("B") if end else memoryview(b"")
        made = self._build(log)
        value = self._values[number]
        for other in made:
            del self._values[other]
        return value

    def _build(self, log: memoryview) -> list[int]:
        """Take the steps; returns the numbers of the values made, but those of texts."""
        values, number, made = self._values, self._next, []
        unpack, at, end = STEP.unpack_from, 0, len(log)
        while at < end:
            kind, a, b, c = unpack(log, at)
            at += STEP.size
            if kind == OBJECT_SET:
                values[a][values[b]] = values[c]
                continue
            if kind == LIST_SET:
                list_set(values[a], b, values[c])
                continue
            if kind == STRING:
                values[number] = str(log[at : at + a], "utf-8")
                at = (at + a + STEP.size - 1) & -STEP.size
            else:
                values[number] = new_value(kind, log[at - 8 : at])
                made.append(number)
            number += 1
        self._next = number
        return made


def new_value(kind: int, bits: memoryview) -> Any:
    """The value that a step makes which is neither a text nor puts something into another value."""
    if kind == NEW_OBJECT:
        return {}
    if kind == NEW_LIST:
        return []
    if kind == NUMBER:
        return cast_number(DOUBLE.unpack(bits)[0])
    return LONG.unpack(bits)[0] & U64 if kind == UNSIGNED else LONG.unpack(bits)[0]
