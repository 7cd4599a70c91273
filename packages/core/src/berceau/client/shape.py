"""A call taken apart: its shape, which finds the plan, and its values, which the plan is run with.

The walk over the arguments is the work of every call, so it builds neither the query nor any text: it lists tokens,
whose tuple is the key of the plan cache. Only when the cache has no plan are the tokens made into the query that the
compiler gets, with placeholders where the values were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

from berceau.client.arguments import BIGINT_MAX, BIGINT_MIN, INT_MAX, INT_MIN, INTEGER, normalized, tagged
from berceau.client.errors import InputError, InvalidValueError
from berceau.client.fields import FieldRef, Json
from berceau.client.schema import NULLABLE, PLACEHOLDER, REQUIRED, InputField, InputType, ModelInfo, Schema
from berceau.client.wrong_use import (
    not_omitted,
    null_byte,
    null_value,
    out_of_range,
    unknown,
    unusable,
    within,
    wrong_element,
    wrong_type,
)


class Mark:
    """Where an object or a list begins or ends among the tokens."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


OPEN, CLOSE, LIST, END = Mark("{"), Mark("}"), Mark("["), Mark("]")


class Implied(str):
    """The name of an argument that the caller has not written, so that it is in no path."""

    __slots__ = ()


class Placeholder(NamedTuple):
    """A value that the plan gets when it runs: its number, its type, and for lists that of the elements."""

    number: int
    type: str
    inner: str | None = None

    def query(self) -> dict[str, Any]:
        """As the compiler wants it."""
        value: dict[str, Any] = {"name": f"%{self.number}", "type": self.type}
        if self.inner is not None:
            value["inner"] = {"type": self.inner}
        return {"$type": "Param", "value": value}


class Literal(NamedTuple):
    """A value that is part of the shape; its Python type keeps 1, 1.0 and True apart."""

    type: type
    value: Any
    placeholder_type: str = ""

    def query(self) -> Any:
        """As the compiler wants it."""
        if self.type is list:
            return [tagged(self.placeholder_type, item) for item in self.value]
        return tagged(self.placeholder_type, self.value)


TRUE, FALSE, NULL = Literal(bool, True), Literal(bool, False), Literal(type(None), None)
DB_NULL = Literal(dict, "DbNull", "Enum")


