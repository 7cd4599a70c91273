"""Whose a table is: the component's that the record of migrations or the composed schema names, or the host's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from berceau.composition.declarations import read
from berceau.migrations.catalog import Catalog, Table
from berceau.provenance import States
from berceau_engine.schema import SchemaFile


@dataclass(frozen=True)
class Owners:
    """The components of tables and enums, by their names in the database; what is not listed is the host's."""

    tables: dict[str, str]
    enums: dict[str, str]

    @classmethod
    def of(cls, *states: States) -> Owners:
        """The owners that several states know; a later one goes before."""
        tables: dict[str, str] = {}
        enums: dict[str, str] = {}
        for one in states:
            for name, component in one.items():
                tables |= dict.fromkeys(component.tables, name)
                enums |= dict.fromkeys(component.enums, name)
        return cls(tables, enums)

    def of_table(self, table: Table, catalog: Catalog) -> str | None:
        """The component of a table; that of a many-to-many relation is its first model's."""
        if table.name in self.tables or not table.joins:
            return self.tables.get(table.name)
        others = (catalog.by_oid.get(one.other) for one in table.constraints if one.kind == "f" and one.columns == (1,))
        return next((self.tables.get(other.name) for other in others if other), None)


@dataclass(frozen=True)
class ModelNames:
    """What the schema calls things, where the database has other names: models of tables, fields of columns."""

    models: dict[str, str]
    fields: dict[tuple[str, str], str]

    @classmethod
    def of(cls, schema: Sequence[SchemaFile]) -> ModelNames:
        """The names in a schema."""
        models: dict[str, str] = {}
        fields: dict[tuple[str, str], str] = {}
        for block in (block for _, text in schema for block in read(text)):
            if block.kind not in ("model", "view", "enum"):
                continue
            models[block.database_name] = block.name
            mapped = (field for field in block.fields if field.database_name != field.name)
            fields |= {(block.database_name, field.database_name): field.name for field in mapped}
        return cls(models, fields)

    def names(self, table: str, column: str | None = None) -> set[str]:
        """All the names that a user may call a table, enum, column or value by."""
        tables = {table, self.models.get(table, table)}
        if column is None:
            return tables
        columns = {column, self.fields.get((table, column), column)}
        return {f"{one}.{other}" for one in tables for other in columns}
