"""JavaScript's values and their rules, as the engines rely on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berceau_engine import javascript, value_imports
from berceau_engine.javascript import UNDEFINED, JavaScriptError, Special, Steps
from berceau_engine.promise import JobQueue, Promise


def test_null_and_undefined_are_two_values_that_are_loosely_equal() -> None:
    assert UNDEFINED is not None
    assert javascript.loosely_equal(None, UNDEFINED)
    assert not javascript.strictly_equal(None, UNDEFINED)
    assert not javascript.loosely_equal(UNDEFINED, 0)
    assert not javascript.loosely_equal(None, "")


@pytest.mark.parametrize("value", [{}, [], bytearray(), Promise(JobQueue()), JavaScriptError("x"), Steps(iter(()))])
def test_what_is_an_object(value: object) -> None:
    assert javascript.is_object(value)


@pytest.mark.parametrize("value", [None, UNDEFINED, "", 0, 1.5, True, len, Special.ITERATOR])
def test_what_is_no_object(value: object) -> None:
    assert not javascript.is_object(value)


def test_a_list_can_be_iterated_and_an_object_cannot() -> None:
    assert javascript.get({"a": 1}, Special.ITERATOR) is UNDEFINED
    steps = javascript.get([1, 2], Special.ITERATOR)()
    assert callable(steps)
    seen = []
    while not (step := steps()).done:
        seen.append(step.value)
    assert seen == [1, 2]


@pytest.mark.parametrize(
    ("owner", "key", "found"),
    [
        ({"a": None}, "a", None),
        ({"a": 1}, "b", UNDEFINED),
        ([7], 0.0, 7),
        ([7], 1, UNDEFINED),
        ([7], "length", 1),
        ("text", "length", UNDEFINED),
        (None, "a", UNDEFINED),
    ],
)
def test_a_property_that_is_not_there_is_undefined(owner: object, key: object, found: object) -> None:
    assert javascript.get(owner, key) is found or javascript.get(owner, key) == found


def test_true_is_not_one_and_one_is_one_point_zero() -> None:
    assert not javascript.strictly_equal(True, 1)
    assert javascript.strictly_equal(1, 1.0)
    assert not javascript.strictly_equal([], [])
    assert not javascript.strictly_equal("1", 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (2.0, "2"),
        (2.5, "2.5"),
        (None, "null"),
        (UNDEFINED, "undefined"),
        ({}, "[object Object]"),
        (JavaScriptError("bad"), "Error: bad"),
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    assert javascript.to_string(value) == text


def test_any_value_can_be_described_for_a_developer() -> None:
    value = {"a": [1, UNDEFINED, JavaScriptError("bad")]}
    assert javascript.debug_string(value) == '{"a": [1, "undefined", "Error: bad"]}'


def test_undefined_properties_are_left_out() -> None:
    assert javascript.without_undefined({"a": UNDEFINED, "b": [{"c": UNDEFINED, "d": None}]}) == {"b": [{"d": None}]}


@given(st.floats(allow_nan=False))
def test_a_number_keeps_its_value_and_whole_ones_become_int(value: float) -> None:
    result = value_imports.cast_number(value)
    assert result == value
    assert isinstance(result, int) == value.is_integer()


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_unsigned_number_keeps_its_bits(value: int) -> None:
    assert value_imports.cast_u64(value) == value % 2**64


def test_a_list_grows_with_undefined_up_to_the_index_set() -> None:
    values: list[object] = []
    value_imports.list_set(values, 2, "c")
    assert values == [UNDEFINED, UNDEFINED, "c"]


@pytest.mark.parametrize(
    ("value", "safe"), [(1, True), (1.0, True), (1.5, False), (2**53, False), (True, False), ("1", False)]
)
def test_what_is_a_safe_integer(value: object, safe: bool) -> None:
    assert bool(value_imports.is_safe_integer(value)) is safe
