"""What query results are made of: this client's model classes, enum members and wrappers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from berceau.client.fields import Base64
from berceau.client.models import Enums, Models, maker
from berceau.client.names import COUNT_ATTRIBUTE, model_attribute
from berceau.client.records import held_by
from berceau.client.schema import ModelInfo, Schema
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


class RecordResults(DictionaryResults):
    """The `ResultTypes` of one query for records of a user's own class, which pydantic validates."""

    def __init__(self, enums: Enums, record: type[BaseModel], model: ModelInfo) -> None:
        super().__init__(enums)
        self._record = record
        self._keys = {name: key for name, (key, _) in held_by(record, model).items()}

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> RecordType:
        """The class itself at the root; what is nested stays as it is, for pydantic to make of it what it should."""
        if path:
            return RecordType()
        make = self._record.model_validate
        return RecordType(lambda rows: [make(row) for row in rows], self._keys)
