"""Making records in a database: their parents first, then they themselves in one statement, then what is below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.client.names import client_attribute, model_attribute
from berceau.client.prisma import Prisma
from berceau.testing.datamodel import DataModel, Key, Model, Relation
from berceau.testing.factories.filling import Filling
from berceau.testing.factories.overrides import Asked, read
from berceau.testing.factories.parents import Stack, deeper, in_order, needs_parent, parent_overrides
from berceau.testing.factories.refusals import check_writable
from berceau.testing.factories.uniqueness import Row, Uniqueness

Overrides = Mapping[str, Any]
ASKED_AT_ONCE = 500
"""How many keys are looked up in one query."""


class Maker:
    """Makes records of any model with a client."""

    def __init__(self, client: Prisma, models: DataModel, filling: Filling) -> None:
        self._client = client
        self._models = models
        self._filling = filling

    async def make(self, model: Model, count: int, overrides: Overrides, stack: Stack = ()) -> list[Any]:
        """So many records with the same overrides."""
        check_writable(self._client._schema, model.name)
        if count <= 0:
            return []
        asked = read(model, overrides)
        rows: list[Row] = [dict(asked.values) for _ in range(count)]
        for relation in in_order(model):
            await self._relate(relation, asked, rows, stack)
        records = await self._save(model, await self._fill(model, rows))
        for name, items in asked.related.items():
            for record in records:
                await self._make_related(model.relations[name], record, items)
        return records

    # ------------------------------------------------------------ parents

    async def _relate(self, relation: Relation, asked: Asked, rows: list[Row], stack: Stack) -> None:
        """Give rows the key of a relation: that of the record that was given, or of one made for each."""
        key = asked.keys.get(relation.field)
        if key is not None:
            for row in rows:
                row |= key
        if not needs_parent(relation, asked, rows[0]):
            return
        further = deeper(stack, relation, asked)
        wanted = [parent_overrides(relation, asked, row) for row in rows]
        target = self._models.models[relation.target]
        if all(each == wanted[0] for each in wanted):
            parents = await self.make(target, len(rows), wanted[0], further)
        else:
            parents = [(await self.make(target, 1, each, further))[0] for each in wanted]
        for row, parent in zip(rows, parents, strict=True):
            for mine, of in zip(relation.fields, relation.references, strict=True):
                row[mine] = getattr(parent, model_attribute(of))

    # ------------------------------------------------------------ values

    async def _fill(self, model: Model, rows: list[Row]) -> list[Row]:
        """The rows with all they need, their unique keys being none that the database has."""
        keys = self._filling.uniqueness(model)
        await self._load_small_keys(model, keys, rows)
        filled = [self._filling.fill(model, row, keys) for row in rows]
        while taken := await self._taken(model, keys, rows, filled):
            for place in taken:
                keys.release(filled[place])
            for place, (key, values) in taken.items():
                keys.take(key, values)
                filled[place] = self._filling.fill(model, rows[place], keys)
        return filled

    async def _load_small_keys(self, model: Model, keys: Uniqueness, rows: list[Row]) -> None:
        """Learn which of the keys with few values are in use."""
        for key in model.unique_keys:
            concerned = [row for row in rows if key in keys.keys(row)]
            fixed = [{name: row[name] for name in key if name in row} for row in concerned if keys.is_small(key, row)]
            fixed = [each for each in fixed if len(each) < len(key) and not any(map(callable, each.values()))]
            if fixed:
                for values in await self._find(model, key, [] if {} in fixed else fixed):
                    keys.take(key, values)

    async def _taken(
        self, model: Model, keys: Uniqueness, rows: list[Row], filled: list[Row]
    ) -> dict[int, tuple[Key, Row]]:
        """The rows with a key made for them that the database has already: which one."""
        found: dict[int, tuple[Key, Row]] = {}
        for key in model.unique_keys:
            places = [
                place
                for place, row in enumerate(rows)
                if key in keys.keys(row) and any(name not in row for name in key) and not keys.is_small(key, row)
            ]
            wanted = [{name: filled[place][name] for name in key} for place in places]
            there = await self._find(model, key, wanted) if wanted else []
            for place, values in zip(places, wanted, strict=True):
                if values in there:
                    found.setdefault(place, (key, values))
        return found

    async def _find(self, model: Model, key: Key, wanted: list[Row]) -> list[Row]:
        """The keys that the database has of those that are wanted; of all where none is named."""
        actions = getattr(self._client, client_attribute(model.name))
        unique = [dict(each) for each in {repr(sorted(each.items())): each for each in wanted}.values()]
        groups = [unique[start : start + ASKED_AT_ONCE] for start in range(0, len(unique), ASKED_AT_ONCE)] or [[]]
        found = []
        for group in groups:
            where = {"OR": group} if group else None
            for record in await actions.find_many(where=where, select=dict.fromkeys(key, True)):
                found.append({name: getattr(record, model_attribute(name)) for name in key})  # noqa: PERF401
        return found

    # ------------------------------------------------------------ saving

    async def _save(self, model: Model, rows: list[Row]) -> list[Any]:
        """The records of the rows, in their order."""
        actions = getattr(self._client, client_attribute(model.name))
        if len(rows) == 1 or not all(rows):
            return [await actions.create(data=row) for row in rows]
        return list(await actions.create_many_and_return(data=rows))

    async def _make_related(self, relation: Relation, record: Any, items: list[Any]) -> None:
        """Make or take records that belong to this one."""
        target = self._models.models[relation.target]
        opposite = self._models.opposite(relation)
        if opposite.holds_key:
            for item in items:
                await self._take_or_make(relation, opposite, record, item)
            return
        others = [(await self.make(target, 1, each))[0] if isinstance(each, Mapping) else each for each in items]
        await self._update(record, {relation.field: {"connect": [self._where(target, other) for other in others]}})

    async def _take_or_make(self, relation: Relation, opposite: Relation, record: Any, item: Any) -> None:
        if isinstance(item, Mapping):
            await self.make(self._models.models[relation.target], 1, {**item, opposite.field: record})
        else:
            target = self._models.models[relation.target]
            connect = {"connect": self._where(target, item)}
            await self._update(record, {relation.field: connect})

    async def _update(self, record: Any, data: Row) -> None:
        model = self._models.models[type(record).__prisma_model__]
        actions = getattr(self._client, client_attribute(model.name))
        await actions.update(where=self._where(model, record), data=data)

    def _where(self, model: Model, record: Any) -> Row:
        """The `where` that identifies a record."""
        key = model.identifier
        values = {name: getattr(record, model_attribute(name)) for name in key}
        return next(({name: values} for name, fields in model.key_names.items() if fields == key), values)
