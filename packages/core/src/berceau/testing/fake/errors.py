"""The errors of the client in memory: those of the database under the same classes, and what it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from berceau.errors import BerceauError
from berceau.testing.datamodel import Field, Model, Relation
from berceau_engine.errors import DataError, error_for


class NotFakedError(BerceauError, NotImplementedError):
    """A query that the client in memory does not answer."""


def not_faked(what: str) -> NoReturn:
    """Say that a query is not supported."""
    raise NotFakedError(
        f"FakePrisma does not support {what}",
        hint="Test this code on a real database: take the fixture `db` of the pytest plugin instead.",
    )


def database_error(code: str, message: str, state: str, **meta: object) -> DataError:
    """An error such as the server raises it: inside a transaction nothing more can be done after it."""
    return error_for(code, message, {"sqlstate": state, "database_error": message, **meta})


def unique_violation(model: Model, key: Sequence[str]) -> DataError:
    """Two records with the same key."""
    columns = [model.fields[name].column for name in key]
    fields = ", ".join(f"`{column}`" for column in columns)
    return database_error("P2002", f"Unique constraint failed on the fields: ({fields})", "23505", target=columns)


def foreign_key_violation(model: Model, relation: Relation) -> DataError:
    """A key that leads nowhere, or a record that is still referred to."""
    columns = "_".join(model.fields[name].column for name in relation.fields)
    constraint = f"{model.table}_{columns}_fkey"[:63]
    message = f"Foreign key constraint violated on the constraint: `{constraint}`"
    return database_error("P2003", message, "23503", constraint=constraint)


def null_violation(field: Field) -> DataError:
    """No value where there must be one."""
    message = f"Null constraint violation on the fields: (`{field.column}`)"
    return database_error("P2011", message, "23502", column=field.column)
