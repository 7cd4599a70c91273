"""Names of migrations: the user's, made fit for a folder, or one that tells what the SQL does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from berceau.provenance import Change

_TIMESTAMP = "%Y%m%d%H%M%S"
_LONGEST = 200  # with the timestamp below the 255 bytes of a file name
_NAMED_TABLES = 2
_TABLE = re.compile(r'^(CREATE|ALTER|DROP) TABLE (?:"[^"]+"\.)?"([^"]+)"', re.MULTILINE)
_VERBS = {"CREATE": "create", "ALTER": "change", "DROP": "drop"}


def folder_name(name: str) -> str:
    """The name in lower case, with underscores for all that is neither letter nor digit; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:_LONGEST].rstrip("_")


def proposed_name(script: str, *, first: bool, changes: Sequence[Change] = ()) -> str:
    """A name for a migration: `init` for the first, `upgrade_demo_0_2_0` for what a component changes, otherwise as
    `create_demopost` or `change_demouser_and_3_more`."""
    if first:
        return "init"
    named = [folder_name(change.name) for change in changes if change.before is None or change.after is None]
    named += [folder_name(change.name) for change in changes if change.name.startswith("upgrade_")]
    if named:
        more = [f"and_{len(named) - _NAMED_TABLES}_more"] if len(named) > _NAMED_TABLES else []
        return folder_name("_".join([*named[:_NAMED_TABLES], *more]))
    touched: dict[str, str] = {}
    for word, table in _TABLE.findall(script):
        touched.setdefault(table, word)
    if not touched:
        return "change"
    words = set(touched.values())
    verb = _VERBS[words.pop()] if len(words) == 1 else "change"
    tables = [folder_name(table) for table in touched]
    more = [f"and_{len(tables) - _NAMED_TABLES}_more"] if len(tables) > _NAMED_TABLES else []
    return folder_name("_".join([verb, *tables[:_NAMED_TABLES], *more]))


def timestamp_now() -> str:
    """This moment as the names of migrations begin."""
    return datetime.now(UTC).strftime(_TIMESTAMP)


def later_timestamp(timestamp: str, names: Sequence[str]) -> str:
    """The timestamp, or one second after the last migration's: in the same second, or with clocks that disagree,
    the new one would otherwise come before."""
    last = max((name.partition("_")[0] for name in names), default="")
    if last < timestamp or not re.fullmatch(r"\d{14}", last):
        return timestamp
    try:
        moment = datetime.strptime(last, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:  # a name of the host's own making
        return timestamp
    return (moment + timedelta(seconds=1)).strftime(_TIMESTAMP)
