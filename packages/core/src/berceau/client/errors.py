"""The errors of the client, under the names that users of Prisma Client Python know."""

from berceau_engine.errors import (
    AccessDeniedError,
    AuthenticationError,
    ClientNotConnectedError,
    ColumnNotFoundError,
    ConnectionClosedError,
    DatabaseConnectionError,
    DatabaseNotFoundError,
    DatabaseUnreachableError,
    DataError,
    FieldNotFoundError,
    ForeignKeyViolationError,
    InputError,
    InvalidUrlError,
    InvalidValueError,
    MissingRequiredValueError,
    NullValueError,
    OperationTimeoutError,
    PoolTimeoutError,
    PrismaError,
    RawQueryError,
    RecordNotFoundError,
    RelationViolationError,
    TableNotFoundError,
    TlsConnectionError,
    TooManyConnectionsError,
    TransactionError,
    TransactionExpiredError,
    TransactionNotStartedError,
    UniqueViolationError,
    ValueOutOfRangeError,
    WriteConflictError,
    WrongEventLoopError,
    WrongTypeError,
)

__all__ = [
    "AccessDeniedError",
    "AuthenticationError",
    "ClientAlreadyRegisteredError",
    "ClientNotConnectedError",
    "ClientNotRegisteredError",
    "ColumnNotFoundError",
    "ConnectionClosedError",
    "DataError",
    "DatabaseConnectionError",
    "DatabaseNotFoundError",
    "DatabaseUnreachableError",
    "FieldNotFoundError",
    "ForeignKeyViolationError",
    "InputError",
    "InvalidUrlError",
    "InvalidValueError",
    "MissingRequiredValueError",
    "NullValueError",
    "OperationTimeoutError",
    "PoolTimeoutError",
    "PrismaError",
    "RawQueryError",
    "RecordNotFoundError",
    "RelationViolationError",
    "TableNotFoundError",
    "TlsConnectionError",
    "TooManyConnectionsError",
    "TransactionError",
    "TransactionExpiredError",
    "TransactionNotStartedError",
    "UniqueViolationError",
    "UnknownRelationalFieldError",
    "ValueOutOfRangeError",
    "WriteConflictError",
    "WrongEventLoopError",
    "WrongTypeError",
]


class ClientNotRegisteredError(PrismaError):
    """`get_client()` was called before `register()`."""

    def __init__(self) -> None:
        super().__init__("No client is registered: call `berceau_client.register(db)` first.")


class ClientAlreadyRegisteredError(PrismaError):
    """`register()` was called twice."""

    def __init__(self) -> None:
        super().__init__("A client has already been registered.")


class UnknownRelationalFieldError(PrismaError):
    """`create_partial` was told of a relation that the model does not have."""

    def __init__(self, model: str, field: str) -> None:
        super().__init__(f"{model} has no relation {field!r}.")
