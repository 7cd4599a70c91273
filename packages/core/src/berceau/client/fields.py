"""Wrappers for values that Python has no type of its own for: JSON documents and bytes as base64."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class FieldRef:
    """A field of a model, as the other side of a comparison: `{"score": {"gt": db.author.fields.rank}}`."""

    model: str
    field: str

    def query(self) -> dict[str, Any]:
        """As the query compiler wants it."""
        return {"$type": "FieldRef", "value": {"_ref": self.field, "_container": self.model}}


class Json:
    """A JSON document as an argument: `Json({"a": 1})`, `Json([1, 2])`, `Json(None)` for JSON's null.

    Results hold the document itself (dictionaries, lists, text, numbers, booleans, None), without this wrapper.
    """

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data

    @classmethod
    def keys(cls, **data: Any) -> Json:
        """A JSON object from keyword arguments."""
        return cls(data)

    if TYPE_CHECKING:
        # Checkers see results, which are the documents themselves, as `Json`: `profile.settings["theme"]` has to pass.
        def __getitem__(self, key: str | int | slice) -> Any: ...

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Json) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.dumps())

    def __repr__(self) -> str:
        return f"Json({self.data!r})"

    def dumps(self) -> str:
        """The document as JSON text. Raises TypeError for what JSON cannot hold."""
        return dump_json(self.data)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.any_schema()


def dump_json(data: Any) -> str:
    """JSON text of a document that may hold wrappers, datetimes, Decimals, UUIDs, enums and bytes.

    Raises TypeError for what JSON cannot hold.
    """
    return json.dumps(data, default=plain_json, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def plain_json(value: Any) -> Any:
    """A JSON value for a Python value that JSON has no form of its own for."""
    if isinstance(value, Json):
        return value.data
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID, Base64)):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


class Base64:
    """Bytes, as argument and as result: `Base64.encode(b"…")` makes one, `.decode()` gives the bytes."""

    __slots__ = ("_data",)

    def __init__(self, raw: str | bytes) -> None:
        """From base64 text. Raises ValueError if it is not."""
        self._data = base64.b64decode(raw, validate=True)

    @classmethod
    def encode(cls, value: bytes) -> Base64:
        """The wrapper of bytes as they are."""
        wrapper = cls.__new__(cls)
        wrapper._data = bytes(value)
        return wrapper

    @classmethod
    def fromb64(cls, value: str | bytes) -> Base64:
        """The wrapper of base64 text. Raises ValueError if it is not."""
        return cls(value)

    def decode(self) -> bytes:
        """The bytes as they are."""
        return self._data

    def decode_str(self, encoding: str = "utf-8") -> str:
        """The bytes as text. Raises UnicodeDecodeError where they are not."""
        return self._data.decode(encoding)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Base64) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __str__(self) -> str:
        return base64.b64encode(self._data).decode()

    def __repr__(self) -> str:
        return f"Base64({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any) -> Base64:
            if isinstance(value, Base64):
                return value
            if isinstance(value, bytes):
                return cls.encode(value)
            return cls(value)

        return core_schema.no_info_plain_validator_function(
            validate,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )
