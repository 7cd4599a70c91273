"""The settings of a client, checked when it is made: a wrong one is told there, not when the client connects."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from berceau.client.errors import InvalidValueError
from berceau.client.wrong_use import unknown, within, wrong_type


def address(url: Any, datasource: Any) -> str | None:
    """The database's address, from either of the two arguments; None where neither gives one.

    Raises `InvalidUrlError` for one that cannot be understood.
    """
    found = url
    path: tuple[str, ...] = ("url",)
    if datasource is not None:
        if not isinstance(datasource, Mapping):
            raise within("datasource", wrong_type('{"url": …}', datasource))
        for name in datasource:
            if name != "url":
                raise within("datasource", unknown(name, ("url",), "a datasource"))
        if not found:
            found, path = datasource.get("url"), ("datasource", "url")
    if found is not None and not isinstance(found, str):
        error = wrong_type("the database's address as text", found)
        error.path = path
        raise error
    if not found:
        return None
    from berceau_engine.url import DatabaseUrl

    DatabaseUrl.parse(found)
    return str(found)


def flag(name: str, value: Any) -> bool:
    """A setting that is True or False."""
    if not isinstance(value, bool):
        raise within(name, wrong_type("True or False", value))
    return value


def callback(name: str, value: Any) -> Callable[..., None] | None:
    """A setting that is a function, if it is given."""
    if value is not None and not callable(value):
        raise within(name, wrong_type("a function", value))
    found: Callable[..., None] | None = value
    return found


def seconds(name: str, value: Any) -> float | None:
    """A duration in seconds, from a number of seconds or a timedelta; None where it is not given."""
    if value is None:
        return None
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise within(name, wrong_type("seconds as a number, or a timedelta", value))
    if not 0 <= value < math.inf:
        raise within(name, InvalidValueError(f"must be a time from 0 seconds on, found {value:g} s", code="P2009"))
    return float(value)
