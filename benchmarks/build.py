"""How long `berceau build` takes as a whole process, on 50 components with 100 models and relations between them.

    uv run python benchmarks/build.py [--components 50] [--rounds 7]

Real distributions are installed by uv into a folder on PYTHONPATH, beside those of this environment. Medians of:

    cold       the engine compiles itself, as on a machine's first build (one round)
    first      the engine is compiled; neither schema nor client are there
    one changed    one component's schema has got a field
    no change  everything is as the last build left it
    check      the same, with --check
    components, --version, --help
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from distributions import family, install

from berceau.discovery import survey

LIMITS = {"first": 1.0, "no change": 0.3, "--version": 0.15, "--help": 0.15}


class Run(NamedTuple):
    """A process's seconds by the clock, and of the processor."""

    seconds: float
    cpu: float


class Host:
    """A host's project folder, and the folder that its components are installed in."""

    def __init__(self, folder: Path, components: int) -> None:
        self.root = folder / "host"
        self.root.mkdir()
        (self.root / "pyproject.toml").write_text(
            f'[tool.berceau]\noutput = "berceau_client"\ndisabled = {[one.name for one in survey()]}\n',
            encoding="utf-8",
        )
        self.target = install(folder / "site", *family(components))
        self.caches = folder / "caches"
        self.changes = 0
        self.environment = os.environ | {"PYTHONPATH": str(self.target)}

    def run(self, *words: str, cache: Path | None = None) -> Run:
        """Run a command from start to end."""
        environment = self.environment | ({"BERCEAU_CACHE_DIR": str(cache)} if cache else {})
        command = [str(Path(sys.executable).with_name("berceau")), *words]
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise SystemExit(done.stdout + done.stderr)
        return Run(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def forget(self) -> None:
        """Remove what builds have made."""
        shutil.rmtree(self.root / "prisma", ignore_errors=True)
        shutil.rmtree(self.root / "berceau_client", ignore_errors=True)

    def change(self) -> None:
        """Give one component's schema one more field."""
        self.changes += 1
        schema = self.target / "berceau_part00" / "prisma" / "schema.prisma"
        text = schema.read_text(encoding="utf-8")
        schema.write_text(text.replace("  note ", f"  extra{self.changes} String?\n  note ", 1), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--components", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        host = Host(Path(folder), options.components)
        print(f"{options.components} components, {2 * options.components} models, {options.rounds} rounds")
        report("cold", [host.run("build", cache=host.caches / "empty")])
        host.run("build")
        for name, prepare, words in (
            ("first", host.forget, ["build"]),
            ("one changed", host.change, ["build"]),
            ("no change", None, ["build"]),
            ("check", None, ["build", "--check"]),
            ("components", None, ["components"]),
            ("--version", None, ["--version"]),
            ("--help", None, ["--help"]),
        ):
            runs = []
            for _ in range(options.rounds):
                if prepare is not None:
                    prepare()
                runs.append(host.run(*words))
            report(name, runs)


def report(name: str, runs: list[Run]) -> None:
    """Print one line of the table: the median, the range, and the processor's time, which other load does not touch."""
    seconds = [run.seconds for run in runs]
    limit = f"  (limit {LIMITS[name]} s)" if name in LIMITS else ""
    median, cpu = statistics.median(seconds), statistics.median(run.cpu for run in runs)
    print(f"{name:12} {median:6.3f} s   {min(seconds):.3f} to {max(seconds):.3f}   cpu {cpu:.3f}{limit}", flush=True)


if __name__ == "__main__":
    main()
