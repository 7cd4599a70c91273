"""The `.pyi` files of a generated client: every type for editors and type checkers, none of which Python reads.

Each model has a module of its own under `_models`, with everything that is about it. A checker that loads modules
when it needs them then reads what a program uses and no more; the public modules only pass the names on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.generator.stubs_actions import render_actions, write_actions
from berceau.generator.stubs_aggregates import AggregateWriter, aggregate_outputs
from berceau.generator.stubs_annotations import Annotations, model_module
from berceau.generator.stubs_client import render_client, render_exports
from berceau.generator.stubs_enums import render_enums
from berceau.generator.stubs_filters import render_shared
from berceau.generator.stubs_graph import InputGraph
from berceau.generator.stubs_inputs import InputWriter
from berceau.generator.stubs_models import ModelWriter
from berceau.generator.stubs_names import client_attribute
from berceau.generator.stubs_selection import Selections, SelectionWriter
from berceau.generator.stubs_text import BUILTINS, HEADER, StubModule

MODEL_PREAMBLE = """\
import os as _os
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
    graph = InputGraph.read(dmmf)
    annotations = Annotations.of(graph, dmmf)
    datamodel = dmmf["datamodel"]
    types = BUILTINS | {item["name"] for item in (*datamodel["models"], *datamodel["enums"])} | annotations.homes.keys()
    writable = {item["model"] for item in dmmf["mappings"]["modelOperations"] if "updateMany" in item}
    models = _render_models(dmmf, annotations, types, writable)
    shared = render_shared(dmmf, annotations, types)
    modules = {
        "enums.pyi": render_enums(dmmf, types),
        "client.pyi": render_client(datamodel["models"], writable, types),
        "_models/_shared.pyi": shared,
        "_models/_actions.pyi": render_actions(annotations, types),
    } | {f"_models/{client_attribute(name)}.pyi": module for name, module in models.items()}
    files = {path: module.render() for path, module in modules.items()}
    return files | {"_models/__init__.pyi": HEADER} | render_exports(models, shared)


def _render_models(
    dmmf: Mapping[str, Any], annotations: Annotations, types: frozenset[str], writable: set[str]
) -> dict[str, StubModule]:
    selections = Selections.read(dmmf)
    aggregates = aggregate_outputs(dmmf)
    modules = {}
    for model in dmmf["datamodel"]["models"]:
        name = model["name"]
        module = modules[name] = StubModule(model_module(name), types, MODEL_PREAMBLE)
        annotations.use(module, "MYPY")
        ModelWriter(module, annotations, selections, model).write()
        SelectionWriter(module, annotations, selections, name).write()
        InputWriter(module, annotations, model).write()
        AggregateWriter(module, annotations, aggregates, name).write()
        write_actions(module, annotations, model, writable=name in writable)
    return modules
