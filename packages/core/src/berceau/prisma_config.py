"""`prisma.config.ts`: lets the official command line work on the host's schema and migrations."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from berceau.errors import ConfigurationError

if TYPE_CHECKING:
    from berceau.config import Config

NAME = "prisma.config.ts"
_FIRST = "// Written by `berceau migrate prisma-config`, sha256 "
_BODY = """\
//
// With Prisma 6.19, whose engine then runs without a downloaded binary:
//   npm install --save-dev prisma@6.19.3 @prisma/adapter-pg@7.10.0
//   npx prisma migrate status
import {{ PrismaPg }} from "@prisma/adapter-pg";
import {{ defineConfig }} from "prisma/config";

const url = process.env.MIGRATION_DATABASE_URL || process.env.DATABASE_URL;

export default defineConfig({{
  schema: "{schema}",
  migrations: {{ path: "{migrations}" }},
  engine: "js",
  experimental: {{ adapter: true }},
  adapter: async () => new PrismaPg({{ connectionString: url }}),
}});
"""


@dataclass(frozen=True)
class Written:
    """The file, and whether it was written or changed now."""

    path: Path
    changed: bool


def write_prisma_config(config: Config) -> Written:
    """Write the file beside `pyproject.toml`. Raises ConfigurationError: there is one that is not as we wrote it."""
    path = config.root / NAME
    body = _BODY.format(
        schema=_relative(config.schema_dir, config), migrations=_relative(config.migrations_dir, config)
    )
    text = f"{_FIRST}{_digest(body)}\n{body}"
    present = path.read_text(encoding="utf-8") if path.exists() else None
    if present == text:
        return Written(path, changed=False)
    if present is not None and not _is_ours(present):
        raise ConfigurationError(
            "there is one already, and it has been written or changed by hand",
            file=path,
            hint="Move it away to have it written anew.",
        )
    unfinished = path.with_name(f".{NAME}.new")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)
    return Written(path, changed=True)


def _is_ours(text: str) -> bool:
    first, _, body = text.partition("\n")
    return first == f"{_FIRST}{_digest(body)}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _relative(path: Path, config: Config) -> str:
    return Path(os.path.relpath(path, config.root)).as_posix()
