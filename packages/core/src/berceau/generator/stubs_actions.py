"""The operations: written once, generic over a model's types, and for each model with its types filled in."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from berceau.client.names import model_attribute
from berceau.generator.stubs_annotations import Annotations
from berceau.generator.stubs_behind import SHARED
from berceau.generator.stubs_text import StubModule

ACTIONS = "_actions._generic"

PREAMBLE = """\
from collections.abc import Mapping as _Mapping, Sequence as _Sequence
from typing import Any as _Any, Generic as _Generic, LiteralString as _LiteralString
from typing import TypeVar as _TypeVar, overload as _overload
"""

READ_TYPES = """
    Model Where Unique Include Select Omit Order Key CountSelect CountResult Average Sum Minimum Maximum Aggregate
    Group GroupOrder Having Fields
""".split()  # noqa: SIM905 - a list of words is easier to read than a list of strings
WRITE_TYPES = "Create CreateMany Update UpdateMany ReturningInclude ReturningSelect".split()  # noqa: SIM905
BATCH_TYPES = "Where Unique Include Create CreateMany Update UpdateMany".split()  # noqa: SIM905

READ_STUBS = """
    WhereInput WhereUniqueInput Include Select Omit OrderByInput ScalarFieldKeys CountAggregateInput
    CountAggregateOutput AvgAggregateInput SumAggregateInput MinAggregateInput MaxAggregateInput Aggregate
    GroupByOutput OrderByWithAggregationInput ScalarWhereWithAggregatesInput Fields
""".split()  # noqa: SIM905
WRITE_STUBS = """
    CreateInput CreateManyInput UpdateInput UpdateManyMutationInput ReturningInclude ReturningSelect
""".split()  # noqa: SIM905
BATCH_STUBS = """
    WhereInput WhereUniqueInput Include CreateInput CreateManyInput UpdateInput UpdateManyMutationInput
