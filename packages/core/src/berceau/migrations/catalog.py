"""What a database consists of, read from PostgreSQL's own catalogs: by it a migration is judged, not by its text.

Tables and columns carry their identity (oid, number), which a rename keeps and a drop ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from berceau_engine.postgres import Connection, quote_identifier

_OURS = """n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'berceau_shadow')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = {oid} AND e.deptype = 'e')"""
_TABLES = f"""
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, c.relrowsecurity,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> '_prisma_migrations' AND {_OURS.format(oid="c.oid")}
ORDER BY n.nspname, c.relname
"""  # noqa: S608 - constants of this module
_COLUMNS = """
SELECT a.attrelid::bigint, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod) AS type, a.atttypid::bigint,
       a.attnotnull, a.attidentity::text || a.attgenerated::text AS kind, pg_get_expr(d.adbin, d.adrelid) AS value
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY($1::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_INDEXES = """
SELECT i.indrelid::bigint, c.relname, i.indisunique, i.indisprimary, i.indkey::int2[]::int[] AS columns,
       pg_get_indexdef(i.indexrelid) AS definition, i.indpred IS NOT NULL AS partial, i.indnullsnotdistinct
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ANY($1::bigint[]::oid[]) ORDER BY c.relname
"""
_CONSTRAINTS = """
SELECT c.conrelid::bigint, c.conname, c.contype::text, c.confrelid::bigint, c.conkey::int2[]::int[] AS columns,
       c.confkey::int2[]::int[] AS others, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c WHERE c.conrelid = ANY($1::bigint[]::oid[]) AND c.contype <> 'n' ORDER BY c.conname
"""
_ENUMS = f"""
SELECT t.oid::bigint, n.nspname, t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS values,
       t.typarray::bigint, array_agg(e.oid::bigint ORDER BY e.enumsortorder) AS value_oids
FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {_OURS.format(oid="t.oid")} GROUP BY 1, 2, 3, 5 ORDER BY 2, 3
"""  # noqa: S608 - constants of this module
_OTHERS = f"""
SELECT 'function ' || p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid)) AS line
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND {_OURS.format(oid="p.oid")}
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {_OURS.format(oid="t.oid")}
UNION ALL SELECT 'policy ' || p.polname || ' on ' || p.polrelid::regclass || ' ' || p.polcmd::text || ' '
  || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
FROM pg_policy p
UNION ALL SELECT 'extension ' || extname FROM pg_extension
ORDER BY 1
"""  # noqa: S608 - constants of this module
_ALL_DIGITS = re.compile(r"^(time|timestamp)\(6\)")  # which is what they have without a number
_SEQUENCE = re.compile(r"nextval\('.*'::regclass\)")  # whose name changes nothing


@dataclass(frozen=True)
class Column:
    """A column; `number` stays when it is renamed. `value` is its default; `fills_itself`: rows need no value given."""

    name: str
    number: int
    type: str
    type_oid: int
    required: bool
    kind: str
    value: str | None

    @property
    def fills_itself(self) -> bool:
        """Whether rows that are there already get a value."""
        return self.value is not None or bool(self.kind)

    def __str__(self) -> str:
        type_ = _ALL_DIGITS.sub(r"\1", self.type)
        required = " NOT NULL" if self.required else ""
        value = "" if self.value is None else f" DEFAULT {_SEQUENCE.sub('nextval', self.value)}"
        return f"{self.name} {type_}{required}{value} {self.kind}".rstrip()


@dataclass(frozen=True)
class Index:
    """An index; `columns` are numbers, 0 for an expression."""

    name: str
    unique: bool
    primary: bool
    columns: tuple[int, ...]
    definition: str
    partial: bool
    nulls_alike: bool


@dataclass(frozen=True)
class Constraint:
    """A constraint. `kind` is PostgreSQL's letter; of a foreign key, `other` is the other table's oid."""

    name: str
    kind: str
    columns: tuple[int, ...]
    other: int
    other_columns: tuple[int, ...]
    definition: str


@dataclass(frozen=True)
class Table:
    """A table or view; `oid` stays when it is renamed."""

    oid: int
    schema: str
    name: str
    kind: str
    definition: str | None
    row_security: bool
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    constraints: tuple[Constraint, ...]

    @property
    def is_view(self) -> bool:
        """Whether it is a view, which holds no rows of its own."""
        return self.kind in "vm"

    @property
    def sql(self) -> str:
        """Its name for use in SQL."""
        return f"{quote_identifier(self.schema)}.{quote_identifier(self.name)}"

    @cached_property
    def by_number(self) -> dict[int, Column]:
        """The columns by number."""
        return {column.number: column for column in self.columns}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def joins(self) -> bool:
        """Whether it is a table that Prisma makes for a many-to-many relation."""
        return self.name.startswith("_") and [column.name for column in self.columns] == ["A", "B"]


@dataclass(frozen=True)
class Enum:
    """An enum type and its values, in order; `array_oid` is the type of lists of it.

    `value_oids` stay when values are renamed.
    """

    oid: int
    schema: str
    name: str
    values: tuple[str, ...]
    array_oid: int
    value_oids: tuple[int, ...]

    def is_type_of(self, column: Column) -> bool:
        """Whether a column holds its values, or lists of them."""
        return column.type_oid in (self.oid, self.array_oid)

    @property
    def sql(self) -> str:
        """Its name for use in SQL."""
        return f"{quote_identifier(self.schema)}.{quote_identifier(self.name)}"


@dataclass(frozen=True)
class Catalog:
    """All that was made in a database, apart from its rows. `others` describes functions, triggers, policies, …"""

    tables: tuple[Table, ...]
    enums: tuple[Enum, ...]
    others: tuple[str, ...]

    @cached_property
    def by_oid(self) -> dict[int, Table]:
        """The tables and views by identity."""
        return {table.oid: table for table in self.tables}

    @cached_property
    def by_name(self) -> dict[tuple[str, str], Table]:
        """The tables and views by schema and name."""
        return {(table.schema, table.name): table for table in self.tables}

    def enum_now(self, enum: Enum) -> Enum | None:
        """What another state's enum is here: by identity, or if it has been made anew, by its name."""
        name = (enum.schema, enum.name)
        same = [one for one in self.enums if one.oid == enum.oid]
        return next(iter(same or [one for one in self.enums if (one.schema, one.name) == name]), None)

    @cached_property
    def description(self) -> frozenset[str]:
        """One line for each thing, by which two databases are compared; the order of columns and values is left out."""
        return frozenset(self._lines())

    def _lines(self) -> Iterator[str]:
        for table in self.tables:
            where = f"{table.schema}.{table.name}"
            security = " with row-level security" if table.row_security else ""
            yield f"{'view' if table.is_view else 'table'} {where}{security} {table.definition or ''}".rstrip()
            if not table.is_view:
                yield from (f"column {where}.{column}" for column in table.columns)
            yield from (f"index {index.definition}" for index in table.indexes)
            yield from (f"constraint {where} {one.name} {one.definition}" for one in table.constraints)
        for enum in self.enums:
            yield f"enum {enum.schema}.{enum.name} ({', '.join(sorted(enum.values))})"
        yield from self.others


async def read_catalog(connection: Connection) -> Catalog:
    """What the database consists of at this moment, as this connection sees it."""
    rows = await connection.fetch(_TABLES)
    oids = [row["oid"] for row in rows]
    columns: dict[int, list[Column]] = {oid: [] for oid in oids}
    indexes: dict[int, list[Index]] = {oid: [] for oid in oids}
    constraints: dict[int, list[Constraint]] = {oid: [] for oid in oids}
    for oid, *column in await connection.fetch(_COLUMNS, oids):
        columns[oid].append(Column(*column))
    for oid, name, unique, primary, numbers, *rest in await connection.fetch(_INDEXES, oids):
        indexes[oid].append(Index(name, unique, primary, tuple(numbers), *rest))
    for oid, name, kind, other, numbers, others, definition in await connection.fetch(_CONSTRAINTS, oids):
        constraints[oid].append(Constraint(name, kind, tuple(numbers or ()), other, tuple(others or ()), definition))
    tables = tuple(
        Table(
            row["oid"],
            row["nspname"],
            row["relname"],
            row["relkind"],
            row["definition"],
            row["relrowsecurity"],
            tuple(columns[row["oid"]]),
            tuple(indexes[row["oid"]]),
            tuple(constraints[row["oid"]]),
        )
        for row in rows
    )
    enums = tuple(
        Enum(oid, schema, name, tuple(values), array, tuple(value_oids))
        for oid, schema, name, values, array, value_oids in await connection.fetch(_ENUMS)
    )
    return Catalog(tables, enums, tuple(row["line"] for row in await connection.fetch(_OTHERS)))
