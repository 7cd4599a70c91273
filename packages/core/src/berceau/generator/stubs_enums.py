"""The module of the schema's enums."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from berceau.client.names import enum_member
from berceau.generator.stubs_annotations import ENUMS
from berceau.generator.stubs_text import StubModule, docstring

_SHADOWS = frozenset(dir(str)) | {"value", "name"}


def render_enums(dmmf: Mapping[str, Any], types: Set[str]) -> StubModule:
    """One class for each enum; a member is its name as text."""
    module = StubModule(ENUMS, types, preamble="from enum import Enum as _Enum\n")
    for enum in dmmf["datamodel"]["enums"]:
        members = "".join(_member(value) for value in enum["values"])
        about = docstring(enum["documentation"]) if enum.get("documentation") else ""
        module.statement(enum["name"], f"\nclass {enum['name']}(str, _Enum):\n{about}{members}")
    return module


def _member(value: Mapping[str, Any]) -> str:
    name = enum_member(value["name"])
    excuse = "  # type: ignore[assignment]  # pyright: ignore" if name in _SHADOWS else ""
    about = docstring(value["documentation"]) if value.get("documentation") else ""
    return f'    {name} = "{value["name"]}"{excuse}\n{about}'
