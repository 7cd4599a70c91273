"""Models of which a client cannot make records, and why."""

from __future__ import annotations

from berceau.client.schema import Schema
from berceau.composition.declarations import read
from berceau.testing.factories.errors import FactoryError


def check_writable(schema: Schema, model: str) -> None:
    """Raise `FactoryError` for a view, and for a model that requires a value which a client cannot write."""
    if schema.model(model).is_writable:
        return
    for block in read(schema.datamodel):
        if block.name == model and block.kind == "model":
            names = [field.name for field in block.fields if field.type == "Unsupported" and not field.is_optional]
            raise FactoryError(
                f"{', '.join(f'{model}.{name}' for name in names)} is required and of the type Unsupported(…), which a "
                "client cannot write",
                hint="Insert such records with raw SQL, or give the column a default in the database.",
            )
    raise FactoryError(f"{model} is a view: its records cannot be made, only those that it shows")
