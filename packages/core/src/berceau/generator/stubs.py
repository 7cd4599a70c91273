"""The `.pyi` files of a generated client: every type for editors and type checkers, none of which Python reads.

Each model has modules of its own: for its records, its operations, its conditions and its other inputs. A checker that
loads modules when it needs them then reads what a program uses and no more; the public modules only pass the names on.
What checkers get to see behind relations is said in `stubs_behind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.generator.dmmf_names import named_as_models
from berceau.generator.stubs_actions import render_actions, write_actions, write_upsert
from berceau.generator.stubs_aggregates import AggregateWriter, aggregate_outputs
from berceau.generator.stubs_annotations import Annotations, actions_module, input_module, model_module, where_module
from berceau.generator.stubs_behind import RELATED_MYPY
from berceau.generator.stubs_client import render_client, render_exports
from berceau.generator.stubs_enums import render_enums
from berceau.generator.stubs_factories import render_factories
from berceau.generator.stubs_filters import render_nested, render_shared
from berceau.generator.stubs_graph import InputGraph
from berceau.generator.stubs_inputs import InputWriter
from berceau.generator.stubs_models import ModelWriter
from berceau.generator.stubs_related import render_related
from berceau.generator.stubs_related_mypy import render_related_for_mypy
from berceau.generator.stubs_selection import Selections, SelectionWriter
from berceau.generator.stubs_text import BUILTINS, HEADER, StubModule
from berceau.generator.stubs_where import ConditionWriter, WhereWriter

PREAMBLE = """\
import builtins as _builtins
import os
from collections.abc import Mapping as _Mapping, Sequence as _Sequence
from datetime import datetime as _datetime
from decimal import Decimal as _Decimal
from typing import Any as _Any, Generic as _Generic, Literal as _Literal, Never as _Never, Required as _Required
from typing import Self as _Self, TypeAlias as _TypeAlias, TypedDict as _TypedDict, TypeVar as _TypeVar
from berceau.client.fields import Base64 as _Base64, Json as _Json
"""


def render_stubs(dmmf: Mapping[str, Any]) -> dict[str, str]:
    """The stub files for a schema: path relative to the package → content.

    `dmmf` is what Prisma's parser gives for the composed schema. The same DMMF gives the same text.
    """
    dmmf = named_as_models(dmmf)
    graph = InputGraph.read(dmmf)
    annotations = Annotations.of(graph, dmmf)
    datamodel = dmmf["datamodel"]
    types = BUILTINS | {item["name"] for item in (*datamodel["models"], *datamodel["enums"])} | annotations.homes.keys()
    writable = {item["model"] for item in dmmf["mappings"]["modelOperations"] if "updateMany" in item}
    inputs = _render_inputs(dmmf, annotations, types, writable)
    classes = _render_classes(dmmf, annotations, types, writable)
    shared = render_shared(dmmf, annotations, types)
    nested = render_nested(annotations, types)
    wanted = dict.fromkeys(
        seen.mypy.name for module in inputs for seen in module.seen.values() if seen.mypy.module == RELATED_MYPY
    )
    related = render_related(dmmf, annotations, types, wanted)
    for_mypy = render_related_for_mypy(dmmf, annotations, types, wanted)
    exports = render_exports(classes, [*inputs, shared], [*related, nested], for_mypy.names)
    modules = [
        render_enums(dmmf, types),
        render_client(classes, writable, types),
        render_actions(annotations, types),
        shared,
        nested,
        for_mypy,
        *related,
        *inputs,
        *classes.values(),
        *_render_operations(dmmf, annotations, types, writable),
    ]
    files = {f"{module.here.replace('.', '/')}.pyi": module.render() for module in modules}
    packages = {f"{folder}/__init__.pyi": HEADER for folder in ("_actions", "_inputs", "_models", "_related", "_where")}
    factories = render_factories(dmmf, annotations, types, writable)
    return files | packages | factories | exports


def _render_inputs(
    dmmf: Mapping[str, Any], annotations: Annotations, types: frozenset[str], writable: set[str]
) -> list[StubModule]:
    selections = Selections.read(dmmf)
    aggregates = aggregate_outputs(dmmf)
    modules = []
    for model in dmmf["datamodel"]["models"]:
        name = model["name"]
        where = StubModule(where_module(name), types, PREAMBLE)
        module = StubModule(input_module(name), types, PREAMBLE)
        SelectionWriter(module, annotations, selections, name).write()
        conditions = ConditionWriter(where, annotations, model)
        WhereWriter(module, annotations, model, conditions=conditions).write()
        InputWriter(module, annotations, model).write()
        AggregateWriter(module, annotations, aggregates, name).write()
        if name in writable:
            write_upsert(module, annotations, name)
        modules += [where, module]
    return modules


def _render_classes(
    dmmf: Mapping[str, Any], annotations: Annotations, types: frozenset[str], writable: set[str]
) -> dict[str, StubModule]:
    selections = Selections.read(dmmf)
    modules = {}
    for model in dmmf["datamodel"]["models"]:
        name = model["name"]
        module = modules[name] = StubModule(model_module(name), types, PREAMBLE)
        ModelWriter(module, annotations, selections, model, writable=name in writable).write()
    return modules


def _render_operations(
    dmmf: Mapping[str, Any], annotations: Annotations, types: frozenset[str], writable: set[str]
) -> list[StubModule]:
    modules = []
    for model in dmmf["datamodel"]["models"]:
        modules.append(StubModule(actions_module(model["name"]), types, PREAMBLE))
        write_actions(modules[-1], annotations, model, writable=model["name"] in writable)
    return modules
