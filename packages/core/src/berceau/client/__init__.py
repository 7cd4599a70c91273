"""The run time of the generated client: generic, driven by one data file; `bind` ties it to a schema."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from berceau.client.binding import BoundSchema, bind
    from berceau.client.fields import Base64, Json
    from berceau.client.models import Model
    from berceau.client.prisma import Prisma
    from berceau.client.schema import Schema

__all__ = ["Base64", "BoundSchema", "Json", "Model", "Prisma", "Schema", "bind"]

HOMES = {
    "Base64": "fields",
    "BoundSchema": "binding",
    "Json": "fields",
    "Model": "models",
    "Prisma": "prisma",
    "Schema": "schema",
    "bind": "binding",
}


def __getattr__(name: str) -> Any:
    # The generator needs some of these modules, and must not wait for pydantic, which others import.
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    return value
