"""How each import of a wasm-bindgen module finds its Python function.

An import is called `__wbg_<name>_<hash>`, and the hash changes between builds. So it is bound by name and signature;
where these fit several functions (an object, a list and a map are all `new` without parameters), the JavaScript glue
that comes with the module says which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import wasmtime

from berceau_engine.errors import EngineError

Function = TypeVar("Function", bound=Callable[..., Any])
HASH = re.compile(r"_[0-9a-f]{16}$")
LETTERS = {"i32": "i", "i64": "l", "f64": "d", "anyref": "r", "externref": "r"}


@dataclass(frozen=True)
class Binding:
    """One function for imports of one name and signature; `method` tells whether it takes the `Host` first.

    Signature: parameters, `:`, results, each a letter: `i` i32, `l` i64, `d` f64, `r` a JavaScript value. `glue` is
    found in the import's JavaScript; its groups are passed to the function before the import's own arguments.
    """

    signature: str
    function: Callable[..., Any]
    method: bool
    glue: re.Pattern[str] | None


@dataclass(frozen=True)
class Resolved:
    """The binding of one import, and what the glue gives it."""

    kind: wasmtime.FuncType
    binding: Binding
    groups: tuple[str, ...]


BINDINGS: dict[str, list[Binding]] = {}


def imported(
    name: str, signature: str, glue: str | None = None, *, method: bool = False
) -> Callable[[Function], Function]:
    """Register a function (`method`: one of `Host`) under the name that modules import."""

    def register(function: Function) -> Function:
        pattern = re.compile(glue) if glue else None
        BINDINGS.setdefault(name, []).append(Binding(signature, function, method, pattern))
        return function

    return register


def import_name(name: str) -> str:
    """The name of an import without prefix and hash."""
    return HASH.sub("", name).removeprefix("__wbg_")


def signature_of(kind: wasmtime.FuncType) -> str:
    """The signature of a function type in `Binding`'s letters."""
    parameters, results = ("".join(LETTERS.get(str(t), "?") for t in types) for types in (kind.params, kind.results))
    return f"{parameters}:{results}"


def resolve_imports(imports: Sequence[wasmtime.ImportType], glue: str) -> tuple[Resolved, ...]:
    """The binding of each import of a module whose JavaScript is `glue`. Raises EngineError that names the import."""
    found = []
    for item in imports:
        kind, name = item.type, item.name or ""
        if not isinstance(kind, wasmtime.FuncType):
            raise EngineError(f"The engine imports {name}, which is not a function.")
        found.append(Resolved(kind, *find_binding(name, signature_of(kind), glue)))
    return tuple(found)


def find_binding(name: str, signature: str, glue: str) -> tuple[Binding, tuple[str, ...]]:
    """The binding for an import, and the groups that the glue gives it. Raises EngineError that names the import."""
    candidates = [b for b in BINDINGS.get(import_name(name), []) if b.signature == signature]
    if not candidates:
        raise EngineError(
            f"Prisma's engine imports {name} ({signature}), which this version of berceau-engine does not know."
        )
    if len(candidates) == 1 and candidates[0].glue is None:
        return candidates[0], ()
    body = glue_of(name, glue)
    matches = [(b, found) for b in candidates if b.glue and (found := b.glue.search(body))]
    if len(matches) != 1:
        raise EngineError(
            f"Prisma's engine imports {name} ({signature}), and its JavaScript glue does not say which function it is."
        )
    return matches[0][0], matches[0][1].groups()


def glue_of(name: str, glue: str) -> str:
    """The JavaScript that stands for an import; empty if there is none."""
    _, found, rest = glue.partition(f"function {name}(")
    return rest.partition("\nexport function ")[0] if found else ""
