"""Every error the engine raises, under the names that users of Prisma Client Python know and with Prisma's codes.

Codes and their meaning: https://www.prisma.io/docs/orm/reference/error-reference
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class PrismaError(Exception):
    """Base of all errors of this package. They can be copied and pickled, with all that they carry."""

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (type(self), self.args, self.__dict__)


def restored(error_class: type[PrismaError], args: tuple[Any, ...], fields: Mapping[str, Any]) -> PrismaError:
    """A copy of an error, made without its constructor, which wants other arguments than the message."""
    error = error_class.__new__(error_class, *args)
    error.__dict__.update(fields)
    return error


# ---------------------------------------------------------------- engines


class EngineError(PrismaError):
    """An engine could not be loaded or has failed in a way that is not the caller's doing."""


class EngineFilesMissingError(EngineError):
    """The WebAssembly files are not beside the package: its build hook has not run."""


@dataclass(frozen=True)
class SchemaProblem:
    """One complaint of Prisma's parser: the message, and where it is (line counted from 1)."""

    message: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class SchemaError(PrismaError):
    """A Prisma schema is not valid. `problems` holds all complaints, `rendered` Prisma's own text."""

    def __init__(self, problems: Sequence[SchemaProblem], rendered: str, code: str = "P1012") -> None:
        self.problems = tuple(problems)
        self.rendered = rendered
        self.code = code
        super().__init__("\n".join(str(problem) for problem in problems) or rendered)


class MigrationError(PrismaError):
    """The schema engine refused or failed. `code` is Prisma's (`P3006`, …) where it gives one."""

    def __init__(self, message: str, code: str | None = None, meta: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.meta = dict(meta or {})
        super().__init__(message)


# ---------------------------------------------------------------- data


class DataError(PrismaError):
    """A query was refused, by the query compiler or by the database (P2039). `code` is Prisma's, `meta` tells more."""

    def __init__(self, message: str, *, code: str, meta: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.meta = dict(meta or {})
        super().__init__(message)


class InputError(DataError):
    """Arguments that do not fit the schema (P2009, P2019). `path` leads from the operation to the argument."""

    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        message = super().__str__()
        return f"{'.'.join(self.path)}: {message}" if self.path else message


class FieldNotFoundError(InputError):
    """An argument names a field that the model does not have (P2009)."""


class MissingRequiredValueError(InputError):
    """A required argument is missing (P2012)."""


class NullValueError(MissingRequiredValueError):
    """None stands where there must be a value (P2011, P2012)."""


class InvalidValueError(InputError):
    """A value is not one that the argument takes (P2009, P2007); subclasses tell why."""


class WrongTypeError(InvalidValueError):
    """A value is of a type that the argument does not take (P2009, P2007)."""


class ValueOutOfRangeError(InvalidValueError):
    """A value is of the right type, but too large or too long (P2000, P2020)."""


class UniqueViolationError(DataError):
    """A unique constraint failed (P2002)."""


class ForeignKeyViolationError(DataError):
    """A foreign key constraint failed (P2003)."""


class RecordNotFoundError(DataError):
    """A record that the operation depends on does not exist (P2025)."""


class RelationViolationError(DataError):
    """The change would break a required relation, or the records are not connected (P2014, P2017, P2018)."""


class TableNotFoundError(DataError):
    """The table does not exist in the database (P2021): a migration has not been applied."""

    @property
    def table(self) -> str | None:
        """Name of the table, where the server told it."""
        value = self.meta.get("table")
        return value if isinstance(value, str) else None


class ColumnNotFoundError(DataError):
    """The column does not exist in the database (P2022): a migration has not been applied."""


class RawQueryError(DataError):
    """A raw query failed (P2010)."""


class WriteConflictError(DataError):
    """The transaction lost against another one: a serialization failure or a deadlock; try again (P2034)."""


# ---------------------------------------------------------------- connection


class DatabaseConnectionError(DataError):
    """The database cannot be used at all; subclasses say why."""


class InvalidUrlError(DatabaseConnectionError):
    """The database address is not one that we understand (P1013)."""


class AuthenticationError(DatabaseConnectionError):
    """User or password were refused (P1000)."""


class DatabaseUnreachableError(DatabaseConnectionError):
    """No server answers at the address (P1001)."""


class DatabaseNotFoundError(DatabaseConnectionError):
    """The database does not exist on the server (P1003)."""


class OperationTimeoutError(DatabaseConnectionError):
    """The server did not answer in time (P1008)."""


class AccessDeniedError(DatabaseConnectionError):
    """The user may not use this database (P1010)."""


class TlsConnectionError(DatabaseConnectionError):
    """The encrypted connection could not be made (P1011)."""


class ConnectionClosedError(DatabaseConnectionError):
    """The server has closed the connection (P1017)."""


class TooManyConnectionsError(DatabaseConnectionError):
    """The server takes no more connections (P2037)."""


class PoolTimeoutError(DatabaseConnectionError):
    """No connection of the pool became free in time (P2024)."""


# ---------------------------------------------------------------- client


class ClientNotConnectedError(PrismaError):
    """A query was made before `connect()` or after `disconnect()`."""

    def __init__(self) -> None:
        super().__init__("The client is not connected: call `await db.connect()` before the first query.")


class WrongEventLoopError(PrismaError):
    """A client was used in another event loop or process than the one in which it was connected."""


class TransactionError(PrismaError):
    """A transaction was used wrongly or could not be carried out."""


class TransactionExpiredError(TransactionError):
    """The transaction took longer than its timeout and was rolled back (P2028)."""

    code = "P2028"


class TransactionNotStartedError(TransactionError):
    """The transaction has not been started or is already over (P2028)."""

    code = "P2028"


BY_CODE: dict[str, type[DataError]] = {
    "P1000": AuthenticationError,
    "P1001": DatabaseUnreachableError,
    "P1003": DatabaseNotFoundError,
    "P1008": OperationTimeoutError,
    "P1010": AccessDeniedError,
    "P1011": TlsConnectionError,
    "P1013": InvalidUrlError,
    "P1017": ConnectionClosedError,
    "P2000": ValueOutOfRangeError,
    "P2002": UniqueViolationError,
    "P2003": ForeignKeyViolationError,
    "P2007": InvalidValueError,
    "P2009": FieldNotFoundError,
    "P2010": RawQueryError,
    "P2011": NullValueError,
    "P2012": MissingRequiredValueError,
    "P2013": MissingRequiredValueError,
    "P2014": RelationViolationError,
    "P2017": RelationViolationError,
    "P2018": RelationViolationError,
    "P2019": InputError,
    "P2020": ValueOutOfRangeError,
    "P2021": TableNotFoundError,
    "P2022": ColumnNotFoundError,
    "P2024": PoolTimeoutError,
    "P2025": RecordNotFoundError,
    "P2034": WriteConflictError,
    "P2037": TooManyConnectionsError,
}


def error_for(code: str, message: str, meta: Mapping[str, Any] | None = None) -> DataError:
    """The typed error for one of Prisma's codes; a plain `DataError` where no class is kept for it."""
    return BY_CODE.get(code, DataError)(message, code=code, meta=meta)
