"""Database addresses as Prisma spells them: `postgresql://user:password@host:port/database?schema=public`.

Parameters: https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments
"""

from __future__ import annotations

import difflib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from berceau_engine.errors import InvalidUrlError

SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
INTEGERS = ("connection_limit", "statement_cache_size")
SECONDS = ("connect_timeout", "pool_timeout", "socket_timeout")
LIFETIMES = ("max_connection_lifetime", "max_idle_connection_lifetime")
TEXTS = ("application_name", "options", "sslcert", "sslidentity", "sslpassword", "sslkey", "sslrootcert")
FLAGS = ("pgbouncer",)
NOT_THROUGH_PGBOUNCER = ("statement_timeout", "options")
PARAMETERS = (
    "schema",
    "host",
    "sslmode",
    "sslaccept",
    "statement_timeout",
    "channel_binding",
    *INTEGERS,
    *SECONDS,
    *LIFETIMES,
    *TEXTS,
    *FLAGS,
)


@dataclass(frozen=True)
class DatabaseUrl:
    """One PostgreSQL address, taken apart.

    `host` is a name, an address or the folder of a Unix socket. `schema` is the PostgreSQL schema that holds the
    tables. `parameters` are the remaining parameters of the address under Prisma's names, checked.
    """

    host: str
    port: int
    user: str
    password: str | None
    database: str
    schema: str = "public"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> DatabaseUrl:
        """Take an address apart. Raises `InvalidUrlError` that says what is wrong, without the password."""
        try:
            parts = urlsplit(text.strip())
        except ValueError as error:
            raise invalid(str(error)) from None
        if parts.scheme not in ("postgresql", "postgres"):
            raise invalid(
                f"it must start with postgresql:// (found {parts.scheme + '://' if parts.scheme else 'no scheme'})"
            )
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        check_parameters(parameters)
        try:
            port = parts.port or 5432
        except ValueError:
            raise invalid("the port must be a number between 0 and 65535") from None
        host = parameters.pop("host", "") or unquote(parts.hostname or "")
        if not host:
            raise invalid("it names no host")
        user = unquote(parts.username or "")
        if not user:
            raise invalid("it names no user")
        return cls(
            host=host,
            port=port,
            user=user,
            password=unquote(parts.password) if parts.password is not None else None,
            database=unquote(parts.path.lstrip("/")) or "postgres",
            schema=parameters.pop("schema", "") or "public",
            parameters=parameters,
        )

    def __str__(self) -> str:
        password = "" if self.password is None else f":{quote(self.password, safe='')}"
        parameters = dict(self.parameters)
        if self.schema != "public":
            parameters["schema"] = self.schema
        host = quote(self.host, safe=":.") if not self.host.startswith("/") else ""
        if ":" in host:
            host = f"[{self.host}]"
        if not host:
            parameters["host"] = self.host
        query = f"?{urlencode(parameters, safe='/')}" if parameters else ""
        port = f":{self.port}" if host or self.port != 5432 else ""
        return f"postgresql://{quote(self.user, safe='')}{password}@{host}{port}/{quote(self.database, safe='')}{query}"

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self.redacted)!r})"

    @property
    def redacted(self) -> DatabaseUrl:
        """The same address with the password hidden, for messages and logs."""
        return replace(self, password="***") if self.password else self  # noqa: S106

    @property
    def place(self) -> str:
        """Where the server is, for messages: `localhost:5432` or the socket's folder."""
        return self.host if self.host.startswith("/") else f"{self.host}:{self.port}"

    def with_database(self, name: str) -> DatabaseUrl:
        """The same server and user, another database."""
        return replace(self, database=name)

    def with_schema(self, name: str) -> DatabaseUrl:
        """The same database, another PostgreSQL schema."""
        return replace(self, schema=name)

    def with_parameter(self, name: str, value: str) -> DatabaseUrl:
        """The same address with one parameter set. Raises `InvalidUrlError` for one that is not known."""
        parameters = {**self.parameters, name: value}
        check_parameters(parameters)
        return replace(self, parameters=parameters)

    def integer(self, name: str, default: int) -> int:
        """The value of a whole-number parameter, or the default where the address does not give it."""
        return int(self.parameters.get(name, default))

    def seconds(self, name: str, default: float) -> float:
        """The value of a parameter that is a number of seconds, or the default where the address does not give it."""
        return float(self.parameters.get(name, default))

    @property
    def pgbouncer(self) -> bool:
        """Whether a transaction-pooling PgBouncer is in between, so that prepared statements cannot be kept."""
        return self.parameters.get("pgbouncer") == "true"

    def connect_arguments(self) -> dict[str, Any]:
        """The keyword arguments of `asyncpg.connect` for this address."""
        # PgBouncer refuses settings of a session, this one too. Queries name the schema; only raw SQL looks it up.
        settings = {} if self.pgbouncer else {"search_path": quote_identifier(self.schema)}
        for name in ("application_name", "statement_timeout"):
            if name in self.parameters:
                settings[name] = self.parameters[name]
        settings.update(options_settings(self.parameters.get("options", "")))
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
            "timeout": self.seconds("connect_timeout", 5) or None,
            "command_timeout": self.seconds("socket_timeout", 0) or None,
            "statement_cache_size": 0 if self.pgbouncer else self.integer("statement_cache_size", 500),
            "ssl": self.ssl_context(),
            "server_settings": settings,
        }

    def ssl_context(self) -> ssl.SSLContext | str | bool:
        """What asyncpg's `ssl` takes: a mode's name, or a context where certificates are given.

        Raises `InvalidUrlError` when a certificate cannot be read.
        """
        mode = self.parameters.get("sslmode", "prefer")
        accept = self.parameters.get("sslaccept")
        authority, own, key = self._certificates()
        if mode == "disable" or self.host.startswith("/"):
            return False
        checked = accept != "accept_invalid_certs" and bool(authority or accept or mode.startswith("verify"))
        if not (checked or own):
            return mode
        context = ssl.create_default_context()
        context.check_hostname = checked and (mode == "verify-full" or accept == "strict")
        if not checked:
            context.verify_mode = ssl.CERT_NONE
        try:
            if authority and checked:
                context.load_verify_locations(Path(authority))
            if own:
                refuse_pkcs12(own)
                context.load_cert_chain(own, key, password=self.parameters.get("sslpassword", ""))
        except (OSError, ssl.SSLError) as error:
            raise invalid(f"the certificate cannot be used: {error}") from error
        return context

    def _certificates(self) -> tuple[str | None, str | None, str | None]:
        """The files of the authority's certificate, of the client's own, and of its key where it is one by itself.

        `sslcert` is the authority's, as in Prisma's addresses; beside `sslkey` or `sslrootcert` the client's, as in
        PostgreSQL's own.
        """
        root, certificate, key = (self.parameters.get(name) for name in ("sslrootcert", "sslcert", "sslkey"))
        identity = self.parameters.get("sslidentity")
        if certificate and not identity and (key or root):
            return root, certificate, key
        return root or certificate, identity, key


