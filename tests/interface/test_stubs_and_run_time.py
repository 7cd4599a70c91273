"""What the type checker is told of a generated client is what there is, and all that there is."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel
from stub_files import Parameter, StubClass, StubModule, read

MODULES = ["", "actions", "bases", "client", "enums", "errors", "fields", "models", "partials", "types"]

KINDS = {
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "args",
    inspect.Parameter.VAR_KEYWORD: "kwargs",
}


def stub_of(package: ModuleType, module: str) -> StubModule:
    """The stub of a module of the package."""
    return read(Path(str(package.__file__)).parent / f"{module or '__init__'}.pyi")


def run_time(package: ModuleType, module: str) -> ModuleType:
    """A module of the package."""
    return import_module(f"{package.__name__}.{module}") if module else package


def parameters_of(function: Any) -> list[Parameter]:
    """The parameters of a function as the stub would declare them."""
    return [
        Parameter(
            item.name, KINDS[item.kind], item.default is item.empty and KINDS[item.kind] in ("positional", "keyword")
        )
        for item in inspect.signature(function).parameters.values()
        if item.name not in ("self", "cls")
    ]


def differences(stub: StubClass, made: type) -> list[str]:
    """How the methods of a class differ from what its stub says."""
    found = []
    for name, overloads in stub.methods.items():
        function = inspect.getattr_static(made, name, None)
        if isinstance(function, property) or (function is not None and name.startswith("__")):
            continue
        if function is None:
            found.append(f"{made.__name__}.{name} is not there")
            continue
        own = parameters_of(getattr(made, name))
        declared = {parameter.name for overload in overloads for parameter in overload}
        found += [
            f"{made.__name__}.{name} takes {parameter.name}, which the stub does not tell"
            for parameter in own
            if parameter.name not in declared
        ]
        for overload in overloads:
            found += [
                f"{made.__name__}.{name}: the stub has {parameter}"
                for parameter in overload
                if not fits(parameter, own, several=len(overloads) > 1)
            ]
    return found


def fits(declared: Parameter, own: list[Parameter], *, several: bool) -> bool:
    """Whether a parameter is there; an overload may require it, or take it by name only."""
    match = next((parameter for parameter in own if parameter.name == declared.name), None)
    if match is None:
        return False
    return several or match == declared


def public_methods(made: type, root: type) -> set[str]:
    """The public methods and properties of a class, without those of its root."""
    return {
        name
        for name in dir(made)
        if not name.startswith("_") and not hasattr(root, name) and name not in getattr(made, "__annotations__", {})
    }


@pytest.mark.parametrize("module", MODULES)
def test_each_name_of_a_stub_is_in_its_module(kitchen_sink: ModuleType, module: str) -> None:
    names = stub_of(kitchen_sink, module).names()
    there = run_time(kitchen_sink, module)
    assert [name for name in sorted(names) if not hasattr(there, name)] == []


@pytest.mark.parametrize("module", ["", "actions", "bases", "client", "enums", "models"])
def test_each_public_name_of_a_module_is_in_its_stub(kitchen_sink: ModuleType, module: str) -> None:
    stub = stub_of(kitchen_sink, module)
    there = run_time(kitchen_sink, module)
    names = {name for name in dir(there) if not name.startswith("_")}
    submodules = {name for name in names if inspect.ismodule(getattr(there, name))} - stub.names()
    missing = sorted(names - submodules - stub.names() - {"Any"})
    assert missing == []


@pytest.mark.parametrize("name", ["Prisma", "TransactionManager", "Batch"])
def test_the_client_has_the_methods_and_parameters_of_its_stub(kitchen_sink: ModuleType, name: str) -> None:
    stub = stub_of(kitchen_sink, "client").members(name)
    made = getattr(run_time(kitchen_sink, "client"), name)
    assert differences(stub, made) == []
    assert public_methods(made, object) <= stub.methods.keys()


def test_the_client_is_made_with_the_parameters_of_its_stub(kitchen_sink: ModuleType) -> None:
    [declared] = stub_of(kitchen_sink, "client").members("Prisma").methods["__init__"]
    assert parameters_of(kitchen_sink.Prisma) == declared


def test_the_client_has_the_models_of_its_stub(kitchen_sink: ModuleType) -> None:
    db = kitchen_sink.Prisma()
    declared = set(stub_of(kitchen_sink, "client").members("Prisma").attributes)
    assert declared == set(dir(db)) - set(dir(type(db))) - {name for name in vars(db) if name.startswith("_")}
    batch = set(stub_of(kitchen_sink, "client").members("Batch").attributes)
    assert all(type(getattr(db.batch_(), name)).__name__.endswith("BatchActions") for name in batch)
    assert declared - batch == {"customertotal"}, "what a view holds cannot be changed"
    with pytest.raises(AttributeError, match="'customertotal'"):
        db.batch_().customertotal  # noqa: B018
    assert not hasattr(db.customertotal, "create")


def test_operations_have_the_methods_and_parameters_of_their_stubs(kitchen_sink: ModuleType) -> None:
    stub, there = stub_of(kitchen_sink, "actions"), run_time(kitchen_sink, "actions")
    for name in stub.names():
        made = getattr(there, name)
        members = stub.members(name)
        assert differences(members, made) == []
        assert public_methods(made, object) <= members.methods.keys(), name


def test_models_have_the_fields_of_their_stubs(kitchen_sink: ModuleType) -> None:
    stub, there = stub_of(kitchen_sink, "models"), run_time(kitchen_sink, "models")
    for name in stub.names():
        made: type[BaseModel] = getattr(there, name)
        members = stub.members(name)
        assert set(members.attributes) == made.model_fields.keys(), name
        assert differences(members, made) == []


def test_bases_have_the_methods_of_their_stubs(kitchen_sink: ModuleType) -> None:
    stub, there = stub_of(kitchen_sink, "bases"), run_time(kitchen_sink, "bases")
    for name in stub.names():
        made = getattr(there, name)
        members = stub.members(name)
        assert differences(members, made) == []
        assert public_methods(made, BaseModel) == members.methods.keys()


def test_enums_have_the_members_of_their_stubs(kitchen_sink: ModuleType) -> None:
    stub, there = stub_of(kitchen_sink, "enums"), run_time(kitchen_sink, "enums")
    for name in stub.names():
        assert stub.members(name).attributes == list(getattr(there, name).__members__), name


@pytest.mark.parametrize("name", ["register", "get_client"])
def test_functions_have_the_parameters_of_their_stubs(kitchen_sink: ModuleType, name: str) -> None:
    [declared] = stub_of(kitchen_sink, "client").functions[name]
    assert parameters_of(getattr(kitchen_sink, name)) == declared
