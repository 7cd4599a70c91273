"""What was measured as a table, as `results.json` and as `docs/benchmarks.md`."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations import OPERATIONS, Operation
from peers import TITLES

ROOT = Path(__file__).parents[2]
PAGE, RESULTS = ROOT / "docs" / "benchmarks.md", ROOT / "benchmarks" / "results.json"
TEMPLATE, NOTES = Path(__file__).parent / "page.md", Path(__file__).parent / "notes.md"

Rounds = Mapping[str, Mapping[str, Sequence[float]]]
"""Operation → peer → seconds, one for each round."""


@dataclass(frozen=True)
class Ratio:
    """Our time by a peer's: the median of the rounds' ratios, and their middle half."""

    operation: Operation
    peer: str
    low: float
    median: float
    high: float

    @property
    def goal(self) -> float:
        """What it should not exceed."""
        return self.operation.goals[self.peer]

    @property
    def met(self) -> bool:
        """Whether it does not, to two digits after the point."""
        return round(self.median, 2) <= self.goal


def ratios(rounds: Rounds) -> list[Ratio]:
    """All ratios, in the order of the table."""
    found = []
    for operation in OPERATIONS:
        measured = rounds[operation.name]
        for peer in operation.goals:
            each = [ours / theirs for ours, theirs in zip(measured["ours"], measured[peer], strict=True)]
            low, _, high = statistics.quantiles(each, n=4) if len(each) > 1 else each * 3
            found.append(Ratio(operation, peer, low, statistics.median(each), high))
    return found


def ratio_table(found: Sequence[Ratio]) -> str:
    """The ratios in Markdown, each with its goal."""
    peers = list(OPERATIONS[0].goals)
    lines = [row("operation", *(f"÷ {TITLES[peer]}" for peer in peers)), row("---", *["---"] * len(peers))]
    for operation in OPERATIONS:
        cells = [
            f"{ratio.median:.2f} ({'met' if ratio.met else '**missed**'}: ≤ {ratio.goal:g})"
            for ratio in found
            if ratio.operation is operation
        ]
        lines.append(row(operation.title, *cells))
    return "\n".join(lines)


def time_table(rounds: Rounds) -> str:
    """The medians of the times in Markdown."""
    lines = [row("operation", *TITLES.values()), row("---", *["---:"] * len(TITLES))]
    for operation in OPERATIONS:
        medians = [statistics.median(rounds[operation.name][peer]) for peer in TITLES]
        lines.append(row(operation.title, *map(duration, medians)))
    return "\n".join(lines)


def row(*cells: str) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |"


def duration(seconds: float) -> str:
    """A time in microseconds, a long one in seconds."""
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1e6:,.0f} µs"


def machine() -> dict[str, Any]:
    """What it ran on."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.+)", text)
    return {
        "processor": model[1] if model else platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def write(rounds: Rounds, versions: Mapping[str, str], about: Mapping[str, Any], profile: str) -> None:
    """Write `results.json` and the page."""
    found = ratios(rounds)
    RESULTS.write_text(json.dumps(results(found, rounds, versions, about), indent=1, ensure_ascii=False) + "\n")
    page = TEMPLATE.read_text()
    for name, text in {
        "ratios": ratio_table(found),
        "times": time_table(rounds),
        "machine": ", ".join(f"{name} {value}" for name, value in about.items()),
        "versions": "\n".join(f"- {TITLES.get(name, name)}: {version}" for name, version in versions.items()),
        "rounds": str(len(rounds[OPERATIONS[0].name]["ours"])),
        "profile": profile,
        "notes": NOTES.read_text().strip(),
    }.items():
        page = page.replace(f"{{{{ {name} }}}}", text)
    PAGE.write_text(page)


def results(
    found: Sequence[Ratio], rounds: Rounds, versions: Mapping[str, str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """What stands in `results.json`."""
    return {
        "ratios": [
            {
                "operation": ratio.operation.title,
                "peer": TITLES[ratio.peer],
                "ratio": round(ratio.median, 3),
                "goal": ratio.goal,
                "met": ratio.met,
                "middle_half": [round(ratio.low, 3), round(ratio.high, 3)],
            }
            for ratio in found
        ],
        "seconds": {
            operation.title: {
                TITLES[peer]: [round(one, 9) for one in each] for peer, each in rounds[operation.name].items()
            }
            for operation in OPERATIONS
        },
        "machine": about,
        "versions": {TITLES.get(name, name): version for name, version in versions.items()},
    }
