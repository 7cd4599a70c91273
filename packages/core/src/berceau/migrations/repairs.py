"""Puts right what Prisma's generated SQL is known to get wrong, so that PostgreSQL takes it.

Only scripts that Prisma has generated go through here; what people and components write is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from berceau_engine.postgres import quote_identifier

_SERIALS = {"SERIAL": "INTEGER", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}
_SERIAL_TYPE = re.compile(r"(SET DATA TYPE )(SMALLSERIAL|BIGSERIAL|SERIAL)\b")
_INDEX = re.compile(
    r"^CREATE (?:UNIQUE )?INDEX .*? USING (?:HASH|GIN|GIST|SPGIST|BRIN) .*$", re.MULTILINE | re.IGNORECASE
)
_STEP = re.compile(r"(?=^-- (?:Create|Alter|Drop|Add|Rename|Redefine)\w+$)", re.MULTILINE)
_OWNED = re.compile(
    r'^ALTER SEQUENCE ((?:"[^"]+"\.)?)(\w+) OWNED BY (?:"[^"]+"\.)?"([^"]+)"\."([^"]+)";$', re.MULTILINE
)
_ENUM = re.compile(r"^(CREATE TYPE .*? AS ENUM \('|ALTER TYPE .*? ADD VALUE ')(.*)('\)?;)$", re.MULTILINE)
_LONE_QUOTE = re.compile(r"(?<!')'(?!')")
_DROPPED = re.compile(
    r'^ALTER TABLE (?P<schema>"[^"]+"\.)"(?P<table>[^"]+)" (?P<changes>[^;]*);\n'
    r'(?P<drops>(?:DROP SEQUENCE "[^"]*";\n?)+)',
    re.MULTILINE,
)
_NUMBERS = re.compile(r"ARRAY\[(-?\d+(?:, -?\d+)*)\]::(?:SMALLINT|OID)\[\]")
_STRING = re.compile(r"('(?:[^']|'')*')")


def repaired(script: str, schema: str | None) -> str:
    """The script as PostgreSQL takes it. With `schema`, that schema's name is taken away from all names."""
    script = _ENUM.sub(lambda found: found[1] + _quotes_doubled(found[2]) + found[3], script)
    script = _SERIAL_TYPE.sub(lambda found: found[1] + _SERIALS[found[2]], script)
    script = _INDEX.sub(lambda found: re.sub(r" (?:ASC|DESC)(?=[,)])", "", found[0]), script)
    script = _DROPPED.sub(_with_schema, script)
    script = _named_sequences(_enums_first(_outside_strings(_readable_lists, script)))
    return script if schema is None else _unqualified(script, schema)


def _quotes_doubled(values: str) -> str:
    """The values of an enum as they stand between the first quote and the last: those in the values are Prisma's to
    double, and it does not."""
    return "', '".join(_LONE_QUOTE.sub("''", value) for value in values.split("', '"))


def _named_sequences(script: str) -> str:
    """A sequence that comes to a column gets the name that it would have had from the beginning, capitals and all:
    the step that takes it away again counts on that."""
    for where, name, table, column in _OWNED.findall(script):
        old, new = where + name, where + quote_identifier(f"{table}_{column}_seq")
        script = script.replace(f"SEQUENCE {old}", f"SEQUENCE {new}").replace(f"nextval('{old}')", f"nextval('{new}')")
    return script


def _with_schema(found: re.Match[str]) -> str:
    """Prisma drops sequences without naming their PostgreSQL schema; and between two schemas it knows not even a name,
    nor which of the columns that lose their default had one."""
    names = re.findall(r'DROP SEQUENCE ("[^"]+");', found["drops"])
    drops = [f"DROP SEQUENCE {found['schema']}{name};" for name in names]
    if not names:
        columns = re.findall(r'ALTER COLUMN "([^"]+)" DROP DEFAULT', found["changes"])
        sequences = (quote_identifier(f"{found['table']}_{column}_seq") for column in columns)
        drops = [f"DROP SEQUENCE IF EXISTS {found['schema']}{name};" for name in sequences]
    return found[0].removesuffix(found["drops"]) + "\n".join(drops) + "\n"


def _readable_lists(part: str) -> str:
    """PostgreSQL shows the items of `ARRAY[7]::SMALLINT[]` with casts that Prisma cannot read: it would set the default
    again in each migration."""
    return _NUMBERS.sub(lambda found: "'{" + found[1].replace(" ", "") + "}'", part)


def _enums_first(script: str) -> str:
    """New types stand before all that may use them, and types go after all that may have used them."""
    head, *steps = _STEP.split(script)
    created = [step for step in steps if step.startswith(("-- CreateEnum", "-- CreateSchema"))]
    dropped = [step for step in steps if step.startswith("-- DropEnum")]
    others = [step for step in steps if step not in created and step not in dropped]
    ordered = [*sorted(created, key=lambda step: step.startswith("-- CreateEnum")), *others, *dropped]
    if ordered == steps:
        return script
    return head + "\n\n".join(step.strip() for step in ordered) + "\n"


def _unqualified(script: str, schema: str) -> str:
    """Prisma names the schema of its shadow database where it has no model to ask."""
    name = re.escape(quote_identifier(schema))
    script = re.sub(rf"nextval\('{name}\.", "nextval('", script)
    return _outside_strings(lambda part: re.sub(rf"{name}\.(?=\")", "", part), script)


def _outside_strings(change: Callable[[str], str], script: str) -> str:
    return "".join(part if part.startswith("'") else change(part) for part in _STRING.split(script))
