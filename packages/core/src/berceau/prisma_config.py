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
//   npm install --save-dev prisma@6.19.3 @prisma/adapter-pg@7.10.0
//   MIGRATION_DATABASE_URL=postgresql://… npx prisma migrate status
//
// Prisma 6.19 works through the adapter, with an engine that comes with it; Prisma 7 downloads one.
import {{ cpSync, readFileSync, writeFileSync }} from "node:fs";
import {{ createRequire }} from "node:module";
import {{ join }} from "node:path";
import {{ defineConfig }} from "prisma/config";

const root = import.meta.dirname;
const load = createRequire(join(root, "package.json"));
const schema = join(root, "{schema}");
const migrations = {{ path: join(root, "{migrations}") }};
const url = process.env.MIGRATION_DATABASE_URL || process.env.DATABASE_URL || "";

// Prisma 6 wants an address in the schema, which it does not use; Prisma 7 and Berceau want none.
function withAddress() {{
  const copy = join(root, "node_modules", ".berceau-schema");
  cpSync(schema, copy, {{ recursive: true }});
  const main = join(copy, "main.prisma");
  writeFileSync(main, readFileSync(main, "utf8").replace("datasource db {{", '$&\\n  url = "postgresql://unused"'));
  return copy;
}}

async function adapter() {{
  const {{ PrismaPg }} = load("@prisma/adapter-pg");
  const address = new URL(url.replace("@/", "@localhost/"));
  const factory = new PrismaPg(
    {{
      host: address.searchParams.get("host") || address.hostname,
      port: Number(address.port || 5432),
      user: decodeURIComponent(address.username),
      password: decodeURIComponent(address.password),
      database: decodeURIComponent(address.pathname.slice(1)),
    }},
    {{ schema: address.searchParams.get("schema") || "public" }},
  );
  for (const method of ["connect", "connectToShadowDb"]) {{
    const open = factory[method].bind(factory);
    factory[method] = async () => understood(await open());
  }}
  return factory;
}}

// What the engine of 6.19 and this adapter need to understand each other: PostgreSQL's own type "char" (18), which the
// adapter does not know, is read as text (25) and called a character (6); and connections to a shadow database end
// before it is dropped.
function understood(connection) {{
  const pool = connection.underlyingDriver();
  const {{ query, end }} = pool;
  const {{ queryRaw, dispose }} = connection;
  let characters = [];
  pool.query = async (...words) => {{
    const result = await query.apply(pool, words);
    characters = (result.fields ?? []).map((field) => field.dataTypeID === 18);
    result.fields?.forEach((field) => (field.dataTypeID = field.dataTypeID === 18 ? 25 : field.dataTypeID));
    return result;
  }};
  connection.queryRaw = async (query) => {{
    const result = await queryRaw.call(connection, query);
    return {{ ...result, columnTypes: result.columnTypes.map((type, at) => (characters[at] ? 6 : type)) }};
  }};
  connection.dispose = async () => {{
    await end.call(pool);
    pool.end = async () => {{}};
    await dispose.call(connection);
  }};
  return connection;
}}

const six = load("prisma/package.json").version.startsWith("6.");
export default defineConfig(
  six
    ? {{ schema: withAddress(), migrations, engine: "js", experimental: {{ adapter: true }}, adapter }}
    : {{ schema, migrations, datasource: {{ url }} }},
);
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
