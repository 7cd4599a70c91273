"""The types of factories: which keywords `make.demopost(…)` takes, and what it makes.

Each model has a module of its own, and no module of the client imports them: only a test that names
`berceau_client.factories.Factory` has a checker read them, and of one that loads what it needs those models alone.
Records to be made for a relation are any mappings, so that no model's keywords lead to another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from berceau.client.names import client_attribute, model_attribute
from berceau.generator.stubs_annotations import Annotations, input_module, model_module
from berceau.generator.stubs_text import HEADER, Entries, StubModule

_PREAMBLE = """\
import builtins as _builtins
from collections.abc import Mapping as _Mapping, Sequence as _Sequence
from datetime import datetime as _datetime
from decimal import Decimal as _Decimal
from typing import Any as _Any, TypeAlias as _TypeAlias, TypedDict as _TypedDict, Unpack as _Unpack
from berceau.client.fields import Base64 as _Base64, Json as _Json
"""

_PACKAGE = """\
from collections.abc import Callable as _Callable
from typing import TypeAlias as _TypeAlias, TypeVar as _TypeVar

_Value = _TypeVar("_Value")
Given: _TypeAlias = _Value | _Callable[[int], _Value]
\"\"\"A value, or a function of the record's number in its batch.\"\"\"
"""

_FACTORY = '''
class {model}Factory:
    """Makes records of {model}: what is not given and required is filled in."""
    async def __call__(self, /, **given: _Unpack[{model}Given]) -> {record}:
        """Make a record, and those that it requires."""
    async def batch(self, count: int, /, **given: _Unpack[{model}Given]) -> list[{record}]:
        """Make so many records in one statement."""
    def build(self, /, **given: _Unpack[{model}Given]) -> {model}CreateInput:
        """The data for `create`; nothing is saved."""
'''

_INDEX = '''

class Factory:
    """The factories: one attribute for each model, as the client has it."""
'''


def render_factories(
    dmmf: Mapping[str, Any], annotations: Annotations, types: Set[str], writable: Set[str]
) -> dict[str, str]:
    """The stubs of the factories: path relative to the package → content."""
    models = [model for model in dmmf["datamodel"]["models"] if model["name"] in writable]
    modules = [_module(model, annotations, types) for model in models]
    files = {f"{module.here.replace('.', '/')}.pyi": module.render() for module in modules}
    names = [model["name"] for model in models]
    return files | {"_factories/__init__.pyi": HEADER + _PACKAGE, "factories.pyi": _index(names)}


def _module(model: Mapping[str, Any], annotations: Annotations, types: Set[str]) -> StubModule:
    name = model["name"]
    module = StubModule(_home(name), types, _PREAMBLE)
    record = module.hide(model_module(name), name)
    module.need(input_module(name), f"{name}CreateInput")
    module.typed_dict(f"{name}Given", _entries(model, module, annotations))
    module.text(_FACTORY.format(model=name, record=record))
    return module


def _entries(model: Mapping[str, Any], module: StubModule, annotations: Annotations) -> Entries:
    """The keywords: the fields that `create` takes, and relations."""
    shapes, name = annotations.graph.shapes, model["name"]
    shape = shapes.get(f"{name}UncheckedCreateInput") or shapes[f"{name}CreateInput"]
    entries: Entries = {}
    for field in model["fields"]:
        if field["kind"] == "object":
            entries[model_attribute(field["name"])] = (_relation(field, module), False)
        elif field["name"] in shape:
            given = module.helper("_factories", "Given")
            accepted = annotations.accepted(module, shape[field["name"]][1])
            entries[model_attribute(field["name"])] = (f"{given}[{accepted}]", False)
    return entries


def _relation(field: Mapping[str, Any], module: StubModule) -> str:
    """A record or the fields of one to be made; of several also how many."""
    one = f"{module.hide(model_module(field['type']), field['type'])} | _Mapping[str, _Any]"
    if field["isList"]:
        return f"int | _Sequence[{one}]"
    return one if field["isRequired"] or not field["relationFromFields"] else f"{one} | None"


def _index(names: Iterable[str]) -> str:
    names = list(names)
    imports = [f"from .{_home(name)} import {name}Factory as _{name}Factory\n" for name in names]
    attributes = [f"    {client_attribute(name)}: _{name}Factory\n" for name in names]
    return "".join([HEADER, *imports, _INDEX, *attributes])


def _home(model: str) -> str:
    return f"_factories.{client_attribute(model)}"
