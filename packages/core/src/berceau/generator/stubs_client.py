"""The public modules of the generated package: the client, and what `models`, `types` and the others export."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set

from berceau.client.names import client_attribute
from berceau.generator.stubs_annotations import MODELS
from berceau.generator.stubs_behind import ANY_MAPPING, FOR_MYPY, NOT_FOR_MYPY, RELATED_MYPY, SHARED, Place
from berceau.generator.stubs_text import HEADER, StubModule, imports

PACKAGE = """\
from berceau.client.fields import Base64 as Base64, Json as Json

from . import enums as enums, errors as errors, models as models, types as types
from .client import Batch as Batch, Client as Client, Prisma as Prisma, get_client as get_client, register as register
"""

ERRORS = "from berceau.client.errors import *\n"

FIELDS = "from berceau.client.fields import Base64 as Base64, Json as Json\n"

PARTIALS = """\
from typing import Any as _Any

def __getattr__(name: str) -> _Any:  # pyright: ignore[reportIncompleteStub]
    \"\"\"Partial models are made while the program runs; a class on one of the bases is known to checkers, too.\"\"\"
"""

TYPES_PREAMBLE = """\
import os

from ._shared import MYPY
"""

NOT_INPUTS = frozenset({"PrismaModel"})

CLIENT_PREAMBLE = """\
from collections.abc import Callable as _Callable, Mapping as _Mapping
from datetime import timedelta as _timedelta
from types import TracebackType as _TracebackType
from typing import Any as _Any, LiteralString as _LiteralString, TypeVar as _TypeVar, overload as _overload
from typing_extensions import Self as _Self

from pydantic import BaseModel as _BaseModel

from berceau.client.engine import CacheStatistics as _CacheStatistics
from berceau_engine.plan import QueryEvent as _QueryEvent
"""

CLIENT = '''
_BaseModelT = _TypeVar("_BaseModelT", bound=_BaseModel)

class _Operations:
    def __init__(
        self,
        url: str | None = None,
        *,
        datasource: _Mapping[str, str] | None = None,
        on_query: _Callable[[_QueryEvent], None] | None = None,
        log_queries: bool = False,
        slow_query_threshold: float | _timedelta | None = None,
        sql_comments: bool = False,
        connect_timeout: float | _timedelta | None = None,
        auto_register: bool = False,
    ) -> None: ...
    @property
    def plan_cache(self) -> _CacheStatistics:
        """How many plans are kept, and how often one was found."""
    async def connect(self, timeout: float | _timedelta | None = None) -> None:
        """Open the connections. Raises a `DatabaseConnectionError` that says why it cannot."""
    async def disconnect(self, timeout: float | _timedelta | None = None) -> None:
        """Close the connections."""
    def is_connected(self) -> bool: ...
    def is_registered(self) -> bool: ...
    def is_transaction(self) -> bool: ...
    async def __aenter__(self) -> _Self: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: _TracebackType | None
    ) -> None: ...
    def tx(
        self,
        *,
        max_wait: int | _timedelta = ...,
        timeout: int | _timedelta = ...,
        isolation_level: TransactionIsolationLevel | None = None,
    ) -> TransactionManager:
        """A transaction: `async with db.tx() as tx`. An exception undoes it; within another one it is a savepoint."""
    def batch_(self) -> Batch:
        """Several changes as one transaction: `async with db.batch_() as batch`."""
    @_overload
    async def query_raw(self, query: _LiteralString, *args: _Any) -> list[dict[str, _Any]]:
        """Run SQL with its parameters; each row becomes a dictionary, or a `model`."""
    @_overload
    async def query_raw(self, query: _LiteralString, *args: _Any, model: type[_BaseModelT]) -> list[_BaseModelT]: ...
    @_overload
    async def query_first(self, query: _LiteralString, *args: _Any) -> dict[str, _Any] | None:
        """Run SQL with its parameters; the first row as a dictionary or a `model`, None if there is no row."""
    @_overload
    async def query_first(self, query: _LiteralString, *args: _Any, model: type[_BaseModelT]) -> _BaseModelT | None: ...
    async def execute_raw(self, query: _LiteralString, *args: _Any) -> int:
        """Run SQL with its parameters; returns how many rows it changed."""

class Prisma(_Operations):
    """The client: one attribute for each model, transactions, batches and raw SQL."""
{models}

Client = Prisma

class TransactionManager:
    """A transaction, begun and ended by `async with` or by hand."""
    async def start(self) -> Prisma: ...
    async def commit(self) -> None: ...
    async def rollback(self) -> None: ...
    async def __aenter__(self) -> Prisma: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: _TracebackType | None
    ) -> None: ...

class _BatchOperations:
    def execute_raw(self, query: _LiteralString, *args: _Any) -> None: ...
    async def commit(self) -> None: ...
    async def __aenter__(self) -> _Self: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: _TracebackType | None
    ) -> None: ...

class Batch(_BatchOperations):
    """Changes that are collected and then carried out as one transaction."""
{batches}

def register(client: Prisma | _Callable[[], Prisma]) -> None:
    """Make a client the one that `Model.prisma()` uses."""
def get_client() -> Prisma:
    """The registered client. Raises `ClientNotRegisteredError` if there is none."""
'''
"""What needs Python's own types is apart from the attributes, as a model may be called `List`."""


