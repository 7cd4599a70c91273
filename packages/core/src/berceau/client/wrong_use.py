"""The errors for wrong arguments: what was expected and what came instead, in Python names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from berceau.client.errors import (
    FieldNotFoundError,
    InputError,
    InvalidValueError,
    NullValueError,
    ValueOutOfRangeError,
    WrongTypeError,
)

if TYPE_CHECKING:
    from berceau.client.schema import InputField, InputType, ModelInfo

BOUNDS = {"Int": 2**31, "BigInt": 2**63}


def within(name: str, error: InputError) -> InputError:
    """The error, its path one step further out."""
    error.path = (name, *error.path)
    return error


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was meant, if there is one: another spelling of the same letters, else the most alike."""
    names = list(known)
    spelt = {letters(other): other for other in names}
    if (same := spelt.get(letters(name))) is not None:
        return same
    return next(iter(difflib.get_close_matches(name, names, n=1)), None)


def letters(name: str) -> str:
    """A name without what tells `ReadCommitted`, `read_committed` and `READ COMMITTED` apart."""
    return "".join(filter(str.isalnum, name)).lower()


def unknown(name: Any, known: Iterable[str], owner: str, path: tuple[str, ...] | None = None) -> FieldNotFoundError:
    """The error for a name that is not there, with the nearest that is; its path is the name unless given."""
    names = sorted(known)
    near = nearest(str(name), names)
    hint = f"; did you mean {near!r}?" if near else f"; known are {', '.join(names)}"
    error = FieldNotFoundError(f"{owner} has no {name!r}{hint}", code="P2009")
    error.path = (str(name),) if path is None else path
    return error


def wrong_type(expected: InputField | str, value: Any) -> InvalidValueError:
    """The error for a value of a type that the argument does not take, or for text that no value of an enum is."""
    if isinstance(expected, str):
        return WrongTypeError(f"expected {expected}, found {shown(value)}", code="P2009")
    return wrong_value(accepted_types(expected), expected.enum_values, value)


def wrong_value(expected: str, choice: Iterable[str] | None, value: Any) -> InvalidValueError:
    """The error for a value that is none of those to choose from."""
    near = nearest(value, choice or ()) if isinstance(value, str) else None
    hint = f"; did you mean {near!r}?" if near else ""
    error_class = InvalidValueError if choice is not None and isinstance(value, str) else WrongTypeError
    return error_class(f"expected {expected}, found {shown(value)}{hint}", code="P2009")


def wrong_element(field: InputField, value: Any) -> InputError:
    """The error for an element of a list that the argument does not take."""
    expected = sorted(field.list_scalars)
    if field.enum_values is not None:
        expected.append(f"one of {', '.join(field.enum_values)}")
    expected += [object_name(type_) for type_ in (field.list_object,) if type_ is not None]
    text = " or ".join(expected)
    if value is None:
        return NullValueError(f"must not be None: expected {text}", code="P2012")
    return wrong_value(text, field.enum_values, value)


def not_omitted(name: Any, model: ModelInfo) -> InputError:
    """The error for a name that `omit` does not take."""
    scalars = [field for field in model.fields if field not in model.relations]
    if name not in model.relations:
        return unknown(name, scalars, model.name)
    error = FieldNotFoundError("is a relation, which is loaded only where `include` or `select` names it", code="P2009")
    error.path = (name,)
    return error


def unusable(error: Exception) -> InvalidValueError:
    """The error for a value of the right type that cannot be converted; `error` tells why."""
    if isinstance(error, OverflowError):
        return ValueOutOfRangeError(str(error), code="P2020")
    return InvalidValueError(str(error), code="P2009")


def null_byte() -> InvalidValueError:
    """The error for text that PostgreSQL cannot hold."""
    return InvalidValueError("PostgreSQL's text cannot hold null bytes", code="P2007")


def null_value(field: InputField) -> NullValueError:
    """The error for None where no null may be."""
    hint = "; JSON's own null is Json(None)" if "Json" in field.scalars else ""
    return NullValueError(f"must not be None: expected {accepted_types(field)}{hint}", code="P2012")


def out_of_range(scalar: str, value: int) -> ValueOutOfRangeError:
    """The error for a number that an `Int` or `BigInt` cannot hold."""
    bound = BOUNDS[scalar]
    return ValueOutOfRangeError(f"{value} does not fit {article(scalar)} ({-bound} to {bound - 1})", code="P2020")


def article(scalar: str) -> str:
    """The type with its article."""
    return f"an {scalar}" if scalar[0] in "AEIO" else f"a {scalar}"


def accepted_types(field: InputField) -> str:
    """What an argument takes, in words."""
    expected = sorted(field.scalars)
    if field.enum_values is not None:
        values = f"one of {', '.join(field.enum_values)}"
        expected.append(f"list of {values}" if field.enum_list and not field.enum_single else values)
    expected += [object_name(type_) for type_ in (field.object,) if type_ is not None]
    expected += [f"list of {name}" for name in sorted(field.list_scalars)]
    expected += [f"list of {object_name(type_)}" for type_ in (field.list_object,) if type_ is not None]
    return " or ".join(expected)


def object_name(type_: InputType) -> str:
    """An input object: by its keys where they are operators of an update, else by its name in `types`."""
    names = type_.names()
    return f"{{{', '.join(names)}}}" if "set" in names else type_.name


def shown(value: Any) -> str:
    """A value's type, and the value itself where it is short."""
    text = repr(value) if isinstance(value, (str, int, float, bool)) else ""
    name = "None" if value is None else type(value).__name__
    return f"{name} {text}".strip() if len(text) < 40 else name
