"""Where the time of a call goes whose plan is known: microseconds in each stage, from the call to its model objects.

    python benchmarks/profile_hit.py [--seconds 3] [--files]

A timer looks 5,000 times a second at what runs; each look counts for the stage that the innermost function of a known
module belongs to. The shares, times what a call takes without a timer, are the figures. The sum is therefore right and
small stages are good to a tenth. What C code does counts for the Python function that has called it, the driver's
decoding of rows for `driver`. `--files` tells the functions as well.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parent / "speed"))

from database import started
from operations import OPERATIONS
from ours import Ours

INTERVAL = 0.0002
ROUNDS = 5

STAGES = {
    "call": "the method, its coroutines",
    "shape": "arguments to the key of the plan cache, values checked and taken out",
    "cache": "the plan for the key",
    "pool": "taking a connection and giving it back",
    "plan": "walking the plan",
    "arguments": "values as the driver wants them",
    "driver": "asyncpg and the socket: sending, receiving, decoding",
    "loop": "asyncio between the two",
    "server": "waiting for PostgreSQL",
    "rows": "rows to the structure of the result",
    "models": "model objects",
    "other": "everything else",
}

FILES = {
    "berceau/client/shape.py": "shape",
    "berceau/client/arguments.py": "shape",
    "berceau/client/fields.py": "shape",
    "berceau/client/names.py": "shape",
    "berceau/client/schema.py": "shape",
    "berceau/client/models.py": "models",
    "berceau/client/results.py": "models",
    "berceau/client/engine.py": "pool",
    "berceau/client/": "call",
    "berceau_engine/plan/sql.py": "arguments",
    "berceau_engine/plan/values.py": "arguments",
    "berceau_engine/plan/parameters.py": "arguments",
    "berceau_engine/plan/calendar_ends.py": "arguments",
    "berceau_engine/plan/mapping.py": "rows",
    "berceau_engine/plan/conversion.py": "rows",
    "berceau_engine/plan/columns.py": "rows",
    "berceau_engine/plan/": "plan",
    "berceau_engine/pool.py": "pool",
    "berceau_engine/driver.py": "driver",
    "asyncpg/": "driver",
    "asyncio/selector_events.py": "driver",
    "selectors.py": "server",
    "asyncio/": "loop",
    "json/": "rows",
}
"""The end of a file's path, or a folder in it → its stage; the first that fits."""

FUNCTIONS = {
    "PlanCache.find": "cache",
    "Description.encode": "arguments",
    "Engine.run": "call",
    "parse_datetime": "rows",
}
"""Where a function belongs to another stage than its file."""

RECEIVING = "_SelectorSocketTransport._read_ready__data_received"
"""Below it the driver's C code decodes rows, and wakes the task: what it calls for that gets its time."""


class Samples:
    """What ran when the timer looked."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self.functions: Counter[tuple[str, str]] = Counter()
        self._known: dict[str, str | None] = {}

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Count one look."""
        stage, named = self._place(frame)
        self.stages[stage] += 1
        if named is not None:
            self.functions[stage, f"{Path(named.f_code.co_filename).name}:{named.f_code.co_qualname}"] += 1

    def _place(self, innermost: FrameType | None) -> tuple[str, FrameType | None]:
        """The stage that is running, and the function that says so."""
        generated, frame = False, innermost
        while frame is not None:
            code = frame.f_code
            stage = FUNCTIONS.get(code.co_qualname) or self._stage(code.co_filename)
            if stage == "loop" and frame.f_back is not None and frame.f_back.f_code.co_qualname == RECEIVING:
                return "driver", frame.f_back
            if stage is not None:
                # Generated code has no file; it is what a plan's structure, or an input type, has been turned into.
                return ({"plan": "rows", "call": "shape"}.get(stage, stage) if generated else stage), frame
            generated = generated or code.co_filename.startswith("<")
            frame = frame.f_back
        return "other", innermost

    def _stage(self, file: str) -> str | None:
        if file not in self._known:
            name = file.replace("\\", "/")
            self._known[file] = next((stage for part, stage in FILES.items() if f"/{part}" in name), None)
        return self._known[file]

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Look, as long as the block lasts."""
        before = signal.signal(signal.SIGALRM, self)
        signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


async def per_run(run: Callable[[int], Awaitable[object]], runs: int) -> float:
    """Seconds of one run, the mean of some in a row."""
    gc.collect()
    begun = time.perf_counter()
    for number in range(runs):
        await run(number)
    return (time.perf_counter() - begun) / runs


async def profile(run: Callable[[int], Awaitable[object]], seconds: float) -> tuple[float, Samples]:
    """Seconds of one run without a timer, and what the timer saw in about as many seconds as asked."""
    await per_run(run, 200)
    samples, plain = Samples(), []
    for _ in range(ROUNDS):
        plain.append(await per_run(run, 100))
        with samples.taken():
            await per_run(run, max(int(seconds / ROUNDS / plain[-1]), 1))
    return sorted(plain)[ROUNDS // 2], samples


async def table(seconds: float, *, files: bool = False) -> str:
    """The figures of all operations in Markdown."""
    found = {}
    async with started() as database:
        ours = Ours()
        await ours.start(database.url)
        for operation in OPERATIONS:
            if operation.name != "tasks":
                found[operation.title] = await profile(getattr(ours, operation.name), seconds)
                await database.clean()
        await ours.stop()
    lines = ["| µs in | " + " | ".join(found) + " |", "| --- |" + " ---: |" * len(found)]
    for stage, meaning in STAGES.items():
        cells = [f"{share(samples.stages, stage) * total * 1e6:.1f}" for total, samples in found.values()]
        lines.append(f"| {stage}: {meaning} | " + " | ".join(cells) + " |")
    lines.append("| **all** | " + " | ".join(f"**{total * 1e6:.0f}**" for total, _ in found.values()) + " |")
    if files:
        for title, (total, samples) in found.items():
            lines.append(f"\n{title}:")
            for (stage, name), count in samples.functions.most_common(40):
                lines.append(f"  {count / samples.stages.total() * total * 1e6:7.1f} µs  {stage:10} {name}")
    return "\n".join(lines)


def share(counts: Counter[str], stage: str) -> float:
    """A stage's part of all looks."""
    return counts[stage] / counts.total()


def main(arguments: Sequence[str] | None = None) -> None:
    """Profile, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3, help="for each operation")
    parser.add_argument("--files", action="store_true", help="the functions with the most time, too")
    options = parser.parse_args(arguments)
    print(asyncio.run(table(options.seconds, files=options.files)))


if __name__ == "__main__":
    main()
