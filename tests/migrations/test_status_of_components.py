"""`berceau migrate status` sees what is installed, also before it is built."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from distributions import component
from hosts import Host

ITEM = "model ShopItem {\n  id Int @id\n  name String\n}\n"


@pytest.fixture
def host(folder: Path) -> Host:
    """A host whose component is migrated, on its own embedded server."""
    host = Host(folder / "shop")
    host.install(component("shop", ITEM))
    done = host.berceau("migrate", "dev", "--name", "init")
    assert done.returncode == 0, done.stderr
    return host


def test_an_upgraded_component_is_seen_before_it_is_built(host: Host) -> None:
    assert host.berceau("migrate", "status").returncode == 0
    host.install(component("shop", ITEM.replace("name String", "name String\n  price Int?"), version="2.0.0"))

    shown = host.berceau("migrate", "status")
    assert shown.returncode == 1
    assert "[+] Added column `price`" in shown.stdout
    assert "not built yet: the schema of component 'shop' (berceau-shop 1.0.0 → 2.0.0) has changed" in shown.stdout
    assert "price" not in (host.schema / "shop.prisma").read_text()


def test_what_cannot_be_composed_is_said(host: Host) -> None:
    host.install(component("shop", ITEM.replace("name String", "name Strnig"), version="2.0.0"))

    found = json.loads(host.berceau("migrate", "status", "--json").stdout)
    assert found["in_order"] is False
    assert "Strnig" in found["unchecked"]
