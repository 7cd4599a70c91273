"""The errors a user of the commands and of the host can cause: each names its place and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(eq=False)
class BerceauError(Exception):
    """What is wrong, where it is and what to do. The command line prints it and exits with 1.

    Attributes:
        message: what is wrong, one sentence without its place.
        component: the component it is about.
        file: the file it is in.
        line: the line in that file, counted from 1.
        hint: what to do about it.
    """

    message: str
    component: str | None = None
    file: Path | str | None = None
    line: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        owner = f"component {self.component!r}: " if self.component else ""
        cure = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{owner}{self.message}{cure}"


class ConfigurationError(BerceauError):
    """The `[tool.berceau]` table, an environment variable or an address is wrong."""


class DiscoveryError(BerceauError):
    """An installed component's declaration is wrong."""


class CompositionError(BerceauError):
    """Schemas cannot be composed; `Problems` gathers several."""


class StaleClientError(BerceauError):
    """The generated client does not belong to the components that are installed."""


class MigrationStateError(BerceauError):
    """Migrations and database do not agree."""


class EmbeddedServerError(BerceauError):
    """The embedded PostgreSQL cannot be used."""


class Problems(BerceauError):  # noqa: N818 - several errors, not one
    """Several errors found at once, so that they can be put right in one go."""

    def __init__(self, problems: list[BerceauError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))
