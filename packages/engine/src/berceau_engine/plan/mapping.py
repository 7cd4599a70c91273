"""The result structure of a plan, compiled to functions that make a query's records into result objects.

For rows that come straight from the driver one function is generated per structure and set of columns: it reads
columns by position, writes the values of each object as one dictionary display and has all objects made in one call.
JSON columns, which hold related records, are parsed and made into objects for all rows together; so are related records
whose fields are columns (`related_columns.py`; their node has a `presentName`). Rows that have been
through a plan's other steps are dictionaries, and are mapped by name; so are the records inside JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

import orjson

from berceau_engine.errors import EngineError, error_for
from berceau_engine.plan.columns import Column, from_timestamp
from berceau_engine.plan.conversion import Convert, converter, is_ready
from berceau_engine.plan.results import RecordType, ResultTypes

RowsMapper = Callable[[Sequence[Any]], list[Any]]
"""From rows, or from the values of one column, to as many results."""

Read = Callable[["Code", str, Mapping[str, Any] | None], str]
"""Gives the expression for a value of the row by its name and field type; without a type as it comes."""

READY = {"string": "str", "int": "int", "bigint": "int", "float": "float", "boolean": "bool"}
"""Field type → the class of plain and JSON values that need no conversion."""


@dataclass
class Code:
    """One generated function in the making: its names with the objects that they stand for, and its columns."""

    names: dict[str, Any] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)

    def bind(self, value: Any) -> str:
        """A name for an object that the generated code uses."""
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def column(self, convert: RowsMapper, source: str) -> str:
        """A name for the row's value of a column that is converted as a whole."""
        self.columns.append(f"{self.bind(convert)}([{source} for r in rows])")
        return f"c{len(self.columns) - 1}"

    def function(self, expression: str, make: RowsMapper | None) -> RowsMapper:
        """The function from rows to `expression` of each row `r`, with `make` of all of those."""
        targets = ", ".join(["r", *(f"c{number}" for number in range(len(self.columns)))])
        rows = f"zip({', '.join(['rows', *self.columns])})" if self.columns else "rows"
        values = f"[{expression} for {targets} in {rows}]"
        code = f"lambda rows: {values}" if make is None else f"lambda rows: {self.bind(make)}({values})"
        return eval(code, self.names)  # type: ignore[no-any-return]  # noqa: S307


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

    def by_position(self, columns: Sequence[Column]) -> RowsMapper:
        """A function from the driver's records with these columns to the result objects."""
        places = {column.name: (index, column) for index, column in enumerate(columns)}

        def read(code: Code, name: str, spec: Mapping[str, Any] | None) -> str:
            if name not in places:
                raise missing(name)
            index, column = places[name]
            source = f"r[{index}]"
            if spec is None:
                return source
            convert = self.converter(spec, column)
            empty = "[]" if spec["arity"] == "list" else "None"
            if convert is None:
                return f"({source} or [])" if spec["arity"] == "list" else source
            if convert is from_timestamp:
                return f"(v if (v := {source}) is None or v.tzinfo else {code.bind(convert)}(v))"
            return f"({empty} if (v := {source}) is None else {code.bind(convert)}(v))"

        return self.objects(self.spec["fields"], (), read)

    def by_name(self, fields: Mapping[str, Any], path: tuple[str, ...]) -> RowsMapper:
        """A function from dictionaries of plain or JSON values to the result objects."""

        def read(code: Code, name: str, spec: Mapping[str, Any] | None) -> str:
            source = f"r[{name!r}]"
            if spec is None:
                return source
            convert = code.bind(self.converter(spec, None))
            if spec["arity"] == "list":
                return f"([] if (v := {source}) is None else {convert}(v))"
            ready = f".__class__ is {READY[spec['type']]} or v" if spec["type"] in READY else ""
            return f"(v if (v := {source}){ready} is None else {convert}(v))"

        return self.objects(fields, path, read)

    def objects(self, fields: Mapping[str, Any], path: tuple[str, ...], read: Read) -> RowsMapper:
        """The function from rows to the objects at `path`, whose fields are read by `read`."""
        code = Code()
        record = self.types.record(path, tuple(fields))
        return code.function(self.display(code, fields, path, read, record), record.make_all)

    def display(
        self, code: Code, fields: Mapping[str, Any], path: tuple[str, ...], read: Read, record: RecordType
    ) -> str:
        """The Python expression for the dictionary of an object's values, from the row `r`."""
        items = {}
        for name, node in fields.items():
            inside = (*path, name)
            if node["type"] == "field":
                value = read(code, node["dbName"], node["fieldType"])
            elif node["type"] != "object":
                raise EngineError(f"The plan maps field {name!r} in an unknown way: {node['type']}")
            elif "presentName" in node:
                value = code.column(self.related(node, inside, read), "r")
            elif node["serializedName"] is None:
                inner = self.types.record(inside, tuple(node["fields"]))
                value = self.display(code, node["fields"], inside, read, inner)
                if inner.make_all is not None:
                    value = f"{code.bind(inner.make_all)}([{value}])[0]"
            else:
                value = code.column(self.nested(node, inside), read(code, node["serializedName"], None))
            items[record.names.get(name, name)] = value
        for name, constant in record.constants.items():
            items.setdefault(name, code.bind(constant))
        return "{" + ", ".join(f"{name!r}: {value}" for name, value in items.items()) + "}"

    def related(self, node: Mapping[str, Any], path: tuple[str, ...], read: Read) -> RowsMapper:
        """A function from rows to the records that have columns beside the row's own; None where there is none."""
        build, code = self.objects(node["fields"], path, read), Code()
        is_present = code.function(read(code, node["presentName"], None), None)
        return lambda rows: of_present(build, rows, is_present(rows))

    def nested(self, node: Mapping[str, Any], path: tuple[str, ...]) -> RowsMapper:
        """A function for what one column, or one name, holds in each row: JSON text, a list, a record or None."""
        build = self.by_name(node["fields"], path)
        loads = loads_for(node)

        def convert(values: Sequence[Any]) -> list[Any]:
            if str in map(type, values):
                values = loads(f"[{','.join([value or 'null' for value in values])}]")
            if list not in map(type, values):
                return of_present(build, values, [value is not None for value in values])
            lists = [value if value is None else [item for item in value if item is not None] for value in values]
            built = iter(build([item for value in lists for item in value or ()]))
            return [value if value is None else [*islice(built, len(value))] for value in lists]

        return convert

    def whole(self) -> Convert:
        """A function for a value that a plan's other steps have made."""
        if self.kind == "affectedRows":
            return lambda count: {"count": count}
        if self.kind == "field":
            convert = self.converter(self.spec["fieldType"], None)
            return lambda value: value if value is None or convert is None else convert(value)
        build = self.nested(self.spec, ())
        return lambda value: build([value])[0]

    def converter(self, spec: Mapping[str, Any], column: Column | None) -> Convert | None:
        """The conversion of one field from a driver's column, or from a plain or JSON value where it is None."""
        if column is not None and is_ready(spec, column):
            return column.decode
        decode = column.decode if column is not None else None
        convert = converter(spec, self.enums, self.types.enum, self.types.binary)
        if decode is None:
            return convert
        return lambda value: convert(decode(value))


