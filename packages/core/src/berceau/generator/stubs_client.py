"""The public modules of the generated package: the client, and what `models`, `types` and the others export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from berceau.generator.stubs_annotations import SHARED
from berceau.generator.stubs_names import client_attribute
from berceau.generator.stubs_text import HEADER, StubModule

PACKAGE = """\
from berceau.client.fields import Base64 as Base64, Json as Json

from . import enums as enums, errors as errors, models as models, types as types
from .client import Batch as Batch, Prisma as Prisma, get_client as get_client, register as register
"""

ERRORS = "from berceau.client.errors import *\n"

CLIENT_PREAMBLE = """\
from collections.abc import Callable as _Callable
from datetime import timedelta as _timedelta
from types import TracebackType as _TracebackType
from typing import Any as _Any, LiteralString as _LiteralString, TypeVar as _TypeVar, overload as _overload
from typing_extensions import Self as _Self

from pydantic import BaseModel as _BaseModel
"""

CLIENT = '''
_BaseModelT = _TypeVar("_BaseModelT", bound=_BaseModel)

class Prisma:
    """The client: one attribute for each model, transactions, batches and raw SQL."""
{models}
    def __init__(
        self,
        url: str | None = None,
        *,
        log_queries: bool = False,
        auto_register: bool = False,
        connect_timeout: int | _timedelta = ...,
    ) -> None: ...
    async def connect(self, timeout: int | _timedelta | None = None) -> None:
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

class TransactionManager:
    """A transaction, begun and ended by `async with` or by hand."""
    async def start(self) -> Prisma: ...
    async def commit(self) -> None: ...
    async def rollback(self) -> None: ...
    async def __aenter__(self) -> Prisma: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: _TracebackType | None
    ) -> None: ...

class Batch:
    """Changes that are collected and then carried out as one transaction."""
{batches}
    def execute_raw(self, query: _LiteralString, *args: _Any) -> None: ...
    async def commit(self) -> None: ...
    async def __aenter__(self) -> _Self: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: _TracebackType | None
    ) -> None: ...

def register(client: Prisma | _Callable[[], Prisma]) -> None:
    """Make a client the one that `Model.prisma()` uses."""
def get_client() -> Prisma:
    """The registered client. Raises `ClientNotRegisteredError` if there is none."""
'''


def render_client(models: Iterable[Mapping[str, Any]], writable: Set[str], types: Set[str]) -> StubModule:
    """The module of the class `Prisma`."""
    module = StubModule(".client", types, CLIENT_PREAMBLE)
    module.need(f"._models{SHARED}", "TransactionIsolationLevel")
    attributes, batches = [], []
    for name in (model["name"] for model in models):
        attribute = client_attribute(name)
        home = f"._models.{attribute}"
        attributes.append(f"    {attribute}: {module.need(home, f'{name}Actions')}[{module.need(home, name)}]")
        if name in writable:
            batches.append(f"    {attribute}: {module.need(home, f'{name}BatchActions')}")
    module.lines.append(CLIENT.format(models="\n".join(attributes), batches="\n".join(batches)))
    return module


def render_exports(models: Mapping[str, StubModule], shared: StubModule) -> dict[str, str]:
    """The modules that only pass on names: `models`, `bases`, `actions`, `types`, and the package itself."""
    chosen: dict[str, list[str]] = {"models": [], "bases": [], "actions": [], "types": []}
    for name, module in models.items():
        own = {"models": [name, f"{name}Count"], "bases": [f"Base{name}"]}
        own["actions"] = [f"{name}Actions", f"{name}BatchActions"]
        other = {item for names in own.values() for item in names}
        own["types"] = [item for item in module.names if item not in other and not item.startswith("_")]
        for target, names in own.items():
            chosen[target].append(_export(f"._models.{client_attribute(name)}", [item for item in names if item in module.names]))
    chosen["types"].append(_export(f"._models{SHARED}", [name for name in shared.names if name != "PrismaModel"]))
    files = {f"{target}.pyi": HEADER + "".join(lines) for target, lines in chosen.items()}
    return files | {"__init__.pyi": HEADER + PACKAGE, "errors.pyi": HEADER + ERRORS}


def _export(module: str, names: list[str]) -> str:
    return f"from {module} import ({', '.join(f'{name} as {name}' for name in names)})\n" if names else ""
