"""What the benchmarks show of the design, as far as it can be told on a busy machine: what is done, not how fast."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

COUNTED = """
import sys, tracemalloc
calls = 0
def count(*_):
    global calls
    calls += 1
tracemalloc.start()
sys.setprofile(count)
{code}
sys.setprofile(None)
print(calls, tracemalloc.get_traced_memory()[1])
"""


def test_importing_the_client_costs_the_same_whatever_the_number_of_models(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import client_import

    hosts = [client_import.built(tmp_path / str(models), models) for models in (2, 200)]
    assert client_import.data_size(hosts[1]) > 50 * client_import.data_size(hosts[0])
    for code in (client_import.IMPORT, client_import.FIRST_USE):
        (few_calls, few_bytes), (many_calls, many_bytes) = (cost(code, host.root) for host in hosts)
        assert many_calls == pytest.approx(few_calls, rel=0.02)
        assert many_bytes == pytest.approx(few_bytes, rel=0.02)


def cost(code: str, client: Path) -> tuple[int, int]:
    """How many functions are called when code runs, those written in C included, and the most memory that is held."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTED.format(code=code)],
        env=os.environ | {"PYTHONPATH": str(client), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    calls, held = done.stdout.split()
    return int(calls), int(held)
