"""Rows in memory and SQL templates, over all inputs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from berceau_engine.plan.records import Processing, attach
from berceau_engine.plan.sql import MAX_PARAMETERS, Template

ROWS = st.lists(st.fixed_dictionaries({"id": st.integers(0, 9), "parent": st.integers(0, 3)}), max_size=30)


def processing(**changes: Any) -> Processing:
    """A `process` node that does nothing but what `changes` says."""
    empty = {"pagination": None, "distinct": None, "reverse": False, "linkingFields": None, "nested": {}}
    return Processing.read({**empty, **changes})


@given(ROWS, st.integers(0, 5), st.none() | st.integers(0, 5))
def test_paging_a_whole_list_is_a_slice(rows: list[dict[str, int]], skip: int, take: int | None) -> None:
    page = processing(pagination={"cursor": None, "skip": skip, "take": take})
    assert page.apply(rows, {}) == rows[skip:][: len(rows) if take is None else take]


@given(ROWS, st.integers(0, 3))
def test_paging_per_parent_gives_each_parent_its_first_children(rows: list[dict[str, int]], take: int) -> None:
    page = processing(pagination={"cursor": None, "skip": None, "take": take}, linkingFields=["parent"])
    found = page.apply(rows, {})
    for parent in range(4):
        expected = [row for row in rows if row["parent"] == parent][:take]
        assert [row for row in found if row["parent"] == parent] == expected


def test_distinct_tells_documents_apart() -> None:
    documents = [{"a": [1]}, {"a": [True]}, {"a": [1]}, 1, True, 1.0, "1", None, [], {}, [None], "[]", {"a": [1]}]
    rows = [{"document": document} for document in documents]
    found = [row["document"] for row in processing(distinct=["document"]).apply(rows, {})]
    assert list(map(repr, found)) == list(
        map(repr, [{"a": [1]}, {"a": [True]}, 1, True, "1", None, [], {}, [None], "[]"])
    )


@given(ROWS)
def test_distinct_keeps_the_first_of_each_and_the_order(rows: list[dict[str, int]]) -> None:
    found = processing(distinct=["id"]).apply(rows, {})
    ids = [row["id"] for row in found]
    assert ids == list(dict.fromkeys(row["id"] for row in rows))


@given(ROWS, ROWS)
def test_children_are_attached_to_every_parent_with_their_key(
    parents: list[dict[str, int]], children: list[dict[str, int]]
) -> None:
    records: list[dict[str, Any]] = [dict(parent) for parent in parents]
    attach(records, children, ["id"], ["parent"], "children", single=False)
    for record in records:
        assert record["children"] == [child for child in children if child["parent"] == record["id"]]


def template(*, chunkable: bool) -> Template:
    """`id IN (…) AND name = …` with two placeholders."""
    tuple_fragment = {"type": "parameterTuple", "itemPrefix": "", "itemSeparator": ",", "itemSuffix": ""}
    fragments = [
        {"type": "stringChunk", "chunk": "SELECT id WHERE id IN "},
        tuple_fragment,
        {"type": "stringChunk", "chunk": " AND name = "},
        {"type": "parameter"},
    ]
    arguments = [{"prisma__type": "param", "prisma__value": {"name": name, "type": "Int"}} for name in ("%1", "%2")]
    style = {"prefix": "$", "hasNumbering": True}
    return Template(
        {
            "type": "templateSql",
            "fragments": fragments,
            "args": arguments,
            "placeholderFormat": style,
            "chunkable": chunkable,
        }
    )


@given(st.lists(st.integers(), max_size=5))
def test_a_tuple_is_numbered_through_and_an_empty_one_is_valid_sql(values: list[int]) -> None:
    [(sql, parameters)] = template(chunkable=True).render({"%1": values, "%2": "x"})
    places = ",".join(f"${number}" for number in range(1, len(values) + 1)) or "NULL"
    assert sql == f"SELECT id WHERE id IN ({places}) AND name = ${len(values) + 1}"
    assert parameters == [*values, "x"]


@given(st.integers(1, 3 * MAX_PARAMETERS))
def test_splitting_loses_no_value_and_keeps_to_the_limit(length: int) -> None:
    rendered = template(chunkable=True).render({"%1": list(range(length)), "%2": "x"})
    assert all(len(parameters) <= MAX_PARAMETERS for _, parameters in rendered)
    assert [value for _, parameters in rendered for value in parameters[:-1]] == list(range(length))
    assert all(parameters[-1] == "x" for _, parameters in rendered)
