"""Where our answers differ from the official client's on purpose, as rules; `docs/differences.md` gives the reasons."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from harness.operations import Operation, Step
from harness.ours import Failure, Outcome
from harness.values import SAFE_INTEGER

MILLISECOND = timedelta(milliseconds=1)


# ------------------------------------------------------------ pairs of values


def microseconds(ours: Any, theirs: Any) -> bool:
    """Ours keeps what JavaScript's milliseconds cut off."""
    both = isinstance(ours, datetime) and isinstance(theirs, datetime)
    return both and timedelta(0) < ours - theirs < MILLISECOND


def exact_decimals(ours: Any, theirs: Any) -> bool:
    """Ours keeps the digits that are lost when the database's JSON goes through JavaScript's numbers."""
    both = isinstance(ours, Decimal) and isinstance(theirs, Decimal)
    return both and float(ours) == float(theirs) and len(ours.as_tuple().digits) > 15


def exact_integers(ours: Any, theirs: Any) -> bool:
    """Ours keeps 64-bit integers that go through JSON, and whole numbers inside documents, exact."""
    if type(ours) is not int or type(theirs) not in (int, float):
        return False
    return abs(ours) > SAFE_INTEGER and float(ours) == float(theirs)


def bytes_in_lists(ours: Any, theirs: Any) -> bool:
    """Theirs writes the base64 text of bytes in a list, ours the bytes; in tables both are hexadecimal."""
    if isinstance(ours, bytes) and isinstance(theirs, bytes):
        return theirs == base64.b64encode(ours)
    if isinstance(ours, str) and isinstance(theirs, str) and ours[:2] == theirs[:2] == "\\x":
        return bytes.fromhex(theirs[2:]) == base64.b64encode(bytes.fromhex(ours[2:]))
    return False


SUM_OF_A_LIST = re.compile(r"the (avg|sum) of \w+ has no|(Avg|Sum)OrderByAggregateInput has no")

VALUE_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "Microseconds": microseconds,
    "Exact decimals": exact_decimals,
    "Exact integers": exact_integers,
    "Bytes in lists": bytes_in_lists,
}
"""Heading in `docs/differences.md` → whether a pair of values differs for that reason."""


# ------------------------------------------------------------ outcomes of steps


def missing_records(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours is None where theirs is the error of an update or delete that found nothing."""
    changes = isinstance(step, Operation) and step.action in ("update", "delete")
    return changes and ours is None and isinstance(theirs, Failure) and theirs.code == "P2025"


def filters_on_lists_of_bytes(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Theirs looks for base64 text in lists of bytes, and finds nothing."""
    where = step.arguments.get("where", {}) if isinstance(step, Operation) else {}
    lists = [item for item in inside(where) if isinstance(item, list) and item and isinstance(item[0], bytes)]
    return bool(lists) and isinstance(ours, list) and isinstance(theirs, list)


def lists_of_bigint_in_joins(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Theirs cannot read a list of 64-bit integers in a joined relation."""
    return isinstance(theirs, Failure) and ".map is not a function" in theirs.message and not isinstance(ours, Failure)


def refusals_with_a_code(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours refuses with a code what theirs fails at without one."""
    both = isinstance(ours, Failure) and isinstance(theirs, Failure)
    return both and ours.refused and theirs.code is None


def first_of_several_errors(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours looks for the record with all that is to be included, theirs for the record first."""
    raises = isinstance(step, Operation) and step.action.endswith("OrThrow")
    both = isinstance(ours, Failure) and isinstance(theirs, Failure)
    return raises and both and theirs.code == "P2025" and ours.code in ("P2020", "P2007")


def invalid_values(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours has an error class for every value that the database refuses (SQLSTATE class 22), theirs only for some."""
    both = isinstance(ours, Failure) and isinstance(theirs, Failure)
    return both and (ours.code, theirs.code) == ("P2007", "P2039") and "Code: `22" in theirs.message


def failed_transactions(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours says that a transaction was rolled back since an error in it was swallowed."""
    if not (isinstance(ours, list) and isinstance(theirs, list) and ours and theirs):
        return False
    return isinstance(ours[-1], Failure) and "had failed before" in ours[-1].message and theirs[-1] is None


def fractions(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours refuses a fraction where an integer is expected, theirs cuts it off or finds nothing."""
    return isinstance(ours, Failure) and ours.refused and "expected Int" in ours.message and "float" in ours.message


def negative_oids(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours refuses a number that no `oid` can be; in theirs PostgreSQL adds 2³² to negative ones."""
    return isinstance(ours, Failure) and "out of uint32 range" in ours.message


def largest_floats(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Theirs writes the largest floats with too few digits, so that PostgreSQL finds them too large."""
    return isinstance(theirs, Failure) and "out of range for type double precision" in theirs.message


def large_amounts_of_money(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Theirs cannot read an amount of `money` from a thousand on, which PostgreSQL writes with commas."""
    return isinstance(theirs, Failure) and "DecimalError" in theirs.message and not isinstance(ours, Failure)


def sums_of_lists(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    """Ours refuses what PostgreSQL has no function for, before it is asked."""
    both = isinstance(ours, Failure) and isinstance(theirs, Failure)
    return both and ours.refused and SUM_OF_A_LIST.search(ours.message) is not None


STEP_RULES: dict[str, Callable[[Step, Outcome, Outcome], bool]] = {
    "Missing records": missing_records,
    "Bytes in lists": filters_on_lists_of_bytes,
    "Lists of BigInt in joins": lists_of_bigint_in_joins,
    "Refusals with a code": refusals_with_a_code,
    "First of several errors": first_of_several_errors,
    "Invalid values": invalid_values,
    "Failed transactions": failed_transactions,
    "Fractions": fractions,
    "Sums of lists": sums_of_lists,
    "Negative oids": negative_oids,
    "Largest floats": largest_floats,
    "Large amounts of money": large_amounts_of_money,
}
"""Heading in `docs/differences.md` → whether the outcomes of a step differ for that reason."""


def inside(value: Any) -> Iterator[Any]:
    """A value and all values in it."""
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from inside(item)
    elif isinstance(value, list):
        for item in value:
            yield from inside(item)