class Shape:
    """The tokens and values of one call."""

    __slots__ = ("_schema", "_seen", "tokens", "values")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.tokens: list[Any] = []
        self.values: dict[str, Any] = {}
        self._seen: dict[Any, Placeholder] = {}

    # ------------------------------------------------------------ arguments

    def arguments(self, type_: InputType, arguments: Mapping[str, Any]) -> None:
        """Add the arguments of an operation; those that are None were not given."""
        self.tokens.append(OPEN)
        for name, value in arguments.items():
            if value is not None:
                self._entry(type_, name, value)
            elif (field := type_.get(name)) is not None and field.flags & REQUIRED:
                raise within(name, null_value(field))
        self.tokens.append(CLOSE)

    def _object(self, type_: InputType, value: Mapping[str, Any]) -> None:
        self.tokens.append(OPEN)
        for name, item in value.items():
            self._entry(type_, name, item)
        self.tokens.append(CLOSE)

    def _entry(self, type_: InputType, name: str, value: Any) -> None:
        field = type_.get(name)
        if field is None:
            raise unknown(name, type_.names(), type_.name)
        self.tokens.append(field.name)
        try:
            self._value(field, value)
        except InputError as error:
            raise within(name, error) from None

    def _value(self, field: InputField, value: Any) -> None:
        accept = field.accepts.get(type(value))
        if accept is not None:
            placeholder_type, convert = accept
            if convert is not None:
                try:
                    value = convert(value)
                except (ValueError, TypeError, OverflowError) as error:
                    raise unusable(error) from None
            self._scalar(field, placeholder_type, value)
        elif value is None:
            self._null(field)
        elif type(value) is dict and field.object is not None:
            self._object(field.object, value)
        elif type(value) is list:
            self._list(field, value)
        elif type(value) is FieldRef and field.references:
            self.tokens.append(value)
        elif type(value) is Json and (filter_ := document_filter(field)) is not None:
            self._object(filter_, {"equals": value})
        elif field.enum_values is not None and isinstance(name := enum_name(value), str) and name in field.enum_values:
            self._enum(field, name)
        else:
            plain = normalized(value)
            if type(plain) is type(value):
                raise wrong_type(field, value)
            self._value(field, plain)

    def _null(self, field: InputField) -> None:
        if field.enum_values is not None and "DbNull" in field.enum_values:
            self.tokens.append(DB_NULL)
        elif field.flags & NULLABLE:
            self.tokens.append(NULL)
        elif (filter_ := document_filter(field)) is not None:
            self._object(filter_, {"equals": None})
        else:
            raise null_value(field)

    def _scalar(self, field: InputField, placeholder_type: str, value: Any) -> None:
        if placeholder_type is INTEGER:
            placeholder_type = integer_type(field, value)
        elif placeholder_type == "String" and "\0" in value:
            raise null_byte()
        if field.flags & PLACEHOLDER:
            self.tokens.append(self._placeholder(placeholder_type, value))
        else:
            self.tokens.append(Literal(type(value), encodable(value), placeholder_type))

    def _enum(self, field: InputField, name: str) -> None:
        if field.flags & PLACEHOLDER:
            assert field.enum_values is not None
            self.tokens.append(self._placeholder("Enum", field.enum_values[name]))
        else:
            self.tokens.append(Literal(str, name))

    def _placeholder(self, placeholder_type: str, value: Any) -> Placeholder:
        """The placeholder of a value; equal values share one, since the compiler compares them."""
        known = self._seen.get((placeholder_type, value))
        if known is None:
            known = Placeholder(len(self.values) + 1, placeholder_type)
            self._seen[(placeholder_type, value)] = known
            self.values[f"%{known.number}"] = value
        return known

    def _list(self, field: InputField, values: list[Any]) -> None:
        if field.list_object is not None and (all(isinstance(item, Mapping) for item in values) or is_objects(field)):
            self.tokens.append(LIST)
            for index, item in enumerate(values):
                try:
                    if not isinstance(item, Mapping):
                        raise wrong_element(field, item)
                    self._object(field.list_object, item)
                except InputError as error:
                    raise within(str(index), error) from None
            self.tokens.append(END)
        elif values and (stored := settable(field)) is not None:
            self.tokens += (OPEN, Implied(stored.name))
            self._list(stored, values)
            self.tokens.append(CLOSE)
        elif field.enum_list and field.enum_values is not None:
            self._enum_list(field, values)
        elif field.list_scalars:
            self._scalar_list(field, values)
        else:
            raise wrong_type(field, values)

    def _enum_list(self, field: InputField, values: list[Any]) -> None:
        assert field.enum_values is not None
        names = [enum_name(value) for value in values]
        for index, (value, name) in enumerate(zip(values, names, strict=True)):
            if not isinstance(name, str) or name not in field.enum_values:
                raise within(str(index), wrong_element(field, value))
        if not names and field.name == "distinct":
            raise InvalidValueError("names no field", code="P2009")
        if names and field.flags & PLACEHOLDER:
            self._list_placeholder("Enum", [field.enum_values[str(name)] for name in names])
        else:
            self.tokens.append(Literal(list, tuple(names)))

    def _scalar_list(self, field: InputField, values: list[Any]) -> None:
        inner, plain, index = "", [], 0
        try:
            for index, value in enumerate(values):  # noqa: B007 - the handlers below need it
                accept = field.list_accepts.get(type(value))
                if accept is None:
                    value = normalized(value)
                    accept = field.list_accepts.get(type(value))
                    if accept is None:
                        raise wrong_element(field, value)
                placeholder_type, convert = accept
                value = value if convert is None else convert(value)
                plain.append(value)
                if placeholder_type is INTEGER:
                    placeholder_type = integer_type(field, value)
                elif placeholder_type == "String" and "\0" in value:
                    raise null_byte()
                inner = "BigInt" if {inner, placeholder_type} == {"Int", "BigInt"} else placeholder_type
        except InputError as error:
            raise within(str(index), error) from None
        except (ValueError, TypeError, OverflowError) as error:
            raise within(str(index), unusable(error)) from None
        if plain and field.flags & PLACEHOLDER:
            self._list_placeholder(inner, plain)
        else:
            self.tokens.append(Literal(list, tuple(map(encodable, plain)), inner))

    def _list_placeholder(self, inner: str, values: list[Any]) -> None:
        placeholder = Placeholder(len(self.values) + 1, "List", inner)
        self.values[f"%{placeholder.number}"] = values
        self.tokens.append(placeholder)

    # ------------------------------------------------------------ selection

    def selection(
        self,
        model: ModelInfo,
        include: Mapping[str, Any] | None = None,
        select: Mapping[str, Any] | None = None,
        omit: Mapping[str, Any] | None = None,
    ) -> None:
        """Add what is to be returned: all scalar fields less `omit` plus `include`, or just what `select` names."""
        for argument, value in (("include", include), ("select", select), ("omit", omit)):
            if value is not None and not isinstance(value, Mapping):
                raise within(argument, wrong_type("a dictionary", value))
        if select is not None:
            if include or omit:
                error = InputError("cannot be used together with `select`", code="P2009")
                raise within("include" if include else "omit", error)
            if not any(wanted is not None and wanted is not False for wanted in select.values()):
                raise within("select", InputError("names nothing: at least one field must be selected", code="P2009"))
        self.tokens.append(OPEN)
        if select is None:
            self.tokens += ("$scalars", TRUE)
        for name, wanted in (omit or {}).items():
            if name not in model.fields or name in model.relations:
                raise within("omit", not_omitted(name, model))
            if wanted is True:
                self.tokens += (name, FALSE)
            elif wanted is not None and wanted is not False:
                raise within("omit", within(name, wrong_type("True or False", wanted)))
        argument = "select" if select else "include"
        for name, wanted in (select or include or {}).items():
            if wanted is None or wanted is False:
                continue
            try:
                self._selected(model, name, wanted, scalars=bool(select))
            except InputError as error:
                raise within(argument, within(str(name), error)) from None
        self.tokens.append(CLOSE)

    def _selected(self, model: ModelInfo, name: str, wanted: Any, *, scalars: bool) -> None:
        self.tokens.append(name)
        if name == "_count":
            self._counts(model, wanted)
            return
        info = model.fields.get(name)
        if info is None or (info.kind != "object" and not scalars):
            raise unknown(name, model.fields if scalars else model.relations, model.name, path=())
        if info.kind != "object":
            if wanted is not True:
                raise wrong_type(f"True or False, for {model.name}.{name} is not a relation", wanted)
            self.tokens.append(TRUE)
            return
        target = self._schema.model(info.type)
        options = options_of(wanted)
        nested = {key: options.pop(key, None) for key in ("include", "select", "omit")}
        self.tokens += (OPEN, "arguments")
        self.arguments(target.actions["findMany"], options)
        self.tokens.append("selection")
        self.selection(target, **nested)
        self.tokens.append(CLOSE)

    def _counts(self, model: ModelInfo, wanted: Any) -> None:
        """`_count: True` for all relations, or `{"select": {"posts": True or {"where": …}}}`."""
        chosen = dict.fromkeys(sorted(model.counts), True) if wanted is True else counted_relations(wanted)
        self.tokens += (OPEN, "arguments", OPEN, CLOSE, "selection", OPEN)
        for name, filters in chosen.items():
            if name not in model.counts:
                raise within("select", unknown(name, model.counts, model.name))
            if filters is None or filters is False:
                continue
            self.tokens.append(name)
            if filters is True:
                self.tokens.append(TRUE)
                continue
            self.tokens += (OPEN, "arguments")
            try:
                self.arguments(self._schema.model(model.fields[name].type).actions["findMany"], options_of(filters))
            except InputError as error:
                raise within("select", within(name, error)) from None
            self.tokens += ("selection", OPEN, CLOSE, CLOSE)
        self.tokens += (CLOSE, CLOSE)

    def fields(self, selected: Mapping[str, Any]) -> None:
        """Add a selection of plain names: True, or a mapping for names further down (aggregates)."""
        self.tokens.append(OPEN)
        for name, value in selected.items():
            self.tokens.append(name)
            if value is True:
                self.tokens.append(TRUE)
            else:
                self.tokens += (OPEN, "arguments", OPEN, CLOSE, "selection")
                self.fields(value)
                self.tokens.append(CLOSE)
        self.tokens.append(CLOSE)


