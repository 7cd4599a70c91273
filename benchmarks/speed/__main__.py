"""How fast the client is, beside its limit, Prisma's own client and SQLAlchemy: `nox -s bench`.

    python benchmarks/speed [--rounds 15] [--quick]

All peers run in processes of their own on one embedded PostgreSQL, and take turns: in each round every operation is
measured on every peer, one right after the other, so that noise meets all alike. Writes docs/benchmarks.md and
benchmarks/results.json; with --quick three short rounds are only printed.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from database import Database, started
from operations import OPERATIONS
from peers import TITLES, Process, check
from report import machine, ratio_table, ratios, time_table, write

WARM_UP = 1000
PROFILE = Path(__file__).parents[1] / "profile_hit.py"


async def measure(database: Database, peers: list[Process], rounds: int, part: float) -> dict[str, Any]:
    """Operation → peer → seconds of each round; the peers' order turns from round to round."""
    found: dict[str, dict[str, list[float]]] = {
        operation.name: {name: [] for name in TITLES} for operation in OPERATIONS
    }
    for number in range(rounds):
        turned = peers[number % len(peers) :] + peers[: number % len(peers)]
        for operation in OPERATIONS:
            for peer in turned:
                found[operation.name][peer.name].append(
                    await peer.seconds(operation, max(int(operation.runs * part), 1))
                )
        await database.clean()
        print(f"round {number + 1} of {rounds}", flush=True)
    return found


async def run(rounds: int, part: float) -> tuple[dict[str, Any], dict[str, str]]:
    """Start everything, compare the answers, warm up, measure: times and versions."""
    async with started() as database, AsyncExitStack() as stack:
        peers = []
        for name in TITLES:
            peers.append(await Process.start(name, database.url))
            stack.push_async_callback(peers[-1].stop)
        await check(peers, OPERATIONS)
        for operation in OPERATIONS:
            for peer in peers:
                await peer.seconds(operation, max(int(WARM_UP * part), 50))
        await database.clean()
        versions = {peer.name: peer.version for peer in peers} | {"PostgreSQL": await database.version()}
        return await measure(database, peers, rounds, part), versions


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="three short rounds; nothing is written")
    options = parser.parse_args(arguments)
    about = machine()
    rounds, versions = asyncio.run(run(3, 0.3) if options.quick else run(options.rounds, 1.0))
    print(f"\n{ratio_table(ratios(rounds))}\n\n{time_table(rounds)}\n")
    if not options.quick:
        profile = subprocess.run([sys.executable, str(PROFILE)], check=True, stdout=subprocess.PIPE, text=True)
        write(rounds, versions, about, profile.stdout.strip())


if __name__ == "__main__":
    main()
