"""Has Prisma Client Python generate its client, and tells what it offers: run by the tests, on its own.

Its generator gets Prisma's description of the schema from our own engine, in place of the Node program that it would
call. The answer is JSON on standard output.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from prisma._compat import model_parse
from prisma.generator import Generator
from pydantic import BaseModel
from typing_extensions import is_typeddict

from berceau_engine.schema import SchemaTools
from prisma import config

PACKAGE = "reference"


def generate(schema: Path, folder: Path) -> None:
    """Write its client for a schema file."""
    text = schema.read_text()
    generator = Generator()
    request = {
        "datamodel": text,
        "version": config.expected_engine_version,
        "generator": {
            "name": "client",
            "output": {"value": str(folder / PACKAGE), "fromEnvVar": None},
            "provider": {"value": "prisma-client-py", "fromEnvVar": None},
            "config": {"recursive_type_depth": 5, "enable_experimental_decimal": True},
            "binaryTargets": [],
            "previewFeatures": [],
        },
        "dmmf": SchemaTools().dmmf([("schema.prisma", text)]),
        "schemaPath": str(schema),
        "datasources": [
            {
                "name": "db",
                "provider": "postgresql",
                "activeProvider": "postgresql",
                "url": {"value": "postgresql://localhost/none", "fromEnvVar": None},
                "sourceFilePath": None,
            }
        ],
        "otherGenerators": [],
        "binaryPaths": {},
    }
    generator.generate(model_parse(generator.data_class, request))


def surface() -> dict[str, Any]:
    """What the generated package offers."""
    modules = {name: import_module(f"{PACKAGE}.{name}") for name in ("client", "models", "actions", "bases", "enums")}
    classes = [modules["client"].Prisma, modules["client"].Batch, modules["client"].AsyncTransactionManager]
    classes += own(modules["actions"], lambda item: inspect.isclass(item) and item.__name__.endswith("Actions"))
    classes += own(modules["client"], lambda item: inspect.isclass(item) and item.__name__.endswith("BatchActions"))
    fields = import_module(f"{PACKAGE}.fields")
    classes += [fields.Json, fields.Base64]
    records = own(modules["models"], is_record)
    bases = own(modules["bases"], is_record)
    errors = import_module(f"{PACKAGE}.errors")
    return {
        "modules": sorted(module_names()),
        "package": sorted(package_names()),
        "client": sorted(modules["client"].__all__),
        "classes": {item.__name__: methods(item) for item in classes},
        "functions": {name: parameters(getattr(modules["client"], name)) for name in ("register", "get_client")},
        "models": {item.__name__: fields_of(item) for item in records},
        "record_methods": {item.__name__: methods(item, BaseModel) for item in (*records, *bases)},
        "enums": {
            item.__name__: list(item.__members__)
            for item in own(modules["enums"], lambda item: inspect.isclass(item) and issubclass(item, Enum))
        },
        "errors": {item.__name__: bases_of(item) for item in own(errors, inspect.isclass)},
        "types": type_names(),
        "typed_dicts": typed_dicts(),
    }


def own(module: ModuleType, wanted: Any) -> list[Any]:
    """What a module defines itself and wants to be seen."""
    return [
        item
        for name, item in vars(module).items()
        if not name.startswith("_") and getattr(item, "__module__", None) == module.__name__ and wanted(item)
    ]


def is_record(item: Any) -> bool:
    """Whether it is a class of records."""
    return inspect.isclass(item) and issubclass(item, BaseModel)


def module_names() -> list[str]:
    """The public modules of the package."""
    folder = Path(str(import_module(PACKAGE).__file__)).parent
    entries = [path for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return [path.stem for path in entries if not path.name.startswith("_")]


def package_names() -> set[str]:
    """What `from prisma import …` is for: names that the package passes on."""
    found: set[str] = set()
    source = Path(str(import_module(PACKAGE).__file__))
    for node in ast.walk(ast.parse(source.read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        for alias in node.names:
            if alias.name == "*":
                found |= set(import_module(f"{PACKAGE}.{node.module}").__dict__.get("__all__") or ("Base64", "Json"))
            elif alias.asname:
                found.add(alias.asname)
    return found


def methods(made: type, root: type = object) -> dict[str, list[dict[str, Any]] | None]:
    """The public methods of a class with their parameters; None for plain attributes; `__init__` where it has one."""
    names = {name for name in dir(made) if not name.startswith("_") and not hasattr(root, name)}
    if "__init__" in vars(made):
        names.add("__init__")
    annotated = {name for name in vars(made).get("__annotations__", {}) if not name.startswith("_")}
    models = getattr(made, "model_fields", {})
    return {
        name: parameters(getattr(made, name)) if callable(getattr(made, name, None)) else None
        for name in sorted(names | annotated)
        if name not in models
    }


def parameters(function: Any) -> list[dict[str, Any]]:
    """The parameters: name, kind, and the default's text."""
    return [
        {
            "name": item.name,
            "kind": item.kind.name,
            "default": None if item.default is item.empty else repr(item.default),
        }
        for item in inspect.signature(function).parameters.values()
        if item.name not in ("self", "cls") and not item.name.startswith("_")
    ]


def fields_of(record: type[BaseModel]) -> dict[str, bool]:
    """The fields of a model: whether each is required."""
    return {name: field.is_required() for name, field in record.model_fields.items()}


def bases_of(error: type) -> list[str]:
    """The names of the classes that an error is of."""
    return [base.__name__ for base in error.__mro__[1:] if base not in (object, BaseException)]


def type_names() -> list[str]:
    """The names in `types` that it defines itself."""
    source = Path(str(import_module(f"{PACKAGE}.types").__file__))
    found: set[str] = set()
    for node in ast.parse(source.read_text()).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return sorted(name for name in found if not name.startswith("_"))


def typed_dicts() -> dict[str, list[str]]:
    """The keys of the TypedDicts in `types`."""
    types = import_module(f"{PACKAGE}.types")
    return {
        name: sorted(item.__annotations__) for name in type_names() if is_typeddict(item := getattr(types, name, None))
    }


if __name__ == "__main__":
    generate(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.path.insert(0, sys.argv[2])
    print(json.dumps(surface()))
