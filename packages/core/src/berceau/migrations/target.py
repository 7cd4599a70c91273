"""The database that migrations go to: whose address it is, and reaching it with errors that say where it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from berceau.address import parse_address
from berceau.errors import ConfigurationError
from berceau_engine.errors import DatabaseConnectionError, DatabaseNotFoundError
from berceau_engine.postgres import Connection, DatabaseUrl, connect

if TYPE_CHECKING:
    from berceau.config import Config, Environment

Say = Callable[[str], None]
_EMBEDDED = "the embedded PostgreSQL"


@dataclass(frozen=True)
class Target:
    """A database to migrate.

    Attributes:
        url: its address.
        source: where the address comes from, as in "the address comes from …".
        shadow_url: address of an empty database to try migrations on; None: one is made on the same server.
        production: nothing is to be made there except by migrations.
    """

    url: DatabaseUrl
    source: str
    shadow_url: DatabaseUrl | None
    production: bool

    @property
    def embedded(self) -> bool:
        """Whether it is the project's embedded server."""
        return self.source == _EMBEDDED

    def __str__(self) -> str:
        schema = "" if self.url.schema == "public" else f", schema {self.url.schema!r}"
        where = _EMBEDDED if self.embedded else self.url.place
        return f"database {self.url.database!r}{schema} ({where})"


def find_target(config: Config, environment: Environment, say: Say) -> Target:
    """The database named by `MIGRATION_DATABASE_URL` or `DATABASE_URL`; in development otherwise the embedded one.

    Starts the embedded server if it is needed and does not run; `say` is told.

    Raises ConfigurationError: no address in production, an address that is no address, a shadow database that is the
    database itself. EmbeddedServerError: the embedded server cannot be used.
    """
    text, source = environment.migration_database_url, "MIGRATION_DATABASE_URL"
    if text == environment.database_url:
        source = "DATABASE_URL"
    if text is None:
        if environment.production:
            raise ConfigurationError(
                "there is no address of a database: neither MIGRATION_DATABASE_URL nor DATABASE_URL is set",
                hint="Set MIGRATION_DATABASE_URL to the address for the role that may change tables.",
            )
        from berceau import embedded

        text, source = embedded.start(config.root, say=say).url, _EMBEDDED
    url = parse_address(text, source)
    shadow = environment.shadow_database_url
    shadow_url = parse_address(shadow, "SHADOW_DATABASE_URL").with_schema(url.schema) if shadow else None
    if shadow_url and _identity(shadow_url) == _identity(url):
        raise ConfigurationError(
            f"SHADOW_DATABASE_URL names the same database as {source}: {url.database!r}",
            hint="Everything in a shadow database is dropped. Name an empty one, or unset it: one is made then.",
        )
    return Target(url, source, shadow_url, environment.production)


async def reach(target: Target) -> Connection:
    """A connection to the target.

    Raises ConfigurationError: no server, a wrong password, no such database, …; it says where the address is from.
    """
    try:
        return await connect(target.url)
    except DatabaseConnectionError as error:
        hint = f"The address comes from {target.source}."
        if isinstance(error, DatabaseNotFoundError):
            how = "berceau db start" if target.embedded else f'CREATE DATABASE "{target.url.database}"'
            hint = f"Make the database ({how}) and try again. {hint}"
        raise ConfigurationError(str(error), hint=hint) from error


def _identity(url: DatabaseUrl) -> tuple[str, int, str]:
    return url.host, url.port, url.database
