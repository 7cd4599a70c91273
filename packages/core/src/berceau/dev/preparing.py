"""What must be right before `berceau dev` serves: settings, client, database."""

from __future__ import annotations

import importlib
import os
import site
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from berceau.build import BuildResult, build
from berceau.config import Config, load_config, load_environment
from berceau.discovery import survey
from berceau.errors import ConfigurationError
from berceau.migrations import Request, Status, Target, deploy, develop, find_target, status

Say = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """What the host's files and the environment say.

    Attributes:
        config: the settings of `pyproject.toml`.
        app: the application, as `module:attribute`.
        target: the database for migrations.
        database_url: the database for running.
        secret: for signing forms, if it is set.
    """

    config: Config
    app: str
    target: Target
    database_url: str
    secret: str | None

    def environment(self, secret: str) -> Mapping[str, str]:
        """The environment of the server process; `secret` is used if none is set."""
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "BERCEAU_SECRET": self.secret or secret,
            "PYTHONUNBUFFERED": "1",
        }


def read_settings(root: Path, say: Say) -> Settings:
    """Read `pyproject.toml` and `.env`; start the embedded PostgreSQL if no address is set.

    Raises ConfigurationError: a setting is wrong or missing, or the environment is production. EmbeddedServerError.
    """
    config = load_config(root)
    environment = load_environment(config)
    if environment.production:
        raise ConfigurationError(
            "`berceau dev` is for development; BERCEAU_ENV is `production`",
            hint="In production start the application with an ASGI server, as in: uvicorn --factory shop:create_app",
        )
    if config.app is None:
        raise ConfigurationError(
            "there is no application to serve: [tool.berceau] has no `app`",
            file=config.root / "pyproject.toml",
            hint='Write `app = "shop:create_app"`: a module, and in it an application or a function that makes one.',
        )
    if environment.database_url is None and environment.migration_database_url is not None:
        raise ConfigurationError(
            "MIGRATION_DATABASE_URL is set, but DATABASE_URL is not",
            hint="Set both, or neither to use the embedded PostgreSQL.",
        )
    target = find_target(config, environment, say)
    url = environment.database_url or str(target.url)
    return Settings(config, config.app, target, url, environment.secret)


def build_client(config: Config, say: Say) -> BuildResult:
    """Compose the schemas and generate the client; warnings are said. Raises as `build` does."""
    result = build(config, progress=None)
    if result.changed:
        for warning in result.warnings:
            say(f"warning: {warning}")
        say(f"Built the client in {result.seconds:.2f} s.")
    return result


def notice_installed() -> None:
    """Let this process see what was installed since it started, packages that are linked to as well."""
    importlib.invalidate_caches()
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        site.addsitedir(folder)


async def apply_migrations(settings: Settings, *, auto_migrate: bool, say: Say) -> None:
    """Apply committed migrations to the embedded database; with `auto_migrate` to any, and write a missing one.

    Raises MigrationStateError, ConfigurationError.
    """
    applied: tuple[str, ...] = ()
    if auto_migrate:
        done = await develop(settings.config, settings.target, Request(), say)
        applied = done.pending
        if done.created is not None:
            say(f"Wrote {done.created.relative_to(settings.config.root)}.")
            applied += (done.created.parent.name,)
    elif settings.target.embedded:
        applied = (await deploy(settings.config, settings.target, say)).applied
    for name in applied:
        say(f"Applied {name}.")


async def describe_database(settings: Settings) -> str:
    """How the database stands to migrations and schema, and what to type. Raises as `status` does."""
    return _describe(await status(settings.config, settings.target), settings.target)


def pages(config: Config) -> tuple[tuple[str, str], ...]:
    """The components that have a router, with the path each is served under."""
    return tuple(
        (one.name, f"/{one.name}")
        for one in survey(config)
        if one.enabled and any(facet.name == "router" for facet in one.facets)
    )


def _describe(found: Status, target: Target) -> str:
    if found.in_order:
        return "The database agrees with the schema."
    if found.drift:
        return f"The {target} has been changed otherwise than by migrations:\n{found.drift}"
    if found.pending:
        names = ", ".join(found.pending)
        return f"The {target} lacks {names}.\n  Apply it: berceau migrate deploy (or berceau dev --auto-migrate)"
    if found.unmigrated:
        return (
            f"The schema has changes that no migration has:\n{found.unmigrated}\n"
            "  Write one: berceau migrate dev --name what_it_does"
        )
    return "The migrations are not in order: see berceau migrate status"
