"""JavaScript values as Python sees them: what the engines, compiled for a JavaScript host, hand over and expect.

Strings, booleans and numbers are Python's; null is None; an object or Map is a dict, an Array a list, a Uint8Array a
bytearray (bytes and memoryview are taken too), a Promise a `Promise`; a function is anything callable.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from typing import Any, Final

BYTES = (bytes, bytearray, memoryview)
PRIMITIVES = (str, int, float, enum.Enum)


class Special(enum.Enum):
    """Values that Python has no counterpart for."""

    UNDEFINED = "undefined"
    ITERATOR = "Symbol(Symbol.iterator)"


UNDEFINED: Final = Special.UNDEFINED


class JavaScriptError(Exception):
    """An `Error` that an engine made; `name` is its JavaScript name, `properties` what else it carries."""

    def __init__(self, message: str) -> None:
        self.name = "Error"
        self.message = message
        self.properties: dict[str, Any] = {}
        super().__init__(message)


class Steps:
    """An iterator in the way of JavaScript: it is its own `next`, and a step is taken when `done` is asked.

    wasm-bindgen asks for the property `next` and calls the method `next` through two imports that look the same.
    """

    def __init__(self, values: Iterator[Any]) -> None:
        self.values = values
        self.value: Any = UNDEFINED

    def __call__(self) -> Steps:
        return self

    @property
    def done(self) -> bool:
        """Take one step; True when there was none left."""
        try:
            self.value = next(self.values)
        except StopIteration:
            self.value = UNDEFINED
            return True
        return False


def get(owner: Any, key: Any) -> Any:
    """`owner[key]`, undefined where there is no such property."""
    if isinstance(owner, dict):
        return owner.get(key, UNDEFINED)
    if isinstance(owner, (list, *BYTES)):
        if key is Special.ITERATOR:
            return lambda *_: Steps(iter(owner))
        if key == "length":
            return len(owner)
        if isinstance(key, (int, float)) and 0 <= key < len(owner):
            return owner[int(key)]
        return UNDEFINED
    return getattr(owner, key, UNDEFINED) if isinstance(key, str) else UNDEFINED


def has(owner: Any, key: Any) -> bool:
    """`key in owner`."""
    return get(owner, key) is not UNDEFINED or (isinstance(owner, dict) and key in owner)


def is_object(value: Any) -> bool:
    """`typeof value === 'object' && value !== null`."""
    if isinstance(value, (dict, list, Steps)):
        return True
    return not (value is None or isinstance(value, PRIMITIVES) or callable(value))


def loosely_equal(one: Any, other: Any) -> bool:
    """`one == other`, for the values that engines compare: null and undefined are the same."""
    if one is None or one is UNDEFINED:
        return other is None or other is UNDEFINED
    return one is other or bool(one == other)


def strictly_equal(one: Any, other: Any) -> bool:
    """`one === other`: objects are equal only to themselves, 1 equals 1.0, true does not equal 1."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    return isinstance(one, (str, int, float)) and isinstance(other, (str, int, float)) and one == other


def number(value: float) -> int | float:
    """A JavaScript number as the Python number one expects: 3.0 is 3."""
    return int(value) if value.is_integer() else value


def to_string(value: Any) -> str:
    """`String(value)`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(number(value))
    if value is None:
        return "null"
    if isinstance(value, Special):
        return value.value
    if isinstance(value, JavaScriptError):
        return f"{value.name}: {value.message}"
    return "[object Object]" if isinstance(value, dict) else str(value)


def debug_string(value: Any) -> str:
    """A text that tells a developer what the value is."""
    if isinstance(value, (str, dict, list)):
        return json.dumps(value, default=to_string)
    return to_string(value)


def without_undefined(value: Any) -> Any:
    """The value without properties that are undefined."""
    if isinstance(value, dict):
        return {key: without_undefined(item) for key, item in value.items() if item is not UNDEFINED}
    if isinstance(value, list):
        return [without_undefined(item) for item in value]
    return value
