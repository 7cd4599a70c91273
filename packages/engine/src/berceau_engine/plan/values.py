"""Values inside a plan: literals, placeholders and generator calls, turned once into functions of the scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from berceau_engine.errors import EngineError
from berceau_engine.plan.generators import GENERATORS, now

Scope = dict[str, Any]
"""Names to values while a plan runs: placeholders (`%1`), bindings (`0$id`), and the query's one instant."""

Getter = Callable[[Scope], Any]

NOW = "@now"


class Instant:
    """The one instant of a query, taken when it is first asked for; scopes inside scopes share it."""

    __slots__ = ("_value",)

    def __init__(self) -> None:
        self._value: datetime | None = None

    def get(self) -> datetime:
        """The instant."""
        if self._value is None:
            self._value = now()
        return self._value


def getter(value: Any) -> Getter:
    """A function that gives a plan value in a scope. Raises `EngineError` for an unknown generator."""
    if isinstance(value, dict) and "prisma__type" in value:
        inner = value["prisma__value"]
        if value["prisma__type"] == "param":
            name = inner["name"]
            return lambda scope: scope[name]
        if value["prisma__type"] == "generatorCall":
            return generator_call(inner["name"], inner["args"])
        raise EngineError(f"The plan holds a value of an unknown kind: {value['prisma__type']}")
    if isinstance(value, list):
        getters = [getter(item) for item in value]
        return lambda scope: [get(scope) for get in getters]
    return lambda scope: value


def generator_call(name: str, arguments: list[Any]) -> Getter:
    """A function that calls one of Prisma's generators."""
    if name == "now":
        return lambda scope: scope[NOW].get()
    function = GENERATORS.get(name)
    if function is None:
        raise EngineError(f"The plan calls an unknown generator: {name}")
    getters = [getter(argument) for argument in arguments]
    return lambda scope: function(*[get(scope) for get in getters])
