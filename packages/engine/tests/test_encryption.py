"""Encrypted connections to a real server, with an authority of its own, which asks one client for its certificate."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from debian import PROGRAMS, debian_server, needs_debian

from berceau_engine.errors import PrismaError
from berceau_engine.postgres import DatabaseUrl, connect

AUTHENTICATION = """\
local   all all           trust
hostssl all ada 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 trust
host    all plain 127.0.0.1/32 trust
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, a server's certificate for `localhost`, one of the client `ada`, and a stranger."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(command: str) -> None:
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)

    for authority in ("ca", "stranger"):
        openssl(f"req -x509 -newkey rsa:2048 -nodes -keyout {authority}.key -out {authority}.crt -subj /CN=ca -days 2")
    for name in ("localhost", "ada"):
        openssl(f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{name}\n")
        openssl(
            f"x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out {name}.crt -days 2"
            f" -extfile {name}.ext"
        )
    (folder / "ada.pem").write_bytes((folder / "ada.crt").read_bytes() + (folder / "ada.key").read_bytes())
    return folder


@pytest.fixture(scope="module")
def server(certificates: Path) -> Iterator[str]:
    """The address of a server that listens on `localhost`, without user and parameters."""
    needs_debian()
    port = free_port()
    settings = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on -c ssl_cert_file=localhost.crt"
        " -c ssl_key_file=localhost.key -c ssl_ca_file=ca.crt"
    )
    files = [certificates / name for name in ("localhost.crt", "localhost.key", "ca.crt")]
    with debian_server(settings, AUTHENTICATION, files) as url:
        for user in ("ada", "plain"):
            psql = [PROGRAMS[0] / "psql", "-q", "-c", f"CREATE ROLE {user} LOGIN"]
            subprocess.run([*psql, f"{url}&port={port}"], check=True)
        yield f"localhost:{port}/postgres"


@pytest.fixture(autouse=True)
async def every_socket_is_closed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Wait at the end of a test until its sockets are closed.

    asyncpg says goodbye to a server that refuses it, and asyncio keeps an encrypted connection open until the server
    has answered. Were the loop closed before, the socket would be found open by whichever test runs then.
    """
    loop, sockets = asyncio.get_running_loop(), []
    create_connection = loop.create_connection

    async def recorded(*args: Any, **options: Any) -> Any:
        transport, protocol = await create_connection(*args, **options)
        sockets.append(transport.get_extra_info("socket"))
        return transport, protocol

    monkeypatch.setattr(loop, "create_connection", recorded)
    yield
    while any(each.fileno() != -1 for each in sockets):
        await asyncio.sleep(0.001)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def encryption(server: str, certificates: Path, parameters: str, user: str = "postgres") -> tuple[bool, str]:
    """Whether a connection is encrypted, and the name in the client's certificate; `@` stands for their folder."""
    url = DatabaseUrl.parse(f"postgresql://{user}@{server}?{parameters.replace('@', f'{certificates}/')}")
    connection = await connect(url)
    try:
        row = await connection.fetchrow(
            "SELECT ssl, coalesce(client_dn, '') AS client FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
        assert row is not None
        return row["ssl"], row["client"]
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "sslmode=prefer",
        "sslmode=require",
        "sslmode=require&sslaccept=accept_invalid_certs",
        "sslmode=require&sslaccept=strict&sslrootcert=@ca.crt",
        "sslmode=verify-ca&sslrootcert=@ca.crt",
        "sslmode=verify-full&sslrootcert=@ca.crt",
        "sslmode=verify-full&sslcert=@ca.crt",
    ],
)
async def test_a_connection_is_encrypted(server: str, certificates: Path, parameters: str) -> None:
    assert await encryption(server, certificates, parameters) == (True, "")


async def test_a_connection_is_not_encrypted_if_so_asked_for(server: str, certificates: Path) -> None:
    assert await encryption(server, certificates, "sslmode=disable", "plain") == (False, "")


@pytest.mark.parametrize(
    "parameters",
    ["sslmode=verify-ca&sslrootcert=@stranger.crt", "sslmode=verify-full", "sslaccept=strict&sslmode=require"],
)
async def test_a_certificate_of_an_unknown_authority_is_refused(
    server: str, certificates: Path, parameters: str
) -> None:
    with pytest.raises(PrismaError, match="certificate verify failed") as caught:
        await encryption(server, certificates, parameters)
    assert caught.value.code == "P1011"


async def test_a_certificate_of_another_host_is_refused_where_the_host_is_compared(
    server: str, certificates: Path
) -> None:
    address = server.replace("localhost", "127.0.0.1")
    assert await encryption(address, certificates, "sslmode=verify-ca&sslrootcert=@ca.crt") == (True, "")
    with pytest.raises(PrismaError, match="IP address mismatch") as caught:
        await encryption(address, certificates, "sslmode=verify-full&sslrootcert=@ca.crt")
    assert caught.value.code == "P1011"


@pytest.mark.parametrize(
    "identity", ["sslidentity=@ada.pem", "sslcert=@ada.crt&sslkey=@ada.key", "sslmode=require&sslidentity=@ada.pem"]
)
async def test_the_client_shows_its_certificate(server: str, certificates: Path, identity: str) -> None:
    parameters = f"sslrootcert=@ca.crt&{identity}"
    assert await encryption(server, certificates, parameters, "ada") == (True, "/CN=ada")
    with pytest.raises(PrismaError, match="requires a valid client certificate"):
        await encryption(server, certificates, "sslmode=require", "ada")


async def test_a_server_that_cannot_encrypt_is_named_as_such(certificates: Path) -> None:
    needs_debian()
    port = free_port()
    with debian_server(f"-c listen_addresses=127.0.0.1 -c port={port}"):
        address = f"localhost:{port}/postgres"
        assert await encryption(address, certificates, "sslmode=prefer") == (False, "")
        with pytest.raises(PrismaError, match="sslmode=prefer") as caught:
            await encryption(address, certificates, "sslmode=require")
    assert caught.value.code == "P1011"