def render_client(models: Iterable[str], writable: Set[str], types: Set[str]) -> StubModule:
    """The module of the class `Prisma`."""
    module = StubModule("client", types, preamble=CLIENT_PREAMBLE)
    module.need(SHARED, "TransactionIsolationLevel")
    attributes, batches = [], []
    for name in models:
        attribute = client_attribute(name)
        home = module.hide(MODELS, attribute)
        attributes.append(f"    {attribute}: {home}.{name}Actions[{home}.{name}]")
        if name in writable:
            batches.append(f"    {attribute}: {home}.{name}BatchActions")
    module.text(CLIENT.format(models="\n".join(attributes), batches="\n".join(batches)))
    return module


def render_exports(
    classes: Mapping[str, StubModule], inputs: Sequence[StubModule], hidden: Iterable[StubModule], mypy: Container[str]
) -> dict[str, str]:
    """The modules that only pass on names: `models`, `bases`, `actions`, `types`, and the package itself."""
    chosen: dict[str, list[str]] = {"models": [], "bases": [], "actions": []}
    # A name that two models lead to is that of a model, or of all of a model's operations, as it is at run time.
    actions = {f"{name}Actions" for name in classes}
    for name, module in classes.items():
        own = {
            "models": [name, *({f"{name}Count"} - classes.keys())],
            "bases": [f"Base{name}"],
            "actions": [f"{name}Actions", *({f"{name}BatchActions"} - actions)],
        }
        for target, names in own.items():
            chosen[target].append(_export(module.here, [item for item in names if item in module.names]))
    files = {f"{target}.pyi": HEADER + "".join(lines) for target, lines in chosen.items()}
    return files | {
        "__init__.pyi": HEADER + PACKAGE,
        "errors.pyi": HEADER + ERRORS,
        "fields.pyi": HEADER + FIELDS,
        "partials.pyi": HEADER + PARTIALS,
        "types.pyi": _types(inputs, hidden, mypy),
    }


def _types(inputs: Sequence[StubModule], hidden: Iterable[StubModule], mypy: Container[str]) -> str:
    """The module `types`; for mypy, what it cannot see in the `hidden` modules is there in the form that it sees."""
    known = {name for module in inputs for name in module.names} | NOT_INPUTS
    known_to_mypy = {name for module in inputs if module.here == SHARED for name in module.seen}
    parts = [(module.here, [name for name in module.names if name not in NOT_INPUTS]) for module in inputs]
    unseen: dict[str, Place] = {}
    for module in hidden:
        names = [name for name in module.names if name not in known and not name.startswith("_")]
        parts.append((module.here, names))
        for name in names:
            if name not in known_to_mypy:
                unseen[name] = Place(RELATED_MYPY, name) if name in mypy else Place(SHARED, ANY_MAPPING)
    for_mypy = [f"from .{module.here} import *\n" for module in inputs] + imports(".", unseen, passed_on=True)
    for_others = [line for module, names in parts if (line := _export(module, names))]
    blocks = (FOR_MYPY, *_indented(for_mypy), NOT_FOR_MYPY, *_indented(for_others))
    return "".join([HEADER, TYPES_PREAMBLE, *blocks])


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"    {line}" for line in lines)


def _export(module: str, names: list[str]) -> str:
    public = ", ".join(f"{name} as {name}" for name in names if not name.startswith("_"))
    return f"from .{module} import {public}\n" if public else ""
