"""The two clients on their twin databases, and one case on both."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from berceau.client import Prisma
from harness import ours, theirs
from harness.compare import Found, compare, differences
from harness.databases import Contents, Database
from harness.free_order import settled, shows_place, sort_key
from harness.fresh import Neutral, texts
from harness.operations import Case, Step, op
from harness.oracle import Oracle


@dataclass
class Twins:
    """Our client and the official one, each with a database of its own."""

    db: Prisma
    oracle: Oracle
    our_database: Database
    their_database: Database
    content: Contents
    known: frozenset[str]
    asked: Counter[str]
    """How many steps were run, by how they ended on the official client."""
    run: Counter[str]
    """How many cases were run, by where they are from."""
    laid_out: bool = True
    """Whether all rows lie where they did at the start; no write has been tried since."""

    async def check(self, case: Case, origin: str) -> None:
        """Run a case on both. Raises AssertionError with every difference that no rule explains."""
        self.run[origin] += 1
        found: list[Found] = []
        known = self.known | frozenset(text for step in case.steps for text in texts(step.request()))
        our_values, their_values = Neutral(known), Neutral(known)
        comparable = True
        if not self.laid_out and any(shows_place(step) for step in case.steps):
            await asyncio.gather(self.our_database.lay_out_anew(), self.their_database.lay_out_anew())
            self.laid_out = True
        try:
            for step in case.steps:
                mine, other = await asyncio.gather(
                    ours.run(self.db, step), theirs.run(self.oracle, self.their_database.url, step)
                )
                found += compare(step, (our_values, mine), (their_values, other))
                comparable &= mine is None or isinstance(mine, ours.Failure) == isinstance(other, ours.Failure)
                self.asked[outcome_name(other)] += 1
                if step.reads:  # Once more, now that the plan is known.
                    again = await ours.run(self.db, step)
                    found += differences("again", settled(step, again, sort_key), settled(step, mine, sort_key))
        finally:
            if not all(step.reads for step in case.steps):
                self.laid_out = False
                contents = await self.compare_contents(our_values, their_values)
                found += contents if comparable else []
        assert not found, explain(case.steps, found)

    async def records(self, model: str) -> list[dict[str, Any]]:
        """All records of a model in the content."""
        found: list[dict[str, Any]] = await ours.run(self.db, op(f"{model}.findMany"))
        return found

    async def compare_contents(self, our_values: Neutral, their_values: Neutral) -> list[Found]:
        """How the tables differ; they are put back as they were."""
        mine, other = await asyncio.gather(self.our_database.contents(), self.their_database.contents())
        found = []
        for table in mine:
            if mine[table] != other[table]:
                found += differences(table, our_values.rows(mine[table]), their_values.rows(other[table]))
        dirty = [table for table in mine if self.content[table] != mine[table] or self.content[table] != other[table]]
        await asyncio.gather(self.our_database.restore(dirty), self.their_database.restore(dirty))
        return found


def outcome_name(outcome: ours.Outcome) -> str:
    """How a step ended."""
    if not isinstance(outcome, ours.Failure):
        return "answered"
    return "refused" if outcome.refused else "failed"


def explain(steps: tuple[Step, ...], found: list[Found]) -> str:
    """The steps and the differences, one a line."""
    lines = [f"  {step}" for step in steps]
    for path, mine, other in found[:10]:
        lines += [path, f"    ours:   {shortened(mine)}", f"    theirs: {shortened(other)}"]
    return "\n".join(["", *lines])


def shortened(value: object) -> str:
    """The value, if need be only its beginning."""
    text = repr(value)
    return text if len(text) < 1000 else f"{text[:1000]}…"


def content_texts(content: Contents) -> frozenset[str]:
    """Every text of the content."""
    return frozenset(text for rows in content.values() for text in texts(json.loads(rows)))
