"""The written list of cases, by subject."""

from __future__ import annotations

from cases import reading

CASES = (*reading.CASES,)
