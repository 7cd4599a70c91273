"""What engines import to make and examine JavaScript values: everything that needs nothing of the instance."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from berceau_engine import javascript
from berceau_engine.bindings import imported
from berceau_engine.javascript import UNDEFINED, JavaScriptError
from berceau_engine.promise import Promise

ADDRESS = 0xFFFFFFFF
BOOLEAN_ABSENT = 0xFFFFFF
U64 = 2**64 - 1


@dataclass(frozen=True)
class Pointer:
    """An object that lives in the module's memory, as the module hands it out."""

    address: int


class Releasable(Protocol):
    """A function of the module that has to be told when it is no longer needed."""

    def release(self) -> None: ...


# ---------------------------------------------------------------- values from the module


@imported("__wbindgen_cast", "d:r")
def cast_number(value: float) -> int | float:
    return int(value) if value.is_integer() else value


@imported("__wbindgen_cast", "l:r", glue=r"`I64 -> Externref`")
def cast_i64(value: int) -> int:
    return value


@imported("__wbindgen_cast", "l:r", glue=r"`U64 -> Externref`")
def cast_u64(value: int) -> int:
    return value & U64


@imported("_wbg_cb_unref", "r:")
def closure_release(closure: Releasable) -> None:
    closure.release()


# ---------------------------------------------------------------- values to the module


@imported("__wbindgen_boolean_get", "r:i")
def boolean_get(value: Any) -> int:
    return int(value) if isinstance(value, bool) else BOOLEAN_ABSENT


@imported("Number", "r:d")
def number(value: Any) -> float:
    return float(value)


@imported("valueOf", "r:i")
def value_of(value: Any) -> int:
    return int(value)


# ---------------------------------------------------------------- questions


@imported("__wbindgen_is_string", "r:i")
def is_string(value: Any) -> int:
    return isinstance(value, str)


@imported("__wbindgen_is_object", "r:i")
def is_object(value: Any) -> int:
    return javascript.is_object(value)


@imported("__wbindgen_is_undefined", "r:i")
def is_undefined(value: Any) -> int:
    return value is UNDEFINED


@imported("__wbindgen_is_function", "r:i")
def is_function(value: Any) -> int:
    return callable(value)


@imported("__wbindgen_is_bigint", "r:i")
def is_bigint(value: Any) -> int:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53


@imported("__wbindgen_jsval_eq", "rr:i")
def strictly_equal(one: Any, other: Any) -> int:
    return javascript.strictly_equal(one, other)


@imported("__wbindgen_jsval_loose_eq", "rr:i")
def loosely_equal(one: Any, other: Any) -> int:
    return javascript.loosely_equal(one, other)


@imported("__wbindgen_in", "rr:i")
def in_object(key: Any, owner: Any) -> int:
    return javascript.has(owner, key)


@imported("has", "rr:i")
def has(owner: Any, key: Any) -> int:
    return javascript.has(owner, key)


@imported("isArray", "r:i")
def is_array(value: Any) -> int:
    return isinstance(value, list)


@imported("isSafeInteger", "r:i")
def is_safe_integer(value: Any) -> int:
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()
    return whole and abs(value) < 2**53


@imported("instanceof_Uint8Array", "r:i")
def is_bytes(value: Any) -> int:
    return isinstance(value, javascript.BYTES)


@imported("instanceof_ArrayBuffer", "r:i")
@imported("instanceof_Map", "r:i")
def is_never(value: Any) -> int:
    return 0


@imported("instanceof_Promise", "r:i")
def is_promise(value: Any) -> int:
    return isinstance(value, Promise)


# ---------------------------------------------------------------- objects, lists, maps, bytes


@imported("new", ":r", glue=r"new (?:Object|Map)\(\)")
def new_object() -> dict[str, Any]:
    return {}


@imported("new", ":r", glue=r"new Array\(\)")
def new_list() -> list[Any]:
    return []


@imported("new", "r:r")
def new_bytes(source: Any) -> bytearray:
    return bytearray(source)


@imported("new_with_length", "i:r")
def new_bytes_of_length(length: int) -> bytearray:
    return bytearray(length & ADDRESS)


@imported("set", "rrr:")
def object_set(owner: dict[str, Any], key: str, value: Any) -> None:
    owner[key] = value


@imported("set", "rrr:r")
def map_set(owner: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    owner[key] = value
    return owner


@imported("set", "rir:")
def list_set(owner: list[Any], index: int, value: Any) -> None:
    if index >= len(owner):
        owner.extend([UNDEFINED] * (index + 1 - len(owner)))
    owner[index] = value


@imported("set", "rrr:i")
def reflect_set(owner: dict[str, Any] | JavaScriptError, key: str, value: Any) -> int:
    properties = owner.properties if isinstance(owner, JavaScriptError) else owner
    properties[key] = value
    return 1


@imported("get", "ri:r")
@imported("get", "rr:r")
@imported("get_with_ref_key", "rr:r")
def get(owner: Any, key: Any) -> Any:
    return javascript.get(owner, key)


@imported("push", "rr:i")
def push(owner: list[Any], value: Any) -> int:
    owner.append(value)
    return len(owner)


@imported("length", "r:i")
def length(value: Any) -> int:
    return len(value)


@imported("entries", "r:r")
def entries(value: dict[str, Any]) -> list[list[Any]]:
    return [[key, item] for key, item in value.items()]


@imported("subarray", "rii:r")
def subarray(value: Any, begin: int, end: int) -> memoryview:
    return memoryview(value)[begin & ADDRESS : end & ADDRESS]


@imported("iterator", ":r")
def iterator() -> javascript.Special:
    return javascript.Special.ITERATOR


@imported("next", "r:r")
def next_step(steps: javascript.Steps) -> javascript.Steps:
    return steps


@imported("done", "r:i")
def done(steps: javascript.Steps) -> int:
    return steps.done


@imported("value", "r:r")
def value(steps: javascript.Steps) -> Any:
    return steps.value


# ---------------------------------------------------------------- functions, promises, time


@imported("then", "rr:r")
@imported("then", "rrr:r")
def then(promise: Promise, *handlers: Callable[[Any], Any]) -> Promise:
    return promise.then(*handlers)


@imported("new_0", ":r")
@imported("now", ":d")
def date_now() -> float:
    return time.time() * 1000


@imported("getTime", "r:d")
def get_time(date: float) -> float:
    return date


@imported("now", "r:d")
def performance_now(performance: Any) -> float:
    return time.monotonic() * 1000


# ---------------------------------------------------------------- the world around


@imported("static_accessor_GLOBAL", ":i")
@imported("static_accessor_SELF", ":i")
@imported("static_accessor_WINDOW", ":i")
def no_other_world() -> int:
    return 0


@imported("crypto", "r:r")
def crypto(world: Any) -> Any:
    return javascript.get(world, "crypto")


@imported("msCrypto", "r:r")
@imported("node", "r:r")
@imported("process", "r:r")
@imported("versions", "r:r")
def absent_property(owner: Any) -> Any:
    return UNDEFINED


@imported("require", ":r")
def require() -> Any:
    return UNDEFINED


@imported("getRandomValues", "rr:")
@imported("randomFillSync", "rr:")
def fill_randomly(source: Any, target: bytearray | memoryview) -> None:
    target[:] = secrets.token_bytes(len(target))


@imported("schemaengine_new", "i:r")
def wrap_pointer(pointer: int) -> Pointer:
    return Pointer(pointer & ADDRESS)
