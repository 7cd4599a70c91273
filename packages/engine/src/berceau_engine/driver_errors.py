"""Turns what asyncpg and the operating system raise into typed errors with Prisma's codes.

The codes follow Prisma's own driver adapter for PostgreSQL (`packages/adapter-pg/src/errors.ts`, 7.9.1).
"""

from __future__ import annotations

import re
import ssl

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError

from berceau_engine.errors import DataError, EngineError, PrismaError, error_for

QUOTED = re.compile(r'"((?:[^"]|"")*)"')
KEY = re.compile(r"Key \((.+?)\)=")
CLOSED = frozenset({"08000", "08003", "08006", "57P01", "57P02", "57P03"})

LOST_STATEMENT = frozenset({"26000", "42P05"})
"""SQLSTATEs for a prepared statement that is not there, or is there already."""

OUR_STATEMENT = "__asyncpg_"

UNREADABLE = "The database returned a value that Python cannot hold (its dates are of the years 1 to 9999)"

NOT_ENCRYPTED = (
    "The server does not encrypt connections: turn it on there (`ssl = on`), or, where the network is trusted, say "
    "`sslmode=prefer` in the address."
)

LOST = ("closed", "lost", "terminated", "released back", "another operation (2)")
"""Words of asyncpg about a connection that is gone; in its state 2 the server has just said that it closes it."""


def translate(error: BaseException, *, raw: bool = False) -> PrismaError:
    """The typed error for a driver's error; raise it `from` the original.

    `raw` tells that the statement was the user's own SQL (P2010). Errors that are typed already come back as they are.
    """
    if isinstance(error, PrismaError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return translate_server_error(error, raw=raw)
    if isinstance(error, TimeoutError):
        return error_for("P1008", "The database did not answer in time.")
    if isinstance(error, ssl.SSLError):
        return error_for("P1011", f"The encrypted connection could not be made: {error}")
    if isinstance(error, ConnectionResetError):
        return error_for("P1017", "The server has closed the connection.")
    if isinstance(error, ConnectionError) and "rejected SSL" in str(error):
        return error_for("P1011", NOT_ENCRYPTED)
    if isinstance(error, OSError):
        return error_for("P1001", f"The database server cannot be reached: {error}")
    if isinstance(error, (InterfaceError, InternalClientError)):
        return translate_client_error(error, raw=raw)
    if isinstance(error, (OverflowError, ValueError)):
        return error_for("P2010" if raw else "P2023", f"{UNREADABLE}: {error}.")
    return EngineError(f"{type(error).__name__}: {error}")


def translate_client_error(error: InterfaceError | InternalClientError, *, raw: bool) -> PrismaError:
    """The typed error for what asyncpg found out before or instead of the server."""
    text = str(error)
    if isinstance(error, (asyncpg.exceptions.DataError, ValueError)):
        return error_for("P2010" if raw else "P2007", f"A value does not fit its type in the database: {text}")
    if any(words in text for words in LOST):
        return error_for("P1017", "The connection to the database is closed.")
    if "SSL" in text:
        return error_for("P1011", f"The encrypted connection could not be made: {text}")
    return error_for("P2010" if raw else "P2039", f"Database error: {text}")


def translate_server_error(error: asyncpg.PostgresError, *, raw: bool) -> DataError:
    """The typed error for an error of the server, by its SQLSTATE."""
    state = str(getattr(error, "sqlstate", None) or "")
    text = str(getattr(error, "message", None) or error)
    if state in LOST_STATEMENT and OUR_STATEMENT in text:
        text += ": it was prepared on another connection; behind PgBouncer add `pgbouncer=true` to the address"
    meta = {"sqlstate": state, "database_error": text}
    if state in CLOSED:
        return error_for("P1017", f"The server has closed the connection: {text}", meta)
    if raw:
        return error_for("P2010", f"Raw query failed. Code: `{state}`. Message: `{text}`", meta)
    match state:
        case "23505":
            fields = key_fields(error)
            what = f"fields: ({', '.join(f'`{name}`' for name in fields)})" if fields else "(not available)"
            return error_for("P2002", f"Unique constraint failed on the {what}", meta | {"target": fields})
        case "23503" | "23001":
            constraint = getattr(error, "constraint_name", None) or "(not available)"
            message = f"Foreign key constraint violated on the constraint: `{constraint}`"
            return error_for("P2003", message, meta | {"constraint": constraint})
        case "23502":
            column = getattr(error, "column_name", None) or first_quoted(text)
            return error_for(
                "P2011", f"Null constraint violation on the fields: (`{column}`)", meta | {"column": column}
            )
        case "22001":
            return error_for("P2000", f"The provided value is too long for the column's type: {text}", meta)
        case "22003":
            return error_for("P2020", f"Value out of range for the type: {text}", meta)
        case "22000":  # What asyncpg itself says of a value that it cannot send.
            return error_for("P2020" if "out of" in text else "P2007", f"Invalid input value: {text}", meta)
        case "22P05":
            detail = str(getattr(error, "detail", None) or text)
            return error_for("P2007", f"Invalid input value: {detail}", meta)
        case "22P02" | "22P03" | "22021" | "22007" | "22008":
            return error_for("P2007", f"Invalid input value: {text}", meta)
        case "40001" | "40P01":
            message = "Transaction failed due to a write conflict or a deadlock. Please retry your transaction"
            return error_for("P2034", message, meta)
        case "42P01":
            table = first_quoted(text)
            message = f"The table `{table}` does not exist in the current database. Has every migration been applied?"
            return error_for("P2021", message, meta | {"table": table})
        case "42703":
            column = text.removeprefix("column ").removesuffix(" does not exist").replace('"', "")
            message = f"The column `{column}` does not exist in the current database. Has every migration been applied?"
            return error_for("P2022", message, meta | {"column": column})
        case "53300":
            return error_for("P2037", f"Too many database connections opened: {text}", meta)
        case "28P01":
            return error_for("P1000", f"The database refused user or password: {text}", meta)
        case "28000":
            return error_for("P1010", f"The user was denied access to the database: {text}", meta)
        case "3D000":
            return error_for("P1003", f"The database does not exist on the server: {text}", meta)
        case "42501":
            return error_for("P1010", f"The database role lacks a right: {text}", meta)
        case "57014":
            return error_for("P1008", f"The statement was cancelled or took too long: {text}", meta)
    return error_for("P2039", f"Database error. Code: `{state}`. Message: `{text}`", meta)


def key_fields(error: asyncpg.PostgresError) -> list[str]:
    """The columns that a unique violation's detail names (`Key (a, b)=(1, 2) already exists.`)."""
    match = KEY.search(str(getattr(error, "detail", None) or ""))
    return [name.strip('"') for name in match.group(1).split(", ")] if match else []


def first_quoted(text: str) -> str:
    """The first name in double quotes in a server's message."""
    match = QUOTED.search(text)
    return match.group(1).replace('""', '"') if match else "(not available)"
