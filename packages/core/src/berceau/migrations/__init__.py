"""Migrations: Prisma's workflow on the host's `prisma/migrations`, with the schema engine in the process."""

from __future__ import annotations

from berceau.migrations.deploy import Deployed, deploy
from berceau.migrations.develop import Developed, develop
from berceau.migrations.request import Request, UndecidedError
from berceau.migrations.resolve import reset, resolve
from berceau.migrations.status import Status, status
from berceau.migrations.target import Target, find_target

__all__ = [
    "Deployed",
    "Developed",
    "Request",
    "Status",
    "Target",
    "UndecidedError",
    "deploy",
    "develop",
    "find_target",
    "reset",
    "resolve",
    "status",
]
