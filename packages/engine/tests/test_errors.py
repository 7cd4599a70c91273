"""Errors as values: copied and sent to other processes with all that they carry."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from berceau_engine import errors
from berceau_engine.errors import (
    DataError,
    MigrationError,
    PrismaError,
    SchemaError,
    SchemaProblem,
    WrongTypeError,
    error_for,
)

CLASSES = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, PrismaError) and not issubclass(found, DataError)
]


def with_a_path() -> PrismaError:
    error = WrongTypeError("expected Int", code="P2007", meta={"field": "score"})
    error.path = ("where", "score")
    return error


def made(error_class: type[PrismaError]) -> PrismaError:
    if error_class is SchemaError:
        return SchemaError([SchemaProblem("no such type", "a.prisma", 3)], "rendered", "P1012")
    if error_class is MigrationError:
        return MigrationError("failed", "P3006", {"migration": "0_init"})
    return error_class() if error_class is errors.ClientNotConnectedError else error_class("what is wrong")


EXAMPLES = [with_a_path(), *map(made, CLASSES)]
EXAMPLES += [error_for(code, f"because {code}", {"a": 1}) for code in errors.BY_CODE]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: f"{type(error).__name__} {getattr(error, 'code', '')}")
def test_a_copy_of_an_error_tells_the_same(error: PrismaError, again: Callable[[Any], Any]) -> None:
    other = again(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert other.__dict__ == error.__dict__
