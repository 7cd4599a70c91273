"""Ties the generic run time to one generated package: its data file, the classes made from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from berceau.client.action_classes import ActionClasses
from berceau.client.bases import Bases
from berceau.client.models import Enums, Models
from berceau.client.partials import Partials
from berceau.client.prisma import Prisma
from berceau.client.schema import Schema


@dataclass(frozen=True)
class BoundSchema:
    """A schema and the name of the package that was generated from it."""

    schema: Schema
    module: str

    @cached_property
    def enums(self) -> Enums:
        """The enums, made on first use."""
        return Enums(self.schema, self.module)

    @cached_property
    def models(self) -> Models:
        """The model classes, made on first use."""
        return Models(self.schema, self.enums, self.bases, self.module)

    @cached_property
    def bases(self) -> Bases:
        """The bases of users' own classes, made on first use."""
        return Bases(self)

    @cached_property
    def actions(self) -> ActionClasses:
        """The classes of the models' operations, made on first use."""
        return ActionClasses(self.schema, self.module)

    @cached_property
    def partials(self) -> Partials:
        """The partial models that have been made."""
        return Partials(self.bases, self.models, self.module)

    def client_class(self) -> type[Prisma]:
        """The client's class for this schema."""
        attributes = {"_bound": self, "_schema": self.schema, "__module__": self.module, "__doc__": Prisma.__doc__}
        return type("Prisma", (Prisma,), attributes)


def bind(path: Path, module: str) -> BoundSchema:
    """The run time for the data file at `path`, on behalf of the package `module`; reads nothing yet."""
    return BoundSchema(Schema(path), module)
