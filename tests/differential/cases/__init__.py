"""The written list of cases, by subject."""

from __future__ import annotations

from cases import aggregates, documents, filters, nested, ordering, others, reading, relations, writing

CASES = tuple(
    case
    for subject in (reading, filters, documents, relations, ordering, aggregates, writing, nested, others)
    for case in subject.CASES
)
