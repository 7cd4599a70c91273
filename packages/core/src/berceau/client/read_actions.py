"""Reading the records of one model: what each operation does with its call, which is taken apart, planned and run."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Self

from berceau.client.errors import InputError, InvalidValueError, MissingRequiredValueError, RecordNotFoundError
from berceau.client.fields import FieldRef
from berceau.client.gathering import ALONE, many
from berceau.client.names import model_attribute
from berceau.client.shape import Shape, query_of
from berceau.client.wrong_use import unknown, within, wrong_type

if TYPE_CHECKING:
    from berceau.client.bases import PrismaModel
    from berceau.client.prisma import Prisma
    from berceau.client.schema import ModelInfo
    from berceau_engine.plan import ResultTypes, Session

Arguments = Mapping[str, Any]
JsonObject = dict[str, Any]

UNCACHED = frozenset({"createMany", "createManyAndReturn"})
"""Their shape changes with the number of rows, so that a cache would only fill up."""


class ReadActions:
    """The queries of one model on one client; the generated stubs have the exact types."""

    __slots__ = ("_client", "_key", "_model", "_name", "_record")

    def __init__(self, client: Prisma, name: str, record: type[PrismaModel] | None = None) -> None:
        self._client = client
        self._name = name
        self._model = client._schema.model(name)
        self._record = record
        self._key = name if record is None else (name, record)

    def __class_getitem__(cls, item: Any) -> type[Self]:
        """As the stubs have it, `PostActions[Post]`."""
        return cls

    @property
    def fields(self) -> FieldRefs:
        """The model's fields, for filters that compare two of them."""
        return FieldRefs(self._model)

    # ------------------------------------------------------------ reading

    async def find_unique(
        self,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """The record with these unique values; None if there is none."""
        arguments = {"where": where, "relation_load_strategy": relation_load_strategy}
        return await self._records("findUnique", arguments, include, select, omit)

    async def find_unique_or_raise(
        self,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """The record with these unique values. Raises `RecordNotFoundError` if there is none."""
        arguments = {"where": where, "relation_load_strategy": relation_load_strategy}
        return self._found(await self._records("findUnique", arguments, include, select, omit), where)

    async def find_first(
        self,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
        include: Arguments | None = None,
        order: Any = None,
        distinct: list[str] | None = None,
        *,
        take: int | None = None,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """The first record that matches; None if there is none."""
        arguments = {
            "where": where,
            "order": order,
            "cursor": cursor,
            "take": take,
            "skip": skip,
            "distinct": distinct,
            "relation_load_strategy": relation_load_strategy,
        }
        return await self._records("findFirst", arguments, include, select, omit)

    async def find_first_or_raise(
        self,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
        include: Arguments | None = None,
        order: Any = None,
        distinct: list[str] | None = None,
        *,
        take: int | None = None,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """The first record that matches. Raises `RecordNotFoundError` if there is none."""
        found = await self.find_first(
            skip,
            where,
            cursor,
            include,
            order,
            distinct,
            take=take,
            select=select,
            omit=omit,
            relation_load_strategy=relation_load_strategy,
        )
        return self._found(found, where)

    async def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
        include: Arguments | None = None,
        order: Any = None,
        distinct: list[str] | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """All records that match, in order; a negative `take` counts from the end."""
        arguments = {
            "where": where,
            "order": order,
            "cursor": cursor,
            "take": take,
            "skip": skip,
            "distinct": distinct,
            "relation_load_strategy": relation_load_strategy,
        }
        return await self._records("findMany", arguments, include, select, omit)

    async def count(
        self,
        select: Arguments | None = None,
        take: int | None = None,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
        *,
        order: Any = None,
    ) -> Any:
        """The number of records that match; with `select`, the number of those that have each field."""
        arguments = {"where": where, "order": order, "cursor": cursor, "take": take, "skip": skip}
        if select is not None and not isinstance(select, Mapping):
            raise within("select", wrong_type("a dictionary of fields", select))
        try:
            selection = aggregates(self._model, count=select) or aggregates(self._model, count=True)
            found = await self._plain("aggregate", arguments, selection)
        except InputError as error:
            if error.path[:1] == ("count",):
                error.path = ("select", *error.path[1:])
            raise
        return found["_count"]["_all"] if select is None else found["_count"]

    async def aggregate(
        self,
        *,
        where: Arguments | None = None,
        order: Any = None,
        cursor: Arguments | None = None,
        take: int | None = None,
        skip: int | None = None,
        count: Any = None,
        avg: Arguments | None = None,
        sum: Arguments | None = None,  # noqa: A002 - Prisma's word
        min: Arguments | None = None,  # noqa: A002
        max: Arguments | None = None,  # noqa: A002
    ) -> Any:
        """`count`, `avg`, `sum`, `min` and `max` of fields over all records that match."""
        arguments = {"where": where, "order": order, "cursor": cursor, "take": take, "skip": skip}
        chosen = aggregates(self._model, count=count, avg=avg, sum=sum, min=min, max=max)
        if not chosen:
            raise MissingRequiredValueError("aggregate needs one of count, avg, sum, min and max", code="P2012")
        return await self._plain("aggregate", arguments, chosen)

    async def group_by(
        self,
        by: Any,
        *,
        where: Arguments | None = None,
        take: int | None = None,
        skip: int | None = None,
        avg: Arguments | None = None,
        sum: Arguments | None = None,  # noqa: A002 - Prisma's word
        min: Arguments | None = None,  # noqa: A002
        max: Arguments | None = None,  # noqa: A002
        having: Arguments | None = None,
        count: Any = None,
        order: Any = None,
    ) -> Any:
        """The same numbers for each group of records that are alike in the fields of `by`."""
        fields = grouping(by)
        chosen = aggregates(self._model, count=count, avg=avg, sum=sum, min=min, max=max)
        arguments = {"by": fields, "where": where, "having": having, "take": take, "skip": skip, "order": order}
        return await self._plain("groupBy", arguments, dict.fromkeys(fields, True) | chosen)

    # ------------------------------------------------------------ raw SQL

    async def query_raw(self, query: str, *args: Any) -> Any:
        """Run SQL with its parameters; each row becomes a record."""
        return await self._client.query_raw(query, *args, model=self._record_class())

    async def query_first(self, query: str, *args: Any) -> Any:
        """Run SQL with its parameters; the first row as a record, None if there is no row."""
        return await self._client.query_first(query, *args, model=self._record_class())

    # ------------------------------------------------------------ running

    async def _records(
        self,
        action: str,
        arguments: Arguments,
        include: Arguments | None,
        select: Arguments | None,
        omit: Arguments | None,
    ) -> Any:
        """Run an operation that returns records of the model."""
        shape = Shape(self._client._schema)
        if self._record is not None:
            include, select = selected_by(self._record, self._model, include, select or omit)
        shape.arguments(self._model.actions[action], arguments)
        shape.selection(self._model, include, select, omit)
        return await self._run(action, shape, records=True)

    async def _plain(self, action: str, arguments: Arguments, fields: Arguments) -> JsonObject:
        """Run an operation that returns counts and the like."""
        shape = Shape(self._client._schema)
        shape.arguments(self._model.actions[action], arguments)
        shape.fields(fields)
        result: JsonObject = await self._run(action, shape, records=False)
        return result

    async def _run(self, action: str, shape: Shape, *, records: bool) -> Any:
        client = self._client
        engine = client._engine()
        plans = engine.plans
        key = (self._key, action, *shape.tokens)
        plan = plans.find(key)
        if plan is None:
            query = self._query(action, shape)
            try:
                plan = plans.compile(key, query, self._types(records), keep=action not in UNCACHED)
            except InputError as error:
                from berceau.client.explanations import explained

                raise explained(error, client._schema, self._model, query) from None
            if action == "findUnique" and records and self._record is None:
                plan.many = many(
                    self._name,
                    shape.tokens,
                    shape.values,
                    lambda query: plans.compile((), query, self._types(records=True), keep=False),
                )
        values = shape.values
        if plan.many is not None and engine.is_busy and client._runner is engine:
            found = await engine.gathering.find(plan.many, values["%1"])
            if found is not ALONE:
                return found

        def work(session: Session) -> Awaitable[Any]:
            session.operation = (self._name, action)
            return plan.run(session, values)

        try:
            return await client._runner.run(work)
        except InvalidValueError as error:
            from berceau.client.explanations import located

            raise located(error, client._schema, self._model, self._query(action, shape), values) from error.__cause__

    def _query(self, action: str, shape: Shape) -> JsonObject:
        """The call in the JSON protocol."""
        arguments, selection = query_of(shape.tokens)
        return {"modelName": self._name, "action": action, "query": {"arguments": arguments, "selection": selection}}

    def _record_class(self) -> type[PrismaModel]:
        return self._record or self._client._bound.models.get(self._name)

    def _found(self, record: Any, where: Arguments | None) -> Any:
        """The record. Raises `RecordNotFoundError` where it is None."""
        if record is None:
            message = f"No {self._name} record was found for {dict(where or {})!r}."
            raise RecordNotFoundError(message, code="P2025", meta={"model": self._name})
        return record

    def _types(self, records: bool) -> ResultTypes:
        """What the results of a new plan are made of: this model's records, or dictionaries."""
        from berceau.client.results import DictionaryResults, ModelResults, RecordResults

        bound = self._client._bound
        if records and self._record is not None:
            return RecordResults(bound.enums, self._record, self._model)
        if records:
            return ModelResults(bound.schema, bound.models, bound.enums, self._name)
        return DictionaryResults(bound.enums)


def selected_by(
    record: type[PrismaModel], model: ModelInfo, include: Arguments | None, other: Arguments | None
) -> tuple[Arguments | None, Arguments | None]:
    """`include` and `select` for records of a user's class: the fields that it has, and what is included beside."""
    if other:
        raise InputError(
            f"{record.__name__} tells which fields are loaded: no `select` or `omit` beside it", code="P2009"
        )
    if include is not None and not isinstance(include, Mapping):
        raise within("include", wrong_type("a dictionary", include))
    from berceau.client.records import chosen_by

    return chosen_by(record, model, include or {})


class FieldRefs:
    """References to the fields of one model, as attributes."""

    def __init__(self, model: ModelInfo) -> None:
        self._model = model

    def __getattr__(self, name: str) -> FieldRef:
        for field in self._model.fields.values():
            if model_attribute(field.name) == name and field.kind != "object":
                return FieldRef(self._model.name, field.name)
        raise AttributeError(f"model {self._model.name} has no field {name!r} to compare with")


def grouping(by: Any) -> list[Any]:
    """The fields to group by: one, or several in a list."""
    fields = [by] if isinstance(by, str) else by
    if not isinstance(fields, (Sequence, Set)):
        raise within("by", wrong_type("a field or a list of fields", by))
    if not fields:
        raise within("by", MissingRequiredValueError("names no field to group by", code="P2012"))
    for index, field in enumerate(fields):
        if not isinstance(field, str):
            raise within("by", within(str(index), wrong_type("a field", field)))
    return list(fields)


def aggregates(model: ModelInfo, **wanted: Any) -> dict[str, Any]:
    """The selection for `count=…, avg=…, sum=…, min=…, max=…`; `count=True` counts records."""
    chosen: dict[str, Any] = {}
    for name, fields in wanted.items():
        if fields is True and name == "count":
            fields = {"_all": True}
        if fields is None or fields is False:
            continue
        if not isinstance(fields, Mapping):
            raise within(name, wrong_type("a dictionary of fields", fields))
        asked = {field: True for field, flag in fields.items() if is_asked(name, field, flag)}
        if name in ("avg", "sum"):
            for field in asked.keys() - model.numbers:  # Prisma offers lists of numbers, too; PostgreSQL does not.
                raise within(name, unknown(field, model.numbers, f"the {name} of {model.name}"))
        if asked:
            chosen[f"_{name}"] = asked
    return chosen


def is_asked(name: str, field: Any, flag: Any) -> bool:
    """Whether an aggregate is asked of a field. Raises `WrongTypeError` for what is neither True nor False."""
    if flag is True or flag is False or flag is None:
        return flag is True
    raise within(name, within(str(field), wrong_type("True or False", flag)))
