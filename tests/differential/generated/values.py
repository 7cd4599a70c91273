"""Values for the generated operations: mostly such as the content holds, so that filters find something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from harness.values import DB_NULL, JSON_NULL, Document
from hypothesis import strategies as st

Pools = Mapping[tuple[str, str], list[Any]]
"""For each model and field the values in the content, without None; for lists their elements."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 20), st.sampled_from(["", "a", "blue", "x", 1.5, "ü"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "b", "color", "tags"]), inner, max_size=2)
    ),
    max_leaves=4,
)
INSTANTS = (
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    datetime(2024, 6, 15, 12, 30, 45, 678000, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
)
GENERIC: dict[str, st.SearchStrategy[Any]] = {
    "String": st.one_of(
        st.sampled_from(["", "a", "Ada", "100%", "e_", "\\", "é", "gift", "pen", "🦋"]),
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
    ),
    "Int": st.one_of(st.integers(-5, 50), st.sampled_from([0, 1, 2, 5, 10, 2**31 - 1, -(2**31)])),
    "BigInt": st.one_of(st.integers(-5, 20), st.sampled_from([2**53 + 1, 2**63 - 1, -(2**63)])),
    "Float": st.sampled_from([0.0, 0.1, 1.5, -2.25, 7, 1e-7, 1e21, 100.0]),
    "Decimal": st.sampled_from(["0", "0.1", "1.50", "-2.25", "7.25", "123456.789", "0.0000001"]).map(Decimal),
    "Boolean": st.booleans(),
    "DateTime": st.sampled_from(INSTANTS),
    "Bytes": st.sampled_from([b"", b"\x00", b"\x01", b"\xff\xfe", b"abc"]),
    "Json": DOCUMENTS.filter(lambda document: document is not None).map(Document),
}  # fmt: skip
UUIDS = st.integers(100, 400).map(lambda number: f"00000000-0000-4000-8000-{number:012}")
IDS = st.integers(1, 999).map(lambda number: f"n{number}")
NEW_KEYS = {"String": IDS, "Int": st.integers(1, 3000), "BigInt": st.integers(1, 3000)}
PATHS = st.sampled_from([["color"], ["tags"], ["tags", "0"], ["size", "h"], ["a"], ["theme"], ["0"], ["deep", "a"]])
SEARCHES = st.sampled_from(["Ada", "pen", "dream | mug", "writes & well", "!desk", "solid"])
NULLS = {"DbNull": DB_NULL, "JsonNull": JSON_NULL}


def scalar(type_name: str, pool: list[Any], *, form_matters: bool) -> st.SearchStrategy[Any]:
    """Values of one scalar type; `form_matters` for text columns that take only text of a certain form."""
    fitting = [value for value in pool if type_name == "Json" or fits(type_name, value)]
    generic = GENERIC[type_name]
    if not fitting:
        return generic
    if type_name == "Json":
        fitting = [Document(value) for value in fitting]
    if type_name == "DateTime":  # What JavaScript can say, too.
        fitting = [value.replace(microsecond=value.microsecond // 1000 * 1000) for value in fitting]
    if type_name == "String" and all(UUID.fullmatch(value) for value in fitting):
        generic = UUIDS
    elif form_matters and type_name == "String":
        return st.sampled_from(fitting)
    return st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), generic)


def fits(type_name: str, value: Any) -> bool:
    """Whether a value of the content can be an argument of a scalar type."""
    kinds: dict[str, tuple[type, ...]] = {
        "String": (str,), "Int": (int,), "BigInt": (int,), "Float": (float, int), "Decimal": (Decimal,),
        "Boolean": (bool,), "DateTime": (datetime,), "Bytes": (bytes,),
    }  # fmt: skip
    if isinstance(value, bool) or not isinstance(value, kinds[type_name]):
        return type_name == "Boolean" and isinstance(value, bool)
    return type_name != "Int" or abs(value) < 2**31


def pools_of(records: Mapping[str, list[dict[str, Any]]]) -> Pools:
    """The values of each field in the records of each model."""
    pools: dict[tuple[str, str], list[Any]] = {}
    for model, rows in records.items():
        for row in rows:
            for name, value in row.items():
                items = value if isinstance(value, list) else [value]
                pools.setdefault((model, name), []).extend(item for item in items if item is not None)
    return pools
