"""Whether a column's new type holds each value that the old one does."""

from __future__ import annotations

import re

_WIDER = {
    "smallint": {"integer", "bigint", "numeric", "double precision", "real"},
    "integer": {"bigint", "numeric", "double precision"},
    "bigint": {"numeric"},
    "real": {"double precision"},
    "character": {"character varying"},
    "date": {"timestamp"},
    "bit": {"bit varying"},
    "json": set[str](),
}
_UNLIMITED = {"character varying", "numeric", "bit varying"}
_SECONDS = {"timestamp", "timestamptz", "time", "timetz"}
_TYPE = re.compile(r"(?P<name>[a-z ]+?)(?:\((?P<limits>[\d,]+)\))?(?P<zone> with(?:out)? time zone)?(?P<array>\[\])?")


def widens(before: str, after: str) -> bool:
    """Whether all values of one type, as PostgreSQL writes it, are values of another."""
    if before == after:
        return True
    old, new = _TYPE.fullmatch(before), _TYPE.fullmatch(after)
    if after in ("text", "text[]"):
        return before.endswith("[]") == after.endswith("[]")
    if old is None or new is None or old["array"] != new["array"]:
        return False
    old_name, new_name = _name(old), _name(new)
    if old_name != new_name and new_name not in _WIDER.get(old_name, ()):
        return False
    return _holds(_limits(old), _limits(new), new_name, old_name)


def _holds(old: tuple[int, ...], new: tuple[int, ...], name: str, old_name: str) -> bool:
    if name in _SECONDS:  # without a number they keep six digits
        return old_name == "date" or (new or (6,))[0] >= (old or (6,))[0]
    if not new:
        return name in _UNLIMITED or not old or name == old_name == "character"
    if not old:
        return False
    if name == "numeric":
        precision, scale = (*new, 0)[:2]
        old_precision, old_scale = (*old, 0)[:2]
        return scale >= old_scale and precision - scale >= old_precision - old_scale
    return new[0] >= old[0] and (name != "bit" or new == old)


def _name(match: re.Match[str]) -> str:
    """The type without its limits; zones are part of the name."""
    return match["name"].strip() + ("tz" if match["zone"] == " with time zone" else "")


def _limits(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(map(int, (match["limits"] or "").split(","))) if match["limits"] else ()