""".split()  # noqa: SIM905

LOAD = "include: _Include | None = None,"
MORE = """\
select: _Select | None = None,
        omit: _Omit | None = None,
        {strategy}"""
STRATEGY = "relation_load_strategy: RelationLoadStrategy | None = None,"

READ_ACTIONS = '''\
class ReadActions(_Generic[{parameters}]):
    """Queries of one model."""
    @property
    def fields(self) -> _Fields: ...
    async def query_raw(self, query: _LiteralString, *args: _Any) -> list[_Model]:
        """Run SQL with its parameters; each row becomes a record."""
    async def query_first(self, query: _LiteralString, *args: _Any) -> _Model | None:
        """Run SQL with its parameters; the first row as a record, None if there is no row."""
    async def find_unique(
        self,
        where: _Unique,
        {load}
        *,
        {more}
    ) -> _Model | None:
        """The record that `where` identifies, None if there is none."""
    async def find_unique_or_raise(
        self,
        where: _Unique,
        {load}
        *,
        {more}
    ) -> _Model:
        """The record that `where` identifies. Raises `RecordNotFoundError` if there is none."""
    async def find_first(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        {load}
        order: _Order | _Sequence[_Order] | None = None,
        distinct: _Key | _Sequence[_Key] | None = None,
        *,
        take: int | None = None,
        {more}
    ) -> _Model | None:
        """The first record that fits, None if none does."""
    async def find_first_or_raise(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        {load}
        order: _Order | _Sequence[_Order] | None = None,
        distinct: _Key | _Sequence[_Key] | None = None,
        *,
        take: int | None = None,
        {more}
    ) -> _Model:
        """The first record that fits. Raises `RecordNotFoundError` if none does."""
    async def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        {load}
        order: _Order | _Sequence[_Order] | None = None,
        distinct: _Key | _Sequence[_Key] | None = None,
        *,
        {more}
    ) -> list[_Model]:
        """All records that fit; a negative `take` counts from the end."""
    @_overload
    async def count(
        self,
        *,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        order: _Order | _Sequence[_Order] | None = None,
    ) -> int:
        """How many records fit; with `select`, in how many of them each field has a value."""
    @_overload
    async def count(
        self,
        select: _CountSelect,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        *,
        order: _Order | _Sequence[_Order] | None = None,
    ) -> _CountResult: ...
    async def aggregate(
        self,
        *,
        where: _Where | None = None,
        order: _Order | _Sequence[_Order] | None = None,
        cursor: _Unique | None = None,
        take: int | None = None,
        skip: int | None = None,
        count: bool | _CountSelect | None = None,
        avg: _Average | None = None,
        sum: _Sum | None = None,
        min: _Minimum | None = None,
        max: _Maximum | None = None,
    ) -> _Aggregate:
        """Counts, averages, sums, least and greatest values over all records that fit."""
    async def group_by(
        self,
        by: _Key | _Sequence[_Key],
        *,
        where: _Where | None = None,
        take: int | None = None,
        skip: int | None = None,
        avg: _Average | None = None,
        sum: _Sum | None = None,
        min: _Minimum | None = None,
        max: _Maximum | None = None,
        having: _Having | None = None,
        count: bool | _CountSelect | None = None,
        order: _GroupOrder | _Sequence[_GroupOrder] | None = None,
    ) -> list[_Group]:
        """The same numbers for each group of records that are alike in the fields of `by`."""
'''

ACTIONS_CLASS = '''\
class Actions(ReadActions[{read}], _Generic[{parameters}]):
    """Queries and changes of one model."""
    async def create(
        self,
        data: _Create,
        {load}
        *,
        {more}
    ) -> _Model:
        """Create a record, and what is nested in its data."""
    async def create_many(
        self, data: _CreateMany | _Sequence[_CreateMany], *, skip_duplicates: bool | None = None
    ) -> int:
        """Create records; returns how many. `skip_duplicates` passes over those that break a unique constraint."""
    async def create_many_and_return(
        self,
        data: _CreateMany | _Sequence[_CreateMany],
        *,
        skip_duplicates: bool | None = None,
        include: _ReturningInclude | None = None,
        select: _ReturningSelect | None = None,
        omit: _Omit | None = None,
    ) -> list[_Model]:
        """Create records and return them."""
    async def update(
        self,
        data: _Update,
        where: _Unique,
        {load}
        *,
        {more}
    ) -> _Model | None:
        """Change the record that `where` identifies and return it; None if there is none."""
    async def update_many(self, data: _UpdateMany, where: _Where | None = None, *, limit: int | None = None) -> int:
        """Change all records that fit; returns how many."""
    async def update_many_and_return(
        self,
        data: _UpdateMany,
        where: _Where | None = None,
        *,
        limit: int | None = None,
        include: _ReturningInclude | None = None,
        select: _ReturningSelect | None = None,
        omit: _Omit | None = None,
    ) -> list[_Model]:
        """Change all records that fit and return them."""
    async def upsert(
        self,
        where: _Unique,
        data: UpsertInput[_Create, _Update],
        {load}
        *,
        {more}
    ) -> _Model:
        """Change the record that `where` identifies, or create it if there is none."""
    async def delete(
        self,
        where: _Unique,
        {load}
        *,
        {more}
    ) -> _Model | None:
        """Delete the record that `where` identifies and return it; None if there is none."""
    async def delete_many(self, where: _Where | None = None, *, limit: int | None = None) -> int:
        """Delete all records that fit; returns how many."""
'''

BATCH_CLASS = '''\
class BatchActions(_Generic[{parameters}]):
    """Changes of one model that are carried out together."""
    def create(self, data: _Create, {load}) -> None: ...
    def create_many(
        self, data: _CreateMany | _Sequence[_CreateMany], *, skip_duplicates: bool | None = None
    ) -> None: ...
    def update(self, data: _Update, where: _Unique, {load}) -> None: ...
    def update_many(self, data: _UpdateMany, where: _Where | None = None, *, limit: int | None = None) -> None: ...
    def upsert(self, where: _Unique, data: UpsertInput[_Create, _Update], {load}) -> None: ...
    def delete(self, where: _Unique, {load}) -> None: ...
    def delete_many(self, where: _Where | None = None, *, limit: int | None = None) -> None: ...
'''


def render_actions(annotations: Annotations, types: Set[str]) -> StubModule:
    """The module of the generic classes."""
    module = StubModule(ACTIONS, types, preamble=PREAMBLE)
    joins = "RelationLoadStrategy" in annotations.homes
    for name in ("PrismaModel", "UpsertInput", *(["RelationLoadStrategy"] if joins else [])):
        annotations.use(module, name)
    module.text('_Model = _TypeVar("_Model", bound=PrismaModel)\n')
    module.text("".join(f'_{name} = _TypeVar("_{name}")\n' for name in (*READ_TYPES[1:], *WRITE_TYPES)))
    texts = {"load": LOAD, "more": MORE.format(strategy=STRATEGY if joins else "").rstrip()}
    module.statement("ReadActions", "\n" + READ_ACTIONS.format(parameters=_variables(READ_TYPES), **texts))
    module.statement(
        "Actions",
        "\n"
        + ACTIONS_CLASS.format(read=_variables(READ_TYPES), parameters=_variables(READ_TYPES + WRITE_TYPES), **texts),
    )
    module.statement(
        "BatchActions", "\n" + BATCH_CLASS.format(parameters=_variables(BATCH_TYPES), load=LOAD.rstrip(","))
    )
    return module


def write_actions(module: StubModule, annotations: Annotations, model: Mapping[str, Any], *, writable: bool) -> None:
    """The operations of one model, and the references to its fields.

    They are apart from its records, whose modules lead to each other, so that mypy reads them once.
    """
    name = model["name"]
    _write_fields(module, annotations, model)

    def filled(stubs: list[str]) -> str:
        names = [f"{name}{stub}" for stub in stubs]
        return ", ".join(annotations.use(module, known) if known in annotations.homes else "_Never" for known in names)

    generic = module.helper(ACTIONS, "Actions" if writable else "ReadActions")
    arguments = filled(READ_STUBS + WRITE_STUBS if writable else READ_STUBS)
    bound = module.helper(SHARED, "PrismaModel")
    module.text(f'_Model = _TypeVar("_Model", bound={bound})\n')
    module.statement(
        f"{name}Actions", f"\nclass {name}Actions({generic}[_Model, {arguments}], _Generic[_Model]): ...\n"
    )
    if writable:
        batch = module.helper(ACTIONS, "BatchActions")
        module.statement(f"{name}BatchActions", f"\nclass {name}BatchActions({batch}[{filled(BATCH_STUBS)}]): ...\n")


def _write_fields(module: StubModule, annotations: Annotations, model: Mapping[str, Any]) -> None:
    reference = module.helper(SHARED, "FieldRef")
    fields = {
        model_attribute(item["name"]): f"{reference}[{annotations.result(module, item)}]"
        for item in model["fields"]
        if item["kind"] in ("scalar", "enum")
    }
    module.statement(
        f"{model['name']}Fields",
        f"\nclass {model['name']}Fields:\n"
        f'    """The fields of {model["name"]}, for filters that compare two of them."""\n{module.class_body(fields)}',
    )


def write_upsert(module: StubModule, annotations: Annotations, name: str) -> None:
    """What `upsert` takes as data, and the name that Prisma Client Python has for the data of `create_many`."""
    upsert = annotations.use(module, "UpsertInput")
    module.alias(f"{name}UpsertInput", f"{upsert}[{name}CreateInput, {name}UpdateInput]")
    module.alias(f"{name}CreateWithoutRelationsInput", f"{name}CreateManyInput")


def _variables(names: list[str]) -> str:
    return ", ".join(f"_{name}" for name in names)
