"""Single related records as columns of the statement that joins them, in place of JSON.

Where relations are joined in the database, the compiler has PostgreSQL put each related record into a JSON object, also
where there is at most one for each row. Such a record's fields can be columns like the row's own: nobody then writes
JSON and nobody parses it, and values come as exactly as those of the row itself. Rows, parameters and the shape of the
result stay what they are; lists of records stay JSON, and so does whatever is not written in the form known here.

    SELECT "t0"."id", "Post_author"."__prisma_data__" AS "author" FROM "Post" AS "t0" LEFT JOIN LATERAL (
        SELECT JSONB_BUILD_OBJECT('id', "t1"."id") AS "__prisma_data__" FROM "User" AS "t1" …) AS "Post_author" ON true

becomes

    SELECT "t0"."id", "Post_author"."__1", "Post_author"."__2" FROM "Post" AS "t0" LEFT JOIN LATERAL (
        SELECT true AS "__1", "t1"."id" AS "__2" FROM "User" AS "t1" …) AS "Post_author" ON true
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

Spec = Mapping[str, Any]

PARAMETER = "\0"
"""Stands for a parameter in the text of a statement: PostgreSQL's text cannot hold it."""

MAX_COLUMNS = 1600
"""So many a statement may have; PostgreSQL's own limit is 1,664 (`MaxTupleAttributeNumber`), and keys of relations that
are not in the result may come beside."""

TOKEN = re.compile(r""""[^"]*"|'[^']*'|[(),]""")
LATERAL, OBJECT = "LEFT JOIN LATERAL (", "JSONB_BUILD_OBJECT("
ALIAS = re.compile(r' AS ("[^"]+") ON true')
KEY = re.compile(r"'(\w+)', ")
COLUMN = re.compile(r'("t\d+"\."[^"]+")(::\w+)?')


def related_as_columns(query: Spec, structure: Spec) -> tuple[Spec, Spec]:
    """A `query` node's SQL and the structure of its result, with single related records as columns."""
    if query["type"] != "templateSql":
        return query, structure
    text = "".join(fragment.get("chunk", PARAMETER) for fragment in query["fragments"])
    parameters = iter([fragment for fragment in query["fragments"] if fragment["type"] != "stringChunk"])
    names = (f"__{number}" for number in count(1))
    wide, fields = widened(text, structure["fields"], names)
    if sum(1 for node in fields.values() for _ in columns_of(node)) > MAX_COLUMNS:
        return query, structure
    fragments: list[Any] = []
    for chunk in wide.split(PARAMETER):
        fragments += [{"type": "stringChunk", "chunk": chunk}, next(parameters, None)]
    return {**query, "fragments": fragments[:-1]}, {**structure, "fields": fields}


def widened(select: str, fields: Mapping[str, Any], names: Iterator[str]) -> tuple[str, dict[str, Any]]:
    """A SELECT with the columns of its single related records, and the fields of the result that say so."""
    changed = dict(fields)
    for name, node in fields.items():
        if node["type"] == "field" or node["serializedName"] is None:
            continue
        item = re.search(rf'("[^"]+")\."__prisma_data__" AS "{node["serializedName"]}"', select)
        place = item and joined(select, item[1])
        related = place and as_columns(select[slice(*place)], node, names)
        if item and place and related:
            body, changed[name] = related
            columns = ", ".join(f'{item[1]}."{column}"' for column in columns_of(changed[name]))
            select = "".join((select[: item.start()], columns, select[item.end() : place[0]], body, select[place[1] :]))
    return select, changed


def as_columns(body: str, node: Spec, names: Iterator[str]) -> tuple[str, dict[str, Any]] | None:
    """The SELECT that makes one JSON object, with columns in its place, and the object's node; None for another."""
    found = entries(body)
    if found is None:
        return None
    written, rest = found
    present = next(names)
    columns, fields = [f'true AS "{present}"'], {}
    for name, inner in node["fields"].items():
        at = "dbName" if inner["type"] == "field" else "serializedName"
        column = next(names)
        expression = written.get(inner[at] or name)
        if expression is not None and inner["type"] == "field":
            expression = as_in_a_row(expression, inner["fieldType"])
        if expression is None:
            return None
        columns.append(f'{expression} AS "{column}"')
        fields[name] = {**inner, at: column}
        if inner["type"] == "field" and inner["fieldType"]["type"] == "object":  # A document, which JSON has parsed.
            fields[name]["fieldType"] = {**inner["fieldType"], "type": "json"}
    select, fields = widened(f"SELECT {', '.join(columns)}{rest}", fields, names)
    return select, {**node, "serializedName": None, "presentName": present, "fields": fields}


def entries(body: str) -> tuple[dict[str, str], str] | None:
    """What goes into the object that a SELECT makes, by key, and what follows in the SELECT; None if it makes none."""
    if not body.startswith(f"SELECT {OBJECT}"):
        return None
    found: dict[str, str] = {}
    end = len("SELECT ")
    while body.startswith(OBJECT, end):
        start = end + len(OBJECT)
        end, commas = closing(body, start)
        if PARAMETER in body[start:end]:
            return None
        edges = [start - 2, *commas, end - 1]
        for key_start, value_start, value_end in zip(edges[::2], edges[1::2], edges[2::2], strict=False):
            key = KEY.match(body, key_start + 2)
            if key is None:
                return None
            found[key[1]] = body[value_start + 2 : value_end]
        end += len(" || ") if body.startswith(f" || {OBJECT}", end) else 0
    tail = ' AS "__prisma_data__"'
    return (found, body[end + len(tail) :]) if body.startswith(f"{tail} FROM ", end) else None


def as_in_a_row(expression: str, type_: Spec) -> str | None:
    """The expression for a field of a row, of the one for JSON; None if it is not a column."""
    column = COLUMN.fullmatch(expression)
    if column is None:
        return None
    cast = "::text" if type_["type"] == "enum" else "::numeric" if column[2] == "::numeric" else ""
    return f"{column[1]}{cast}{'[]' if cast and type_['arity'] == 'list' else ''}"


def columns_of(node: Spec) -> Iterator[str]:
    """The columns that a node reads."""
    if node["type"] == "field":
        yield node["dbName"]
    elif node["serializedName"] is not None:
        yield node["serializedName"]
    else:
        if "presentName" in node:
            yield node["presentName"]
        for inner in node["fields"].values():
            yield from columns_of(inner)


def joined(select: str, alias: str) -> tuple[int, int] | None:
    """Where the text of the SELECT is that is joined under an alias."""
    start = select.find(LATERAL)
    while start != -1:
        start += len(LATERAL)
        end, _ = closing(select, start)
        named = ALIAS.match(select, end)
        if named and named[1] == alias:
            return start, end - 1
        start = select.find(LATERAL, end)
    return None


def closing(text: str, start: int) -> tuple[int, list[int]]:
    """The place after the parenthesis that closes the one before `start`, and where the commas between are."""
    depth = 1
    commas: list[int] = []
    for token in TOKEN.finditer(text, start):
        match token[0]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
                if depth == 0:
                    return token.end(), commas
            case "," if depth == 1:
                commas.append(token.start())
    raise ValueError("a parenthesis is not closed")
