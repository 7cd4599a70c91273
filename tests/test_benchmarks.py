"""What the benchmarks show of the design, as far as it can be told on a busy machine: the seconds of computing."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_importing_the_client_costs_the_same_whatever_the_number_of_models(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import client_import

    hosts = [client_import.built(tmp_path / str(models), models) for models in (2, 200)]
    assert client_import.data_size(hosts[1]) > 50 * client_import.data_size(hosts[0])
    for code in (client_import.IMPORT, client_import.FIRST_USE):
        rounds = [[client_import.run(code, host).computing for host in hosts] for _ in range(9)]
        few, many = (min(seconds) for seconds in zip(*rounds, strict=True))
        assert many == pytest.approx(few, rel=0.2)