def of_present(build: RowsMapper, values: Sequence[Any], present: Sequence[Any]) -> list[Any]:
    """What is built of the values that are present; None for the others."""
    if all(present):
        return build(values)
    built = iter(build([value for value, is_present in zip(values, present, strict=True) if is_present]))
    return [next(built) if is_present else None for is_present in present]


def loads_for(node: Mapping[str, Any]) -> Callable[[str], Any]:
    """The fastest parser that loses nothing of the values inside an object."""
    types = types_in(node)
    if "decimal" in types:
        return exact_loads
    # Documents may hold whole numbers of any size, which orjson makes floats.
    return orjson.loads if types <= PLAIN else json.loads


PLAIN = {"string", "int", "bigint", "float", "boolean", "datetime", "enum", "bytes"}


def types_in(node: Mapping[str, Any]) -> set[str]:
    """The types of the fields of the object, and of those inside it."""
    if node["type"] == "field":
        return {node["fieldType"]["type"]}
    return set().union(*map(types_in, node["fields"].values()))


def exact_loads(text: str) -> Any:
    """The JSON value, fractions as Decimals, so that no digit is lost."""
    return json.loads(text, parse_float=Decimal)


def missing(name: str) -> Exception:
    """The error for a column that the plan wants and the rows do not have."""
    return error_for("P2023", f"The database returned no column {name!r}; does its schema fit the client's?")
