"""What the host says about itself: `[tool.berceau]` in its `pyproject.toml`, and the environment variables."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from berceau.errors import ConfigurationError

CLIENT_PACKAGE = "berceau_client"
ENVIRONMENTS = ("development", "test", "production")


@dataclass(frozen=True)
class Config:
    """The settings of one host; paths are absolute.

    Attributes:
        root: the folder of the host's `pyproject.toml`.
        app: the host application as `module:attribute`, for `berceau dev`.
        schema_dir: where the composed schema is written.
        migrations_dir: where migrations are kept.
        output: the folder of the package `berceau_client`; None stands for the environment's site-packages.
        strict: the naming lint's findings are errors.
        disabled: names of components that are left out.
    """

    root: Path
    app: str | None
    schema_dir: Path
    migrations_dir: Path
    output: Path | None
    strict: bool
    disabled: frozenset[str]

    @classmethod
    def default(cls, root: Path) -> Config:
        """The settings of a host that says nothing about itself."""
        return _Table(root.absolute() / "pyproject.toml", {}, "").config()

    @property
    def client_dir(self) -> Path:
        """The folder of the generated package, wherever it is."""
        if self.output is not None:
            return self.output
        import sysconfig

        return Path(sysconfig.get_path("purelib")) / CLIENT_PACKAGE


@dataclass(frozen=True)
class Environment:
    """What the environment variables say; addresses are kept out of the representation, as they hold passwords.

    Attributes:
        database_url: `DATABASE_URL`, for running.
        migration_database_url: `MIGRATION_DATABASE_URL`, for changing tables; `DATABASE_URL` if it is not set.
        shadow_database_url: `SHADOW_DATABASE_URL`.
        production: `BERCEAU_ENV` is `production`.
        secret: `BERCEAU_SECRET`, which signs forms.
    """

    database_url: str | None = field(repr=False)
    migration_database_url: str | None = field(repr=False)
    shadow_database_url: str | None = field(repr=False)
    production: bool
    secret: str | None = field(default=None, repr=False)


def find_project(start: Path | None = None) -> Path | None:
    """The nearest `pyproject.toml` with a table `[tool.berceau]`, from `start` (the working folder) upwards.

    Raises ConfigurationError for a file on the way that is not TOML.
    """
    folder = (start or Path.cwd()).absolute()
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        if file.is_file() and isinstance(_read(file)[0].get("tool", {}).get("berceau"), dict):
            return file
    return None


def load_config(start: Path | None = None) -> Config:
    """The settings of the host around `start` (the working folder).

    Raises ConfigurationError if there is no host, or for a key that is unknown or has a wrong value.
    """
    file = find_project(start)
    if file is None:
        raise ConfigurationError(
            f"no pyproject.toml with a table [tool.berceau] here or above: {(start or Path.cwd()).absolute()}",
            hint="Add `[tool.berceau]` to the pyproject.toml of your application; it may stay empty.",
        )
    document, text = _read(file)
    return _Table(file, document["tool"]["berceau"], text).config()


def load_environment(config: Config) -> Environment:
    """The environment's addresses. In development `.env` beside `pyproject.toml` fills what the environment lacks.

    Raises ConfigurationError for an unknown `BERCEAU_ENV`, or for a `.env` that cannot be read.
    """
    real = {name: value for name, value in os.environ.items() if value}
    kind = _environment_kind(real, "the environment")
    values = real if kind == "production" else _read_env_file(config.root / ".env") | real
    return Environment(
        database_url=values.get("DATABASE_URL"),
        migration_database_url=values.get("MIGRATION_DATABASE_URL") or values.get("DATABASE_URL"),
        shadow_database_url=values.get("SHADOW_DATABASE_URL"),
        production=kind == "production",
        secret=values.get("BERCEAU_SECRET"),
    )


def nearest(word: str, known: tuple[str, ...], closeness: float = 0.5) -> str | None:
    """The known word that a misspelled one was most likely meant to be."""
    import difflib

    return next(iter(difflib.get_close_matches(word.lower(), known, n=1, cutoff=closeness)), None)


# ---------------------------------------------------------------- pyproject.toml


@dataclass(frozen=True)
class _Table:
    """`[tool.berceau]` of one file, and how each of its keys is read."""

    file: Path
    values: Mapping[str, Any]
    text: str

    def config(self) -> Config:
        known = tuple(self._readers())
        for key in self.values:
            if key not in known:
                guess = nearest(key, known)
                raise self.error(
                    key,
                    f"unknown key {key!r} in [tool.berceau]" + (f"; did you mean {guess!r}?" if guess else ""),
                    f"Known keys: {', '.join(known)}.",
                )
        return Config(root=self.file.parent, **{name: read(key) for key, (name, read) in self._readers().items()})

    def _readers(self) -> dict[str, tuple[str, Callable[[str], Any]]]:
        return {
            "app": ("app", self._app),
            "schema": ("schema_dir", self._schema),
            "migrations": ("migrations_dir", lambda key: self._folder(key, "prisma/migrations")),
            "output": ("output", self._output),
            "strict": ("strict", self._strict),
            "disabled": ("disabled", self._disabled),
        }

    def _app(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"\w+(\.\w+)*:\w+(\.\w+)*", value):
            raise self.error(key, f"{key} = {value!r} is not of the form module:attribute", 'Write `app = "shop:app"`.')
        return value

    def _folder(self, key: str, default: str) -> Path:
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"{key} = {value!r} is not a folder's path", f'Write `{key} = "{default}"`.')
        return Path(os.path.normpath(self.file.parent / value))

    def _schema(self, key: str) -> Path:
        folder = self._folder(key, "prisma/schema")
        if folder.suffix == ".prisma":
            raise self.error(
                key,
                f"{key} names a file, but the composed schema is a folder of files",
                'Write `schema = "prisma/schema"`.',
            )
        return folder

    def _output(self, key: str) -> Path | None:
        if key not in self.values:
            return None
        folder = self._folder(key, f"src/{CLIENT_PACKAGE}")
        if folder.name != CLIENT_PACKAGE:
            raise self.error(
                key,
                f"{key} = {self.values[key]!r} must end in {CLIENT_PACKAGE!r}, the package that components import",
                f'Write `output = "{(Path(self.values[key]) / CLIENT_PACKAGE).as_posix()}"`.',
            )
        return folder

    def _strict(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"{key} = {value!r} is neither true nor false", "Write `strict = true`.")
        return value

    def _disabled(self, key: str) -> frozenset[str]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.error(key, f"{key} = {value!r} is not a list of component names", 'Write `disabled = ["demo"]`.')
        return frozenset(value)

    def error(self, key: str, message: str, hint: str) -> ConfigurationError:
        return ConfigurationError(message, file=self.file, line=_line_of(self.text, key), hint=hint)


def _line_of(text: str, key: str) -> int | None:
    """The line of a key of `[tool.berceau]`: the parser of the standard library keeps no places."""
    section = ""
    name = rf"""(?:{re.escape(key)}|"{re.escape(key)}"|'{re.escape(key)}')"""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([^\[\]]+)\]", line):
            section = re.sub(r"[\s\"']", "", header[1])
            if re.match(rf"tool\.berceau\.{re.escape(key)}(\.|$)", section):
                return number
        path = {"tool.berceau": "", "tool": r"berceau\s*\.\s*", "": r"tool\s*\.\s*berceau\s*\.\s*"}.get(section)
        if path is not None and re.match(rf"\s*{path}{name}\s*[.=]", line):
            return number
    return None


def _read(file: Path) -> tuple[dict[str, Any], str]:
    try:
        text = file.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        end = len(text.splitlines())
        raise ConfigurationError(
            f"this is not valid TOML: {error}", file=file, line=int(place[1]) if place else end
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file cannot be read: {error}", file=file) from error


# ---------------------------------------------------------------- environment


def _environment_kind(values: Mapping[str, str | None], place: str, file: Path | None = None) -> str:
    kind = values.get("BERCEAU_ENV") or ENVIRONMENTS[0]
    if kind in ENVIRONMENTS:
        return kind
    guess = nearest(kind, ENVIRONMENTS)
    raise ConfigurationError(
        f"BERCEAU_ENV is {kind!r} in {place}" + (f"; did you mean {guess!r}?" if guess else ""),
        file=file,
        hint=f"It is one of {', '.join(ENVIRONMENTS)}; without it, {ENVIRONMENTS[0]}.",
    )


def _read_env_file(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        values = {name: value for name, value in dotenv_values(file, encoding="utf-8").items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file cannot be read: {error}", file=file) from error
    if _environment_kind(values, ".env", file) == "production":
        raise ConfigurationError(
            "BERCEAU_ENV=production does not belong here: this file is read in development only",
            file=file,
            hint="Set BERCEAU_ENV=production in the environment of the server itself.",
        )
    return values
