"""Addresses of databases that sessions are to hold locks in: for migrations, and for tests."""

from __future__ import annotations

from berceau.errors import ConfigurationError
from berceau_engine.errors import InvalidUrlError
from berceau_engine.postgres import DatabaseUrl


def parse_address(text: str, source: str, *, variable: str = "MIGRATION_DATABASE_URL") -> DatabaseUrl:
    """The address of a server itself. Raises ConfigurationError, naming where it is from and what is to be set."""
    try:
        url = DatabaseUrl.parse(text)
    except InvalidUrlError as error:
        raise ConfigurationError(
            f"{source}: {error}", hint="The form is postgresql://user:password@host:port/database?schema=public"
        ) from error
    if url.pgbouncer:
        raise ConfigurationError(
            f"{source} goes through PgBouncer, which cannot keep a session's locks",
            hint=f"Set {variable} to the address of the server itself, without `pgbouncer=true`.",
        )
    return url
