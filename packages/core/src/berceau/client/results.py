"""What query results are made of: this client's model classes, enum members and wrappers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from berceau.client.fields import Base64
from berceau.client.models import Enums, Models, maker
from berceau.client.names import COUNT_ATTRIBUTE, model_attribute
from berceau.client.schema import Schema
from berceau_engine.plan import RecordType


class DictionaryResults:
    """The `ResultTypes` of queries for counts and groups: dictionaries, with this client's enums and wrappers."""

    def __init__(self, enums: Enums) -> None:
        self._enums = enums

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> RecordType:
        """Dictionaries stay dictionaries."""
        return RecordType()

    def enum(self, name: str, values: Mapping[str, str]) -> Mapping[str, Any]:
        """The members of the generated enum by their database values."""
        enum = self._enums.get(name)
        return {stored: enum(prisma) for stored, prisma in values.items()}

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

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> RecordType:
        """The constructor of the model, or of the counts, at `path`."""
        counts = bool(path) and path[-1] == "_count"
        model = self._schema.model(self._model)
        for name in path[:-1] if counts else path:
            model = self._schema.model(model.fields[name].type)
        names = {name: COUNT_ATTRIBUTE if name == "_count" else model_attribute(name) for name in fields}
        if counts:
            return RecordType(maker(self._models.counts(model.name), names.values()), names)
        constants: dict[str, Any] = {model_attribute(name): None for name in model.relations}
        if model.counts:
            constants[COUNT_ATTRIBUTE] = None
        return RecordType(maker(self._models.get(model.name), names.values()), names, constants)
