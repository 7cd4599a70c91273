"""The result structure of a plan, compiled to functions that make a query's records into result objects.

For rows that come straight from the driver one function is generated per structure and set of columns, which reads
columns by position and builds each object in one expression. Rows that have been through a plan's other steps are
dictionaries, and are mapped by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from berceau_engine.errors import EngineError, error_for
from berceau_engine.plan.columns import Column
from berceau_engine.plan.conversion import Convert, converter, is_ready
from berceau_engine.plan.results import ResultTypes

RowMapper = Callable[[Any], Any]


@dataclass
class Code:
    """One generated function in the making: its names, and the objects that they stand for."""

    names: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """A name for an object that the generated code uses."""
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def function(self, expression: str) -> RowMapper:
        """The function `lambda r: <expression>` over the bound names."""
        return eval(f"lambda r: {expression}", self.names)  # type: ignore[no-any-return]  # noqa: S307


@dataclass(frozen=True)
class Structure:
    """A `dataMap` node's structure and enums, ready to be compiled for the rows that turn up."""

    spec: Mapping[str, Any]
    enums: Mapping[str, Mapping[str, str]]
    types: ResultTypes

    @property
    def kind(self) -> str:
        """`object`, `field` or `affectedRows`."""
        return str(self.spec["type"])

    def by_position(self, columns: Sequence[Column]) -> RowMapper:
        """A function from a driver's record with these columns to the result object."""
        places = {column.name: (index, column) for index, column in enumerate(columns)}

        def read(code: Code, name: str, spec: Mapping[str, Any] | None) -> str:
            if name not in places:
                raise missing(name)
            index, column = places[name]
            source = f"r[{index}]"
            if spec is None:
                return source
            convert = self.converter(spec, column)
            if convert is None:
                return f"({source} or [])" if spec["arity"] == "list" else source
            empty = "[]" if spec["arity"] == "list" else "None"
            return f"({empty} if (v := {source}) is None else {code.bind(convert)}(v))"

        code = Code()
        return code.function(self.expression(code, self.spec["fields"], (), read))

    def by_name(self, fields: Mapping[str, Any], path: tuple[str, ...]) -> RowMapper:
        """A function from a dictionary of plain or JSON values to the result object."""

        def read(code: Code, name: str, spec: Mapping[str, Any] | None) -> str:
            source = f"r[{name!r}]"
            if spec is None:
                return source
            convert = self.converter(spec, None)
            empty = "[]" if spec["arity"] == "list" else "None"
            return f"({empty} if (v := {source}) is None else {code.bind(convert)}(v))"

        code = Code()
        return code.function(self.expression(code, fields, path, read))

    def expression(
        self,
        code: Code,
        fields: Mapping[str, Any],
        path: tuple[str, ...],
        read: Callable[[Code, str, Mapping[str, Any] | None], str],
    ) -> str:
        """The Python expression that builds the object at `path` from the row `r`."""
        record = self.types.record(path, tuple(fields))
        items = {}
        for name, node in fields.items():
            if node["type"] == "field":
                value = read(code, node["dbName"], node["fieldType"])
            elif node["type"] != "object":
                raise EngineError(f"The plan maps field {name!r} in an unknown way: {node['type']}")
            elif node["serializedName"] is None:
                value = self.expression(code, node["fields"], (*path, name), read)
            else:
                source = read(code, node["serializedName"], None)
                value = f"{code.bind(self.nested(node, (*path, name)))}({source})"
            items[record.names.get(name, name)] = value
        for name, constant in record.constants.items():
            items.setdefault(name, code.bind(constant))
        display = "{" + ", ".join(f"{name!r}: {value}" for name, value in items.items()) + "}"
        return display if record.make is None else f"{code.bind(record.make)}({display})"

    def nested(self, node: Mapping[str, Any], path: tuple[str, ...]) -> RowMapper:
        """A function for the records inside one column or under one name: JSON text, a list, a record or None."""
        build = self.by_name(node["fields"], path)
        skip_nulls = node["skipNulls"]
        loads = exact_loads if holds_decimal(node) else json.loads

        def convert(value: Any) -> Any:
            if isinstance(value, str):
                value = loads(value)
            if value is None:
                return None
            if isinstance(value, list):
                return [build(item) for item in value if not (skip_nulls and item is None)]
            return build(value)

        return convert

    def whole(self) -> RowMapper:
        """A function for a value that a plan's other steps have made."""
        if self.kind == "affectedRows":
            return lambda count: {"count": count}
        if self.kind == "field":
            convert = self.converter(self.spec["fieldType"], None)
            return lambda value: value if value is None or convert is None else convert(value)
        return self.nested(self.spec, ())

    def converter(self, spec: Mapping[str, Any], column: Column | None) -> Convert | None:
        """The conversion of one field from a driver's column, or from a plain or JSON value where it is None."""
        if column is not None and is_ready(spec, column):
            return column.decode
        decode = column.decode if column is not None else None
        convert = converter(spec, self.enums, self.types.enum, self.types.binary)
        if decode is None:
            return convert
        return lambda value: convert(decode(value))


def holds_decimal(node: Mapping[str, Any]) -> bool:
    """Whether a field of the object, or of one inside it, is a Decimal."""
    if node["type"] == "field":
        return bool(node["fieldType"]["type"] == "decimal")
    return any(map(holds_decimal, node["fields"].values()))


def exact_loads(text: str) -> Any:
    """The JSON value, fractions as Decimals, so that no digit is lost."""
    return json.loads(text, parse_float=Decimal)


def missing(name: str) -> Exception:
    """The error for a column that the plan wants and the rows do not have."""
    return error_for("P2023", f"The database returned no column {name!r}; does its schema fit the client's?")
