"""Errors of the database as the schema engine wants to be told of them: objects with a `kind`."""

from __future__ import annotations

import re
from typing import Any

import asyncpg

from berceau_engine.adapter_values import UnsupportedColumnError
from berceau_engine.driver_errors import key_fields, translate
from berceau_engine.errors import DataError, PrismaError

QUOTED = re.compile(r'"((?:[^"]|"")*)"')
KINDS = {
    "P1000": "AuthenticationFailed",
    "P1001": "DatabaseNotReachable",
    "P1003": "DatabaseDoesNotExist",
    "P1008": "SocketTimeout",
    "P1010": "DatabaseAccessDenied",
    "P1017": "ConnectionClosed",
}


def describe(error: Exception) -> dict[str, Any]:
    """The engine's description of an error that its adapter has met."""
    cause = error.__cause__ if isinstance(error, PrismaError) and error.__cause__ is not None else error
    if isinstance(cause, asyncpg.PostgresError):
        return describe_server_error(cause)
    if isinstance(cause, UnsupportedColumnError):
        return {"kind": "UnsupportedNativeDataType", "type": cause.type_name}
    typed = translate(error)
    text = str(typed)
    if not isinstance(typed, DataError):
        return postgres_kind("N/A", "ERROR", text)
    if typed.code == "P1011":
        return {"kind": "TlsConnectionError", "reason": text}
    if typed.code == "P2037":
        return {"kind": "TooManyConnections", "cause": text}
    if typed.code in KINDS:
        return {"kind": KINDS[typed.code], "originalMessage": text}
    return postgres_kind("N/A", "ERROR", text)


def describe_server_error(error: asyncpg.PostgresError) -> dict[str, Any]:
    """The engine's description of an error that PostgreSQL has reported."""
    state, text = str(getattr(error, "sqlstate", "") or "N/A"), str(getattr(error, "message", None) or error)
    return {"originalCode": state, "originalMessage": text, **server_kind(error, state, text)}


def server_kind(error: asyncpg.PostgresError, state: str, text: str) -> dict[str, Any]:
    """Kind and particulars for a SQLSTATE."""
    match state:
        case "22001":
            return {"kind": "LengthMismatch", "column": getattr(error, "column_name", None)}
        case "22003":
            return {"kind": "ValueOutOfRange", "cause": text}
        case "22P02":
            return {"kind": "InvalidInputValue", "message": text}
        case "23505":
            return {"kind": "UniqueConstraintViolation", "constraint": fields(key_fields(error))}
        case "23502":
            column = getattr(error, "column_name", None)
            return {"kind": "NullConstraintViolation", "constraint": fields([column] if column else [])}
        case "23503":
            index = getattr(error, "constraint_name", None)
            return {"kind": "ForeignKeyConstraintViolation", "constraint": {"index": index} if index else None}
        case "3D000":
            return {"kind": "DatabaseDoesNotExist", "db": quoted(text)}
        case "28000":
            return {"kind": "DatabaseAccessDenied", "db": quoted(text)}
        case "28P01":
            return {"kind": "AuthenticationFailed", "user": quoted(text)}
        case "40001" | "40P01":
            return {"kind": "TransactionWriteConflict"}
        case "42P01":
            return {"kind": "TableDoesNotExist", "table": quoted(text)}
        case "42703":
            column = text.removeprefix("column ").removesuffix(" does not exist").replace('"', "")
            return {"kind": "ColumnNotFound", "column": column}
        case "42P04":
            return {"kind": "DatabaseAlreadyExists", "db": quoted(text)}
        case "53300":
            return {"kind": "TooManyConnections", "cause": text}
        case "57P01" | "57P02" | "08003" | "08006":
            return {"kind": "ConnectionClosed"}
    return postgres_kind(
        state,
        str(getattr(error, "severity", None) or "ERROR"),
        text,
        getattr(error, "detail", None),
        getattr(error, "column_name", None),
        getattr(error, "hint", None),
    )


def postgres_kind(
    code: str,
    severity: str,
    message: str,
    detail: str | None = None,
    column: str | None = None,
    hint: str | None = None,
) -> dict[str, Any]:
    """The kind for every error that has none of its own."""
    told = {"detail": detail, "column": column, "hint": hint}
    return {
        "kind": "postgres",
        "code": code,
        "severity": severity,
        "message": message,
        **{key: value for key, value in told.items() if value is not None},
    }


def fields(names: list[str]) -> dict[str, list[str]] | None:
    """The columns of a constraint, if they are known."""
    return {"fields": names} if names else None


def quoted(text: str) -> str | None:
    """The first name in double quotes in a server's message."""
    match = QUOTED.search(text)
    return match.group(1).replace('""', '"') if match else None
