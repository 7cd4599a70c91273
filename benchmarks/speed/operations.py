"""The operations that are measured: what each does is written once for each peer, under these names."""

from __future__ import annotations

from dataclasses import dataclass

USERS, POSTS, ROWS = 1000, 20_000, 100
TASKS, CONNECTIONS = 50, 10
STEP = 7919
"""Number `i` of a run asks for another record than number `i - 1`; all peers ask for the same ones."""


@dataclass(frozen=True)
class Operation:
    """One row of the table.

    Attributes:
        name: what the peers call it.
        title: what the reader is told.
        runs: how often it is done in one round.
        goals: for each peer the ratio (our time by the peer's) that it should not exceed.
    """

    name: str
    title: str
    runs: int
    goals: dict[str, float]


def goals(limit: float, typescript: float, sqlalchemy: float) -> dict[str, float]:
    """The goals of one operation, in the order of the table."""
    return {"limit": limit, "typescript": typescript, "sqlalchemy": sqlalchemy}


OPERATIONS = (
    Operation("unique", "find unique", 1000, goals(1.35, 0.5, 0.6)),
    Operation("rows", f"find {ROWS} rows", 300, goals(1.6, 0.6, 0.6)),
    Operation("include", f"find {ROWS} rows with an included relation", 200, goals(1.8, 0.6, 0.6)),
    Operation("create", "create with nested connect", 200, goals(1.4, 0.5, 0.8)),
    Operation(
        "tasks", f"{TASKS} tasks over a pool of {CONNECTIONS}, find unique, 5,000 in all", 5000, goals(1.4, 0.6, 0.6)
    ),
)


def user_id(number: int) -> int:
    """The user that run `number` is about."""
    return 1 + number * STEP % USERS


def first_post_id(number: int) -> int:
    """The first of the posts that run `number` reads."""
    return 1 + number * STEP % (POSTS - ROWS)


def post_title(number: int) -> str:
    """The title of the post that run `number` creates."""
    return f"Post number {number} of a round"


BODY = "What stands in it is as long as a line or two of text; that will do for rows which are neither tiny nor large."
