"""What query results are made of: this client's model classes, enum members and wrappers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from berceau.client.fields import Base64
from berceau.client.models import Enums, Models, maker
from berceau.client.schema import Schema

Maker = Callable[[dict[str, Any]], Any]


class DictionaryResults:
    """The `ResultTypes` of queries for counts and groups: dictionaries, with this client's enums and wrappers."""

    def __init__(self, enums: Enums) -> None:
        self._enums = enums

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> tuple[Maker | None, Mapping[str, Any]]:
        """Dictionaries stay dictionaries."""
        return None, {}

    def enum(self, name: str, values: Mapping[str, str]) -> Mapping[str, Any]:
        """The members of the generated enum by their database values."""
        members = self._enums.get(name)
        return {stored: members[prisma] for stored, prisma in values.items()}

    def binary(self, data: bytes) -> Base64:
        """Bytes in their wrapper."""
        return Base64.encode(data)


class ModelResults(DictionaryResults):
    """The `ResultTypes` of one query for records of a model, with related ones inside.

    A record holds every field of its model: relations that were not included are None. Where the query selects
    fields, what was not selected is left out of the record.
    """

    def __init__(self, schema: Schema, models: Models, enums: Enums, model: str) -> None:
        super().__init__(enums)
        self._schema = schema
        self._models = models
        self._model = model

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> tuple[Maker | None, Mapping[str, Any]]:
        """The model's constructor for the object at `path`; plain dictionaries for counts."""
        if path and path[-1] == "_count":
            return None, {}
        model = self._schema.model(self._model)
        for name in path:
            model = self._schema.model(model.fields[name].type)
        constants: dict[str, Any] = dict.fromkeys(model.relations)
        if model.counts:
            constants["count_"] = None
        make = maker(self._models.get(model.name), dict.fromkeys(name for name in fields if name != "_count"))
        if "_count" not in fields:
            return make, constants

        def with_count(values: dict[str, Any]) -> Any:
            values["count_"] = values.pop("_count")
            return make(values)

        return with_count, constants
