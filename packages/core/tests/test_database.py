"""The database service: what it says when the address is missing, wrong or leads nowhere."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from berceau import embedded
from berceau.database import Database
from berceau.errors import ConfigurationError
from berceau_engine.errors import DatabaseUnreachableError


async def test_a_missing_address_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="no database address") as caught:
        await Database().connect()
    assert "DATABASE_URL" in str(caught.value.hint)
    assert "berceau dev" in str(caught.value.hint)


async def test_a_wrong_address_is_a_configuration_error_without_the_password() -> None:
    with pytest.raises(ConfigurationError, match="must start with postgresql://") as caught:
        await Database("mysql://ada:secret@h/d").connect()
    assert "secret" not in str(caught.value)


async def test_an_unreachable_server_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(DatabaseUnreachableError, match=f"127.0.0.1:{port}"):
            await Database(f"postgresql://u:p@127.0.0.1:{port}/d?sslmode=disable").connect()


async def test_the_client_is_there_between_connect_and_disconnect_only(project: Path) -> None:
    database = Database(embedded.start(project).url)
    with pytest.raises(ConfigurationError, match="not connected"):
        _ = database.client
    await database.connect()
    client = database.client
    await database.connect()
    assert database.client is client
    assert client.is_connected()
    await database.disconnect()
    await database.disconnect()
    assert not client.is_connected()
