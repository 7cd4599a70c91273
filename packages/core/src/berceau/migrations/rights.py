"""When PostgreSQL refuses because the role lacks a right: which one, and how it is granted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from berceau.errors import MigrationStateError
from berceau_engine.errors import DataError, MigrationError
from berceau_engine.postgres import quote_identifier

LACKING = "42501"
"""PostgreSQL's code for it."""

_OWNER = "to change what belongs to another role"
_ROLE = "Set MIGRATION_DATABASE_URL to the address for the role that migrates (berceau db setup makes one)"
# what PostgreSQL says -> the right, and the statement that grants it
_RIGHTS: tuple[tuple[str, str, str], ...] = (
    (
        r"permission denied for schema (\S+)",
        "to make tables in the schema",
        "GRANT USAGE, CREATE ON SCHEMA {0} TO {role};",
    ),
    (r"permission denied for database (\S+)", "to make schemas", "GRANT CONNECT, CREATE ON DATABASE {0} TO {role};"),
    (
        r"permission denied for table _prisma_migrations",
        "to write the record of migrations",
        "ALTER TABLE _prisma_migrations OWNER TO {role};",
    ),
    (r"permission denied for (?:table|view|sequence) (\S+)", "to use it", "GRANT ALL ON {0} TO {role};"),
    (r"must be owner of (?:table|view|sequence|relation) (\S+)", _OWNER, "ALTER TABLE {0} OWNER TO {role};"),
    (r"must be owner of type (\S+)", _OWNER, "ALTER TYPE {0} OWNER TO {role};"),
    (r"must be owner of schema (\S+)", _OWNER, "ALTER SCHEMA {0} OWNER TO {role};"),
    (r"permission denied to create database", "to make databases", "ALTER ROLE {role} CREATEDB;"),
    (r"permission denied to create extension (\S+)", "to install extensions", "CREATE EXTENSION {0};"),
)


def hint(message: str, role: str) -> str:
    """Which right the role lacks by PostgreSQL's message, and what to do."""
    for pattern, right, statement in _RIGHTS:
        if found := re.search(pattern, message):
            names = [quote_identifier(name.strip('"')) for name in found.groups()]
            run = statement.format(*names, role=quote_identifier(role))
            return f"The role {role!r} lacks the right: {right}. {_ROLE}; or let an administrator run: {run}"
    return f"The role {role!r} lacks a right. {_ROLE}."


@contextmanager
def rights_explained(role: str) -> Iterator[None]:
    """Raise MigrationStateError, with what to do, when PostgreSQL refuses something to the role in the block."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise _refused(str(error), role) from error
    except (DataError, MigrationError) as error:  # of the schema engine
        if error.meta.get("sqlstate") != LACKING:
            raise
        raise _refused(str(error.meta.get("database_error", error)), role) from error


def _refused(said: str, role: str) -> MigrationStateError:
    return MigrationStateError(f"PostgreSQL refuses: {said}", hint=hint(said, role))
