"""What `import berceau_client` costs at 2 and at 400 models, and the first use of one model.

    uv run python benchmarks/client_import.py [--models 2 400] [--rounds 21]

Whole processes, in turn; medians, and the middle half. `python` does nothing; `first use` makes a client, unconnected,
and the class of one model. Measured on 2 cores of a busy x86-64 machine with Python 3.11, 31 rounds:

               models   elapsed                          computing
    python               15.9 ms (10.1 to 24.7)           9.7 ms (9.5 to 10.1)
    import          2   166.1 ms (120.2 to 275.9)       114.6 ms (112.6 to 122.1)       data file: 52 KB
    first use       2   163.5 ms (120.5 to 256.0)       118.8 ms (113.3 to 124.5)
    import        400   156.4 ms (118.6 to 264.6)       113.9 ms (111.8 to 119.0)       data file: 10267 KB
    first use     400   183.6 ms (125.3 to 247.7)       119.4 ms (114.8 to 121.9)
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from build import Host

BARE = "pass"
IMPORT = "import berceau_client"
FIRST_USE = f"{IMPORT}\nberceau_client.Prisma().part00item\nberceau_client.models.Part00Item.model_fields"


class Cost(NamedTuple):
    """What a process has cost: seconds from start to end, and seconds of computing."""

    elapsed: float
    computing: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, nargs="+", default=[2, 400], help="even numbers")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        hosts = {models: built(Path(folder) / str(models), models) for models in options.models}
        cases = {("python", 0): (BARE, next(iter(hosts.values())))}
        for models, host in hosts.items():
            cases["import", models] = IMPORT, host
            cases["first use", models] = FIRST_USE, host
        costs: dict[tuple[str, int], list[Cost]] = {case: [] for case in cases}
        for _ in range(options.rounds + 1):
            for case, (code, host) in cases.items():
                costs[case].append(run(code, host))
        print(f"{'':10} {'models':>6}   elapsed                          computing")
        for (name, models), measured in costs.items():
            elapsed, computing = zip(*measured[1:], strict=True)  # the first round fills the file cache
            size = f"   data file: {data_size(hosts[models])} KB" if name == "import" else ""
            print(f"{name:10} {models or '':>6} {report(elapsed)} {report(computing)}{size}")


def built(folder: Path, models: int) -> Host:
    """A host whose components have that many models, with its client."""
    folder.mkdir()
    host = Host(folder, models // 2)
    host.run("build")
    run(IMPORT, host)  # writes the bytecode
    return host


def run(code: str, host: Host) -> Cost:
    """Run Python code as a process that finds the host's client."""
    environment = os.environ | {"PYTHONPATH": str(host.root)}
    started = time.perf_counter()
    process = os.posix_spawn(sys.executable, [sys.executable, "-c", code], environment)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"it has failed: {code}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def data_size(host: Host) -> int:
    """The size of the client's data file."""
    return (host.root / "berceau_client" / "schema.data").stat().st_size // 1000


def report(seconds: Sequence[float]) -> str:
    """The median, and the middle half of the measured times."""
    low, middle, high = (part * 1000 for part in statistics.quantiles(seconds, n=4))
    return f"{middle:7.1f} ms {f'({low:.1f} to {high:.1f})':20}"


if __name__ == "__main__":
    main()
