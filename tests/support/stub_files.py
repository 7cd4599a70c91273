"""The `.pyi` files of a generated client as what they declare: names, classes, methods with their parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method; `kind` is positional, keyword, args or kwargs."""

    name: str
    kind: str
    required: bool


@dataclass
class StubClass:
    """A class: its methods (several where it is overloaded), its annotated or assigned attributes, its bases."""

    name: str
    bases: list[str]
    methods: dict[str, list[list[Parameter]]] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StubModule:
    """One file."""

    path: Path
    classes: dict[str, StubClass]
    functions: dict[str, list[list[Parameter]]]
    assigned: frozenset[str]
    imported: dict[str, tuple[Path, str]]
    exported: frozenset[str]

    def names(self) -> set[str]:
        """The public names."""
        return {
            name
            for name in self.classes.keys() | self.functions.keys() | self.assigned | self.exported
            if not name.startswith("_")
        }

    def find(self, name: str) -> StubClass | None:
        """A class by its name, wherever it is defined; None for anything else."""
        if name in self.classes:
            return self.classes[name]
        if name in self.imported:
            path, original = self.imported[name]
            return read(path).find(original) if path.is_file() else None
        return None

    def members(self, name: str) -> StubClass:
        """A class with all that it inherits from classes of the package."""
        found = self.find(name)
        assert found is not None, f"{self.path.name} defines no class {name}"
        home = self._home(name)
        whole = StubClass(name, found.bases, dict(found.methods), list(found.attributes))
        for base in found.bases:
            if home.find(base) is None:
                continue
            inherited = home.members(base)
            whole.methods = inherited.methods | whole.methods
            whole.attributes += inherited.attributes
        return whole

    def _home(self, name: str) -> StubModule:
        if name in self.classes:
            return self
        path, original = self.imported[name]
        return read(path)._home(original)


@cache
def read(path: Path) -> StubModule:
    """A file, parsed once."""
    body = list(statements(ast.parse(path.read_text()).body))
    classes = {node.name: read_class(node) for node in body if isinstance(node, ast.ClassDef)}
    classes |= {made.name: made for node in body if (made := functional(node)) is not None}
    functions: dict[str, list[list[Parameter]]] = {}
    assigned: set[str] = set()
    imported: dict[str, tuple[Path, str]] = {}
    exported: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef):
            functions.setdefault(node.name, []).append(parameters(node))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            assigned.add(node.target.id)
        elif isinstance(node, ast.Assign):
            assigned |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                imported[alias.asname or alias.name] = (source(path, node), alias.name)
                if alias.asname == alias.name:
                    exported.add(alias.name)
    return StubModule(path, classes, functions, frozenset(assigned - {"MYPY"}), imported, frozenset(exported))


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, those inside of conditions too."""
    for node in body:
        if isinstance(node, ast.If):
            yield from statements(node.body)
            yield from statements(node.orelse)
        else:
            yield node


def source(path: Path, node: ast.ImportFrom) -> Path:
    """The file that a relative import is from; a path that is no file for others."""
    if not node.level:
        return Path(node.module or "")
    folder = path.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    return folder.joinpath(*(node.module or "__init__").split(".")).with_suffix(".pyi")


def read_class(node: ast.ClassDef) -> StubClass:
    """One class."""
    made = StubClass(node.name, [base_name(base) for base in node.bases])
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            made.methods.setdefault(item.name, []).append(parameters(item))
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            made.attributes.append(item.target.id)
        elif isinstance(item, ast.Assign):
            made.attributes += [target.id for target in item.targets if isinstance(target, ast.Name)]
    return made


def functional(node: ast.stmt) -> StubClass | None:
    """A TypedDict made by a call, as those with keywords for keys are; None for anything else."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="_TypedDict"), args=[_, ast.Dict(keys=keys)])
        ):
            return StubClass(name, [], attributes=[key.value for key in keys if isinstance(key, ast.Constant)])
    return None


def base_name(node: ast.expr) -> str:
    """The name of a base, without its parameters."""
    return base_name(node.value) if isinstance(node, ast.Subscript) else ast.unparse(node)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Parameter]:
    """The parameters of a function, without self and cls."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = len(positional) - len(arguments.defaults)
    found = [
        Parameter(argument.arg, "positional", index < without)
        for index, argument in enumerate(positional)
        if argument.arg not in ("self", "cls")
    ]
    found += [
        Parameter(argument.arg, "keyword", default is None)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, "args", False))
    if arguments.kwarg:
        found.append(Parameter(arguments.kwarg.arg, "kwargs", False))
    return found
