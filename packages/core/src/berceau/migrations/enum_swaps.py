"""Changes of enums in a generated script: Prisma's assume that no other step adds or drops a column of the type.

A type that loses a value is made anew, and each column moves over. Prisma lists the columns of the new schema, be they
there yet or not, forgets those that the script is about to drop, and ends the migration's transaction. A value that is
added cannot be used in the same transaction, as for a default. So these steps are written anew, from the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from berceau.migrations.catalog import Catalog, Column, Enum, Table
from berceau_engine.postgres import quote_identifier

_NAME = r'(?:"(?P<{0}schema>[^"]+)"\.)?"(?P<{0}name>[^"]+)"'
_SWAP = re.compile(
    rf"BEGIN;\nCREATE TYPE {_NAME.format('new_')} AS ENUM \((?P<values>.*?)\);\n"
    rf".*?DROP TYPE {_NAME.format('old_')};\n(?P<defaults>.*?)COMMIT;\n?",
    re.DOTALL,
)
_ADDED = re.compile(rf"(?:ALTER TYPE {_NAME.format('')} ADD VALUE '(?:[^']|'')*';\n*)+")
_VALUE = re.compile(r"'((?:[^']|'')*)'")
_SET_DEFAULT = re.compile(r'ALTER TABLE (?:"[^"]+"\.)?"([^"]+)" ALTER COLUMN "([^"]+)" SET DEFAULT .*;')


def has_changed_enums(script: str) -> bool:
    """Whether a script has such steps."""
    return bool(_SWAP.search(script)) or any(_is_used(found, script) for found in _ADDED.finditer(script))


def with_safe_enums(script: str, catalog: Catalog, schema: str) -> str:
    """The script with these steps written for the database that it starts from."""

    def swapped(found: re.Match[str]) -> str:
        swap = _of(found["old_name"].removesuffix("_old"), found["old_schema"])
        return swap.text(_values(found["values"]), found["defaults"]) if swap else found[0]

    def added(found: re.Match[str]) -> str:
        swap = _of(found["name"], found["schema"]) if _is_used(found, script) else None
        return swap.text((*swap.enum.values, *_values(found[0])), "") + "\n" if swap else found[0]

    def _of(name: str, named: str | None) -> _Swap | None:
        enum = next((one for one in catalog.enums if one.name == name and one.schema == (named or schema)), None)
        return _Swap(enum, catalog, script, schema) if enum else None

    return _ADDED.sub(added, _SWAP.sub(swapped, script))


@dataclass(frozen=True)
class _Swap:
    """One type that is made anew."""

    enum: Enum
    catalog: Catalog
    script: str
    schema: str

    def text(self, values: tuple[str, ...], defaults: str) -> str:
        """The statements; `defaults` are those that Prisma sets afterwards."""
        new, old = (self._sql(f"{self.enum.name}_{age}") for age in ("new", "old"))
        literals = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        lines = [f"CREATE TYPE {new} AS ENUM ({literals});"]
        for table, column in self._columns():
            lines += self._moved(table, column, new)
        lines += [
            f"ALTER TYPE {self._sql(self.enum.name)} RENAME TO {quote_identifier(self.enum.name + '_old')};",
            f"ALTER TYPE {new} RENAME TO {quote_identifier(self.enum.name)};",
            f"DROP TYPE {old};",
            *self._defaults(values, defaults),
        ]
        return "\n".join(lines) + "\n"

    def _moved(self, table: Table, column: Column, new: str) -> Iterator[str]:
        name, brackets = quote_identifier(column.name), "[]" if column.type.endswith("[]") else ""
        alter = f"ALTER TABLE {self._sql(table.name, table.schema)} ALTER COLUMN {name}"
        if column.value is not None:
            yield f"{alter} DROP DEFAULT;"
        if self._is_dropped(table, column):
            yield f"{alter} TYPE TEXT{brackets} USING ({name}::text{brackets});"
        else:
            yield f"{alter} TYPE {new}{brackets} USING ({name}::text{brackets}::{new}{brackets});"

    def _defaults(self, values: tuple[str, ...], defaults: str) -> Iterator[str]:
        columns = {(table.name, column.name): (table, column) for table, column in self._columns()}
        lines = [(found[1], found[2], found[0]) for found in _SET_DEFAULT.finditer(defaults)]
        yield from (line for table, column, line in lines if (table, column) in columns)
        set_anyway = {(table, column) for table, column, _ in lines}
        for key, (table, column) in columns.items():
            if column.value is None or key in set_anyway or self._is_dropped(table, column):
                continue
            if all(value in values for value in _values(column.value.replace("{", "'").replace("}", "'"))):
                where = (
                    f"ALTER TABLE {self._sql(table.name, table.schema)} ALTER COLUMN {quote_identifier(column.name)}"
                )
                yield f"{where} SET DEFAULT {column.value};"

    def _columns(self) -> Iterator[tuple[Table, Column]]:
        for table in self.catalog.tables:
            for column in table.columns:
                if not table.is_view and self.enum.is_type_of(column):
                    yield table, column

    def _is_dropped(self, table: Table, column: Column) -> bool:
        name = rf'(?:"{re.escape(table.schema)}"\.)?"{re.escape(table.name)}"'
        if re.search(rf"^DROP TABLE {name};", self.script, re.MULTILINE):
            return True
        changes = re.findall(rf"^ALTER TABLE {name}(.*?);$", self.script, re.MULTILINE | re.DOTALL)
        return any(f'DROP COLUMN "{column.name}"' in change for change in changes)

    def _sql(self, name: str, schema: str | None = None) -> str:
        schema = schema or self.enum.schema
        return (
            quote_identifier(name) if schema == self.schema else f"{quote_identifier(schema)}.{quote_identifier(name)}"
        )


def _is_used(added: re.Match[str], script: str) -> bool:
    """Whether a value that is added is used in the rest of the script."""
    rest = script.replace(added[0], "")
    return any("'" + value.replace("'", "''") + "'" in rest for value in _values(added[0]))


def _values(text: str) -> tuple[str, ...]:
    return tuple(value.replace("''", "'") for value in _VALUE.findall(text))
