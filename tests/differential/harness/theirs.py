"""Cases on the official client, by way of the oracle."""

from __future__ import annotations

from typing import Any

from harness.operations import Batch, Step, Transaction
from harness.oracle import Oracle
from harness.ours import Failure, Outcome
from harness.values import from_oracle


async def run(oracle: Oracle, url: str, step: Step) -> Outcome:
    """What a step gives on the official client."""
    answer = await oracle.ask({"url": url, **step.request()})
    match step:
        case Transaction():
            outcomes = [outcome(item) for item in answer.get("outcomes", [])]
            return [*outcomes, failure(answer["error"]) if "error" in answer else None]
        case Batch():
            return failure(answer["error"]) if "error" in answer else None
    return outcome(answer)


def outcome(answer: dict[str, Any]) -> Outcome:
    """The value, or the failure."""
    return failure(answer["error"]) if "error" in answer else from_oracle(answer["value"])


def failure(error: dict[str, Any]) -> Failure:
    """The oracle's description of an error."""
    return Failure(error["code"], error["kind"] == "validation", error["message"])
