"""The modules of types that belong to no model: filters of scalars, number and list updates, Prisma's own words."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from berceau.generator.stubs_annotations import Annotations, enum_value
from berceau.generator.stubs_behind import NESTED, SHARED
from berceau.generator.stubs_records import translated
from berceau.generator.stubs_text import StubModule, literal

PREAMBLE = """\
import os
from collections.abc import Mapping as _Mapping, Sequence as _Sequence
from datetime import datetime as _datetime
from decimal import Decimal as _Decimal
from typing import Any as _Any, Generic as _Generic, Literal as _Literal, Required as _Required
from typing import TypeAlias as _TypeAlias, TypedDict as _TypedDict, TypeVar as _TypeVar
from pydantic import BaseModel as _BaseModel
from berceau.client.fields import Base64 as _Base64, Json as _Json
"""

STATIC = """\
MYPY: bool
AnyMapping: _TypeAlias = _Mapping[str, _Any]
_CreateT = _TypeVar("_CreateT")
_UpdateT = _TypeVar("_UpdateT")
_ValueT = _TypeVar("_ValueT")
Strings: _TypeAlias = list[str] | tuple[str, ...]

class UpsertInput(_TypedDict, _Generic[_CreateT, _UpdateT]):
    \"\"\"What to create if there is no record, and what to change if there is one.\"\"\"
    create: _CreateT
    update: _UpdateT

class FieldRef(_Generic[_ValueT]):
    \"\"\"A field, as the other side of a comparison: `{"updatedAt": {"gt": db.post.fields.createdAt}}`.\"\"\"

class PrismaModel(_BaseModel):
    \"\"\"Base of all models of the schema.\"\"\"
"""


def render_shared(dmmf: Mapping[str, Any], annotations: Annotations, types: Set[str]) -> StubModule:
    """The module of all but filters inside filters."""
    module = StubModule(SHARED, types, PREAMBLE)
    module.text(STATIC)
    module.names += ["FieldRef", "PrismaModel", "UpsertInput"]
    for enum in dmmf["datamodel"]["enums"]:
        members = literal(value["name"] for value in enum["values"])
        module.alias(enum_value(enum["name"]), f"{annotations.use(module, enum['name'])} | {members}")
    for word, values in annotations.words.items():
        if annotations.homes.get(word) == SHARED:
            module.alias(word, literal(values))
    _write_types(module, annotations)
    return module


def render_nested(annotations: Annotations, types: Set[str]) -> StubModule:
    """The module of filters inside filters."""
    module = StubModule(NESTED, types, PREAMBLE)
    _write_types(module, annotations)
    return module


def _write_types(module: StubModule, annotations: Annotations) -> None:
    graph = annotations.graph
    written: set[str] = set()
    for item in graph.reached:
        name = annotations.names[item]
        if annotations.homes[name] != module.here or name in written:
            continue
        written.add(name)
        entries = {
            key: (annotations.accepted(module, accepted), required)
            for key, (required, accepted) in graph.shapes[item].items()
        }
        module.typed_dict(name, translated(entries))
