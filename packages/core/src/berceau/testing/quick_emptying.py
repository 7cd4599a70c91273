"""Emptying in one exchange with the server: a function of the session that looks at all tables, and empties the small.

It is made for one database, with a statement for each table, whose plan PostgreSQL keeps; triggers and foreign keys
must be switched off in the session. Whatever it is not made for it leaves to the caller, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

CALL = "SELECT pg_temp.berceau_empty($1::text[], $2::bigint[])"
"""Asks for the fingerprints of tables with rows and the files of materialized views that there should be."""

_FUNCTION = """
CREATE FUNCTION pg_temp.berceau_empty(text[], bigint[]) RETURNS boolean LANGUAGE plpgsql AS $berceau$
DECLARE
  sizes bigint[]; states bigint[]; fingerprints text[]; files bigint[];
BEGIN
  SELECT * INTO sizes, states, fingerprints, files FROM ({look}) l;
  IF fingerprints IS DISTINCT FROM $1 OR files IS DISTINCT FROM $2
     OR EXISTS (SELECT FROM unnest(sizes, ARRAY[{limits}]::bigint[]) t(size, most) WHERE size > most) THEN
    RETURN false;
  END IF;
{statements}
  RETURN true;
END $berceau$
"""


def quick_function(
    look: str, limits: Iterable[int | None], tables: Sequence[str | None], sequences: Iterable[tuple[int | None, str]]
) -> str:
    """The statement that makes the function.

    Args:
        look: a query for sizes of tables, values of sequences, fingerprints of tables with rows, files of views.
        limits: for each table the number of bytes from which on it is left to the caller; None if any size is right.
        tables: their names in SQL; None for those that begin with rows.
        sequences: for each the value that it begins with, and the query that brings it back there.
    """
    statements = [
        f"  IF sizes[{place}] > 0 THEN DELETE FROM ONLY {name}; END IF;"
        for place, name in enumerate(tables, 1)
        if name is not None
    ]
    for place, (value, reset) in enumerate(sequences, 1):
        begun = "NULL" if value is None else str(value)
        action = reset.replace("SELECT", "PERFORM", 1)
        statements.append(f"  IF states[{place}] IS DISTINCT FROM {begun} THEN {action}; END IF;")
    most = ", ".join("NULL" if limit is None else str(limit) for limit in limits)
    return _FUNCTION.format(look=look, limits=most, statements="\n".join(statements))
