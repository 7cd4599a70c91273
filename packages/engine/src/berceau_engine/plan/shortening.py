"""Fewer round trips for plans that write once: what they read back comes with the write, without a transaction.

The compiler reads a record that it has just written with a statement of its own where relations were connected, and
puts everything into a transaction. It lets the write return the columns itself where no relation is concerned; here the
same is done for the others. What then remains is reads and at the end one write. At READ COMMITTED each statement sees
what is committed when it begins, in a transaction as well as without one, and a single statement is atomic: with BEGIN
and COMMIT around them they do the same, two round trips later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Spec = Mapping[str, Any]

COLUMN = r'"t0"\."[^"]+"(?:::\w+(?:\[\])?)?(?: AS "[^"]+")?'
READ_BACK = re.compile(
    rf'SELECT (?P<columns>{COLUMN}(?:, {COLUMN})*) FROM (?P<table>"[^"]+"\."[^"]+") AS "t0" '  # noqa: S608
    r'WHERE (?P<where>\(?"t0"\."[^"]+" = \?(?: AND "t0"\."[^"]+" = \?)*\)?) LIMIT \?'
)
WRITE = re.compile(
    r'(?P<head>(?:INSERT INTO|UPDATE) (?P<table>"[^"]+"\."[^"]+") .* RETURNING )(?P<columns>"[^?]+)', re.S
)

LEAVES = {"value", "get", "unit", "getFirstNonEmpty"}
INNER = {
    "unique": None,
    "required": None,
    "reverse": None,
    "mapField": "records",
    "validate": "expr",
    "process": "expr",
    "dataMap": "expr",
    "initializeRecord": "expr",
    "mapRecord": "expr",
}
"""Nodes with one node inside, and where that is."""


def shortened(node: Any) -> Any:
    """The plan, with every write that is read back at once returning what is read."""
    if isinstance(node, list):
        return [shortened(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "let":
        node = without_reading_back(node)
    return {name: shortened(item) for name, item in node.items()}


def without_reading_back(node: dict[str, Any]) -> dict[str, Any]:
    """`let record = write in let checked = record, ids of it in read`: the same without the read, where it is that."""
    match node["args"]:
        case {
            "bindings": [{"name": name, "expr": writing}],
            "expr": {
                "type": "let",
                "args": {
                    "bindings": [{"name": checked, "expr": check}, *ids],
                    "expr": {"type": "unique", "args": {"type": "query", "args": read}},
                },
            },
        } if checked == name and is_unchanged(check, name):
            returning = returning_what_is_read(writing, read, keys_of(ids, name))
            if returning is not None:
                result = {"type": "get", "args": {"name": name}}
                body = {"type": "let", "args": {"bindings": [{"name": name, "expr": check}], "expr": result}}
                return {"type": "let", "args": {"bindings": [{"name": name, "expr": returning}], "expr": body}}
    return node


def is_unchanged(node: Spec, name: str) -> bool:
    """Whether a node gives the record of that name as it is, having checked it."""
    while node["type"] in ("unique", "validate"):
        node = node["args"] if node["type"] == "unique" else node["args"]["expr"]
    return bool(node == {"type": "get", "args": {"name": name}})


def keys_of(bindings: list[Spec], name: str) -> dict[str, str]:
    """The names that are bound to fields of that record, and which fields they are."""
    record = {"type": "get", "args": {"name": name}}
    return {
        binding["name"]: binding["expr"]["args"]["field"]
        for binding in bindings
        if binding["expr"]["type"] == "mapField" and binding["expr"]["args"]["records"] == record
    }


def returning_what_is_read(node: Spec, read: Spec, keys: Mapping[str, str]) -> dict[str, Any] | None:
    """The write of one record, returning the columns of `read`; None where `read` is of something else."""
    match node:
        case {"type": "let", "args": {"bindings": bindings, "expr": inner}}:
            written = returning_what_is_read(inner, read, keys)
            return written and {"type": "let", "args": {"bindings": bindings, "expr": written}}
        case {"type": "unique", "args": {"type": "query", "args": write}}:
            columns = columns_to_return(write, read, keys)
            if columns is None:
                return None
            fragments = [*write["fragments"][:-1], {"type": "stringChunk", "chunk": columns}]
            return {"type": "unique", "args": {"type": "query", "args": {**write, "fragments": fragments}}}
    return None


def columns_to_return(write: Spec, read: Spec, keys: Mapping[str, str]) -> str | None:
    """The write's last piece of text with the columns of `read`; None where that is not the very record written."""
    wanted, written = READ_BACK.fullmatch(text(read) or ""), WRITE.fullmatch(text(write) or "")
    if wanted is None or written is None or wanted["table"] != written["table"]:
        return None
    given = [argument.get("prisma__value", {}).get("name") for argument in read["args"] if isinstance(argument, dict)]
    if [keys.get(name) for name in given] != re.findall(r'"t0"\."([^"]+)"', wanted["where"]):
        return None
    if read["args"][len(given) :] != ["1"]:
        return None
    last: str = write["fragments"][-1]["chunk"]
    return last.removesuffix(written["columns"]) + wanted["columns"].replace('"t0".', f"{written['table']}.")


def text(template: Spec) -> str | None:
    """The SQL of a template with `?` for each value; None where its length depends on the values."""
    fragments = template.get("fragments", [{"type": "rawSql"}])
    if any(fragment["type"] not in ("stringChunk", "parameter") for fragment in fragments):
        return None
    return "".join(fragment.get("chunk", "?") for fragment in fragments)


CHECK = {"fragments": [{"type": "stringChunk", "chunk": "SELECT "}]}
"""What stands for a check that may fail though something was written: as little as a read may it follow a write."""

NOT_EMPTY = [{"type": "rowCountNeq", "args": 0}]
"""The check that fails only where a write has written nothing."""


def needs_transaction(node: Spec) -> bool:
    """Whether a plan is more than reads with one write at the end."""
    *before, last = list(statements(node)) or [None]
    return not all(map(is_read, before)) or last is None or text(last) is None


def statements(node: Spec) -> Iterator[Spec | None]:
    """The templates of a plan in the order in which they run; None for what may run in another way."""
    kind, args = node["type"], node.get("args", {})
    if kind in ("query", "execute"):
        yield args
    elif kind in ("seq", "concat", "sum"):
        for step in args:
            yield from statements(step)
    elif kind == "let":
        for binding in args["bindings"]:
            yield from statements(binding["expr"])
        yield from statements(args["expr"])
    elif kind in INNER:
        yield from statements(args[INNER[kind]] if INNER[kind] else args)
        if kind == "validate" and args["rules"] != NOT_EMPTY:
            yield CHECK
    elif kind not in LEAVES:
        yield None


def is_read(template: Spec | None) -> bool:
    """Whether a statement of the compiler's only reads."""
    if template is None or "fragments" not in template:
        return False
    return str(template["fragments"][0].get("chunk", "")).startswith("SELECT ")
