"""The written list of cases, by subject."""

from __future__ import annotations

from cases import documents, filters, reading, relations

CASES = (*reading.CASES, *filters.CASES, *documents.CASES, *relations.CASES)