def refuse_pkcs12(path: str) -> None:
    """Raise `InvalidUrlError` for a certificate in the form that Prisma's engines read and Python does not."""
    if b"-----BEGIN" not in Path(path).read_bytes():
        raise invalid(
            f"{path} is not PEM; Python does not read PKCS#12. Convert it once with "
            f"`openssl pkcs12 -in {path} -nodes -out client.pem` and give 'sslidentity=client.pem', or the two parts "
            "as 'sslcert' and 'sslkey'"
        )


def quote_identifier(name: str) -> str:
    """A PostgreSQL identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def check_parameters(parameters: Mapping[str, str]) -> None:
    """Refuse unknown parameters and unusable values by name. Raises `InvalidUrlError`."""
    for name, value in parameters.items():
        if name not in PARAMETERS:
            near = difflib.get_close_matches(name, PARAMETERS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(PARAMETERS))}"
            raise invalid(f"unknown parameter {name!r}{hint}")
        if name in (*INTEGERS, *LIFETIMES) and not value.isdigit():
            raise invalid(f"parameter {name!r} must be a whole number, not {value!r}")
        if name in SECONDS and not re.fullmatch(r"\d+(\.\d+)?", value):
            raise invalid(f"parameter {name!r} must be a number of seconds, not {value!r}")
        if name == "connection_limit" and int(value) < 1:
            raise invalid(f"parameter {name!r} must be at least 1, not {value!r}")
        if name in FLAGS and value not in ("true", "false"):
            raise invalid(f"parameter {name!r} must be true or false, not {value!r}")
    if parameters.get("pgbouncer") == "true":
        for name in (name for name in NOT_THROUGH_PGBOUNCER if name in parameters):
            raise invalid(
                f"parameter {name!r} cannot be used with 'pgbouncer=true': PgBouncer gives each transaction another "
                "connection of the server and takes no settings for it; set it for the database's user "
                "(ALTER ROLE … SET …)"
            )
    if parameters.get("sslmode", "prefer") not in SSL_MODES:
        raise invalid(f"parameter 'sslmode' must be one of {', '.join(SSL_MODES)}")
    if parameters.get("sslaccept", "strict") not in ("strict", "accept_invalid_certs"):
        raise invalid("parameter 'sslaccept' must be strict or accept_invalid_certs")
    if parameters.get("sslaccept") == "accept_invalid_certs" and parameters.get("sslmode", "").startswith("verify"):
        raise invalid("'sslaccept=accept_invalid_certs' and 'sslmode=verify-…' contradict each other")


def options_settings(options: str) -> dict[str, str]:
    """The server settings in libpq's `options` (`-c name=value …`). Raises `InvalidUrlError` for anything else."""
    settings = {}
    words = iter(options.split())
    for word in words:
        assignment = next(words, "") if word == "-c" else word.removeprefix("-c").removeprefix("--")
        name, equals, value = assignment.partition("=")
        if not word.startswith("-") or not equals:
            raise invalid(f"parameter 'options' must be of the form '-c name=value', not {options!r}")
        settings[name] = value
    return settings


def invalid(reason: str) -> InvalidUrlError:
    """The error for an address that cannot be used."""
    return InvalidUrlError(f"The database address is not valid: {reason}.", code="P1013")