def query_of(tokens: Iterable[Any]) -> list[Any]:
    """The values that tokens stand for, in the JSON protocol: for a call its arguments and its selection."""
    stream = iter(tokens)
    return [read_value(token, stream) for token in stream]


def read_value(token: Any, stream: Iterator[Any]) -> Any:
    """One value that begins with `token`."""
    if token is OPEN:
        result = {}
        while (name := next(stream)) is not CLOSE:
            result[name] = read_value(next(stream), stream)
        return result
    if token is LIST:
        items = []
        while (item := next(stream)) is not END:
            items.append(read_value(item, stream))
        return items
    if token is DB_NULL:
        return {"$type": "Enum", "value": "DbNull"}
    return token.query()


def encodable(value: Any) -> Any:
    """A value that becomes part of the query. Raises `InvalidValueError` for text that is no valid Unicode."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidValueError(f"{value!r} is no valid Unicode: {error.reason}", code="P2007") from None
    return value


def options_of(wanted: Any) -> dict[str, Any]:
    """The arguments of an included relation: none, or those in a dictionary."""
    if wanted is True:
        return {}
    if not isinstance(wanted, Mapping):
        raise wrong_type("True, False or a dictionary of arguments", wanted)
    return dict(wanted)


def counted_relations(wanted: Any) -> Mapping[str, Any]:
    """The relations that `_count: {"select": …}` names."""
    if not isinstance(wanted, Mapping) or wanted.keys() != {"select"} or not isinstance(wanted["select"], Mapping):
        raise wrong_type('True, False or {"select": {relation: …}}', wanted)
    chosen: Mapping[str, Any] = wanted["select"]
    return chosen


def is_objects(field: InputField) -> bool:
    """Whether the lists that an argument takes can only be of objects."""
    return not field.list_scalars and not field.enum_list


def document_filter(field: InputField) -> InputType | None:
    """The filter on a JSON field that the argument takes, in whose place a document or None stands for `equals`."""
    equals = None if field.object is None else field.object.get("equals")
    return field.object if equals is not None and "Json" in equals.scalars else None


def settable(field: InputField) -> InputField | None:
    """For the data of a list field `set`, which says the same and takes a placeholder: else each list had its plan."""
    if field.flags & PLACEHOLDER or field.object is None or not (field.list_scalars or field.enum_list):
        return None
    stored = field.object.get("set")
    return stored if stored is not None and stored.flags & PLACEHOLDER else None


def enum_name(value: Any) -> Any:
    """The name under which an enum's value goes: of a member its value, of text the text."""
    return value.value if isinstance(value, Enum) else value


def integer_type(field: InputField, value: int) -> str:
    """`Int` or `BigInt`. Raises `ValueOutOfRangeError` when the field cannot hold the number."""
    if INT_MIN <= value <= INT_MAX:
        return "Int"
    if "BigInt" not in field.scalars and "BigInt" not in field.list_scalars:
        raise out_of_range("Int", value)
    if not BIGINT_MIN <= value <= BIGINT_MAX:
        raise out_of_range("BigInt", value)
    return "BigInt"
