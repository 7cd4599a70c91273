"""What Prisma Client Python offers is here, with the same meaning, or its guide says what is not and why."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from stub_files import read

from berceau.generator import generate
from berceau_engine.schema import SchemaTools

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs/from-prisma-client-python.md"
ROW = re.compile(r"^\| (?P<names>`.+?) \| (?P<here>.+?) \| (?P<why>.+?) \|$", re.MULTILINE)
MODELS = ("User", "Profile", "Post", "Tag", "Shelf")
MISSING = object()
COMPARED = ("None", "True", "False")


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the client that Prisma Client Python generates for the schema offers."""
    folder = tmp_path_factory.mktemp("theirs")
    command = [sys.executable, "-W", "ignore", str(HERE / "reference.py"), str(HERE / "schema.prisma"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    surface: dict[str, Any] = json.loads(done.stdout)
    return surface


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The client that we generate for it."""
    folder = tmp_path_factory.mktemp("ours")
    files = [("schema.prisma", (HERE / "schema.prisma").read_text())]
    generate(files, SchemaTools().dmmf(files), folder / "interface_client", "hash")
    sys.path.insert(0, str(folder))
    try:
        yield import_module("interface_client")
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def differences(theirs: dict[str, Any], ours: ModuleType) -> set[str]:
    """All that is there and not here, or not the same, by the names that the guide uses."""
    found: set[str] = set()
    folder = Path(str(ours.__file__)).parent
    found |= {f"prisma.{name}" for name in theirs["modules"] if not (folder / f"{name}.py").is_file()}
    for name in (*theirs["package"], *theirs["client"]):
        if not hasattr(ours, name) and not (folder / f"{name}.py").is_file():
            found.add(f"prisma.{name}")
    for name, methods in (theirs["classes"] | theirs["record_methods"]).items():
        found |= set(class_differences(name, methods, ours))
    found |= set(function_differences(theirs["functions"], ours))
    found |= set(model_differences(theirs["models"], ours))
    found |= set(error_differences(theirs["errors"], ours))
    found |= set(type_differences(theirs, folder))
    return {with_placeholder(name) for name in found}


def our_class(ours: ModuleType, name: str) -> Any:
    """Our class for one of theirs."""
    if name in ("Prisma", "Batch", "Json", "Base64"):
        return getattr(ours, name)
    if name == "AsyncTransactionManager":
        return import_module(f"{ours.__name__}.client").TransactionManager
    module = "actions" if name.endswith("Actions") else "bases" if name.startswith("Base") else "models"
    return getattr(import_module(f"{ours.__name__}.{module}"), name)


def class_differences(name: str, methods: dict[str, Any], ours: ModuleType) -> Iterator[str]:
    """How the methods of a class differ; models are attributes of instances alone."""
    made = our_class(ours, name)
    instances = {"Prisma": ours.Prisma(), "Batch": ours.Prisma().batch_(), "Json": ours.Json(None)}
    holder = instances.get(name, made)
    for method, declared in methods.items():
        shown = name if method == "__init__" else f"{name}.{method}"
        found = made if method == "__init__" else getattr(holder, method, MISSING)
        if found is MISSING:
            yield shown
        elif declared is not None:
            yield from parameter_differences(shown, declared, found)


def parameter_differences(shown: str, declared: list[dict[str, Any]], function: Any) -> Iterator[str]:
    """How the parameters of a function differ: name, kind, place, whether there is a default, simple defaults."""
    own = {item.name: item for item in inspect.signature(function).parameters.values() if item.name not in ("self",)}
    places = [item.name for item in own.values() if item.kind is item.POSITIONAL_OR_KEYWORD]
    for place, parameter in enumerate(declared):
        item = own.get(parameter["name"])
        positional = parameter["kind"] == "POSITIONAL_OR_KEYWORD"
        same = item is not None and item.kind.name == parameter["kind"]
        if same and positional:
            same = places.index(parameter["name"]) == place
        if same and item is not None and parameter["kind"] in ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY"):
            same = same_default(parameter["default"], item.default)
        if not same:
            yield f"{shown}({parameter['name']})"


def same_default(declared: str | None, own: Any) -> bool:
    """Whether a default is the same; one where they have none is an addition."""
    if declared is None:
        return True
    if declared.startswith("datetime.timedelta"):
        return own is None or seconds(own) == float(declared.partition("=")[2].rstrip(")"))
    return own is not inspect.Parameter.empty and (declared not in COMPARED or repr(own) == declared)


def seconds(duration: Any) -> float:
    """Seconds of a duration, milliseconds where it is a number."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration / 1000


def function_differences(functions: dict[str, Any], ours: ModuleType) -> Iterator[str]:
    """How the functions of the package differ."""
    for name, declared in functions.items():
        yield from parameter_differences(f"prisma.{name}", declared, getattr(ours, name))


def model_differences(models: dict[str, Any], ours: ModuleType) -> Iterator[str]:
    """How the fields of the models differ."""
    for name, fields in models.items():
        own: dict[str, Any] = our_class(ours, name).model_fields
        for field, required in fields.items():
            if field not in own or own[field].is_required() is not required:
                yield f"models.{name}.{field}"


def error_differences(errors: dict[str, list[str]], ours: ModuleType) -> Iterator[str]:
    """Which errors are not there, or not of the same family."""
    own = vars(ours.errors)
    for name, bases in errors.items():
        if name not in own or not {base.__name__ for base in own[name].__mro__} >= set(bases):
            yield f"errors.{name}"


def type_differences(theirs: dict[str, Any], folder: Path) -> Iterator[str]:
    """Which types are not there, and which keys."""
    stub = read(folder / "types.pyi")
    names = stub.names()
    for name in theirs["types"]:
        if name not in names:
            yield f"types.{name}"
        elif name in theirs["typed_dicts"] and stub.find(name) is not None:
            own = set(stub.members(name).attributes)
            yield from (f"types.{name}({key})" for key in theirs["typed_dicts"][name] if own and key not in own)


def with_placeholder(name: str) -> str:
    """A name with the models' names taken out of it."""
    return re.sub(rf"({'|'.join(MODELS)})(?![a-z])", "<Model>", name)


def documented() -> dict[str, tuple[str, str]]:
    """The names that the guide's tables list, `*` and `[…]` as in file names → what is here instead, and why."""
    rows = {}
    for row in ROW.finditer(GUIDE.read_text()):
        for name in re.findall(r"`([^`]+)`", row["names"]):
            rows[name] = (row["here"].strip(), row["why"].strip())
    return rows


def test_everything_is_here_or_the_guide_says_why_not(differences: set[str]) -> None:
    rows = documented()
    missing = sorted(name for name in differences if not any(fnmatchcase(name, pattern) for pattern in rows))
    assert missing == []


def test_the_guide_lists_nothing_that_is_here(differences: set[str]) -> None:
    rows = documented()
    assert [pattern for pattern in rows if not any(fnmatchcase(name, pattern) for name in differences)] == []


def test_the_names_that_the_guide_offers_instead_are_here(ours: ModuleType) -> None:
    stub = read(Path(str(ours.__file__)).parent / "types.pyi").names()
    for here, _ in documented().values():
        for name in re.findall(r"`types\.([^`]+)`", here):
            assert name.replace("<Model>", "User") in stub, name
        for name in re.findall(r"`errors\.(\w+)`", here):
            assert hasattr(ours.errors, name), name
