"""The written list of cases, by subject."""

from __future__ import annotations

from cases import (
    aggregates,
    documents,
    filters,
    joined,
    nested,
    ordering,
    others,
    reading,
    references,
    relations,
    writing,
)

CASES = tuple(
    case
    for subject in (reading, filters, documents, references, relations, joined, ordering, aggregates, writing, nested, others)
    for case in subject.CASES
)
