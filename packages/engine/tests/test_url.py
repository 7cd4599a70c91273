"""Database addresses as Prisma spells them."""

from __future__ import annotations

import ssl
import string
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berceau_engine.errors import InvalidUrlError
from berceau_engine.postgres import DatabaseUrl


def test_an_address_is_taken_apart() -> None:
    url = DatabaseUrl.parse("postgresql://ada:p%40ss@db.internal:6543/shop?schema=sales&connection_limit=5")
    assert (url.user, url.password, url.host, url.port) == ("ada", "p@ss", "db.internal", 6543)
    assert (url.database, url.schema, dict(url.parameters)) == ("shop", "sales", {"connection_limit": "5"})


def test_defaults() -> None:
    url = DatabaseUrl.parse("postgres://ada@localhost")
    assert (url.port, url.database, url.schema, url.password) == (5432, "postgres", "public", None)


def test_a_socket_folder_is_a_host() -> None:
    url = DatabaseUrl.parse("postgresql://postgres:@/app?host=/run/pg")
    assert (url.host, url.place) == ("/run/pg", "/run/pg")
    assert DatabaseUrl.parse(str(url)) == url


def test_the_password_is_never_shown() -> None:
    url = DatabaseUrl.parse("postgresql://ada:secret@h/d")
    assert "secret" not in str(url.redacted)
    assert "secret" not in repr(url)
    assert "secret" in str(url)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mysql://u@h/d", "must start with postgresql://"),
        ("localhost:5432/d", "must start with postgresql://"),
        ("postgresql:///d", "names no host"),
        ("postgresql://h/d", "names no user"),
        ("postgresql://u@h:99999/d", "port must be a number"),
        (
            "postgresql://u@h/d?conection_limit=5",
            "unknown parameter 'conection_limit'; did you mean 'connection_limit'",
        ),
        ("postgresql://u@h/d?zzz=5", "unknown parameter 'zzz'; known are"),
        ("postgresql://u@h/d?connection_limit=many", "must be a whole number, not 'many'"),
        ("postgresql://u@h/d?pgbouncer=yes", "must be true or false"),
        ("postgresql://u@h/d?connection_limit=0", "'connection_limit' must be at least 1"),
        ("postgresql://u@h/d?sslmode=maybe", "'sslmode' must be one of disable"),
        ("postgresql://u@h/d?sslaccept=maybe", "'sslaccept' must be"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, message: str) -> None:
    with pytest.raises(InvalidUrlError, match=message) as caught:
        DatabaseUrl.parse(text)
    assert caught.value.code == "P1013"


NAMES = st.text(string.printable + "äß😀", min_size=1, max_size=20).filter(lambda text: text.strip() == text)


@given(NAMES, NAMES, NAMES, NAMES)
def test_any_user_password_database_and_schema_survive_writing_and_reading(
    user: str, password: str, database: str, schema: str
) -> None:
    url = DatabaseUrl("db.internal", 5432, user, password, database.lstrip("/") or "d", schema)
    assert DatabaseUrl.parse(str(url)) == url


def test_parameters_reach_the_driver() -> None:
    url = DatabaseUrl.parse(
        "postgresql://u:p@h/d?schema=a%22b&connect_timeout=7&socket_timeout=9&statement_cache_size=3"
        "&application_name=app&statement_timeout=1500&options=-c%20jit=off%20-c%20work_mem=8MB"
    )
    arguments = url.connect_arguments()
    assert (arguments["timeout"], arguments["command_timeout"], arguments["statement_cache_size"]) == (7, 9, 3)
    assert arguments["server_settings"] == {
        "search_path": '"a""b"',
        "application_name": "app",
        "statement_timeout": "1500",
        "jit": "off",
        "work_mem": "8MB",
    }


def test_behind_pgbouncer_no_statement_is_kept() -> None:
    assert DatabaseUrl.parse("postgresql://u@h/d?pgbouncer=true").connect_arguments()["statement_cache_size"] == 0


def test_pgbouncer_gets_no_setting_that_it_refuses() -> None:
    url = "postgresql://u@h/d?pgbouncer=true&schema=shop&application_name=a"
    assert DatabaseUrl.parse(url).connect_arguments()["server_settings"] == {"application_name": "a"}


@pytest.mark.parametrize("setting", ["statement_timeout=500", "options=-c%20jit=off"])
def test_a_setting_that_pgbouncer_refuses_is_told_before_connecting(setting: str) -> None:
    name = setting.partition("=")[0]
    with pytest.raises(InvalidUrlError, match=f"'{name}' cannot be used with 'pgbouncer=true': .*ALTER ROLE"):
        DatabaseUrl.parse(f"postgresql://u@h/d?pgbouncer=true&{setting}")


def test_seconds_may_have_fractions() -> None:
    url = DatabaseUrl.parse("postgresql://u@h/d?connect_timeout=0.25&socket_timeout=1.5&pool_timeout=0")
    arguments = url.connect_arguments()
    assert (arguments["timeout"], arguments["command_timeout"], url.seconds("pool_timeout", 10)) == (0.25, 1.5, 0)
    with pytest.raises(InvalidUrlError, match="'connect_timeout' must be a number of seconds, not 'soon'"):
        DatabaseUrl.parse("postgresql://u@h/d?connect_timeout=soon")


def test_tls_modes() -> None:
    def mode(parameters: str) -> object:
        return DatabaseUrl.parse(f"postgresql://u@h/d?{parameters}").ssl_context()

    assert mode("") == "prefer"
    assert mode("sslmode=disable") is False
    assert mode("sslmode=require") == "require"
    strict = mode("sslmode=require&sslaccept=strict")
    assert isinstance(strict, ssl.SSLContext)
    assert strict.check_hostname
    authority = mode("sslmode=verify-ca")
    assert isinstance(authority, ssl.SSLContext)
    assert not authority.check_hostname
    with pytest.raises(InvalidUrlError, match="certificate cannot be used"):
        mode("sslcert=/nowhere/ca.pem")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its key, apart, together, and as PKCS#12."""
    folder = tmp_path_factory.mktemp("certificates")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.crt -subj /CN=ada -days 2",
        "pkcs12 -export -in own.crt -inkey own.key -passout pass:secret -out own.p12",
        "rsa -in own.key -aes256 -passout pass:secret -out locked.key",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    (folder / "both.pem").write_bytes((folder / "own.crt").read_bytes() + (folder / "own.key").read_bytes())
    return folder


def context(certificates: Path, parameters: str) -> ssl.SSLContext | str | bool:
    """The setting for parameters in which `@` stands for the folder."""
    return DatabaseUrl.parse(f"postgresql://u@h/d?{parameters.replace('@', f'{certificates}/')}").ssl_context()


def test_invalid_certificates_are_accepted_beside_an_authority_if_asked_for(certificates: Path) -> None:
    assert context(certificates, "sslmode=require&sslrootcert=@own.crt&sslaccept=accept_invalid_certs") == "require"
    own = context(certificates, "sslrootcert=@own.crt&sslidentity=@both.pem&sslaccept=accept_invalid_certs")
    assert isinstance(own, ssl.SSLContext)
    assert own.verify_mode is ssl.CERT_NONE
    with pytest.raises(InvalidUrlError, match="contradict each other"):
        context(certificates, "sslmode=verify-full&sslaccept=accept_invalid_certs")


@pytest.mark.parametrize(
    "parameters",
    [
        "sslidentity=@both.pem",
        "sslcert=@own.crt&sslkey=@own.key",
        "sslrootcert=@own.crt&sslcert=@own.crt&sslkey=@locked.key&sslpassword=secret",
    ],
)
def test_a_certificate_of_the_client_is_read(certificates: Path, parameters: str) -> None:
    assert isinstance(context(certificates, parameters), ssl.SSLContext)


def test_a_wrong_password_of_a_key_is_told_and_not_asked_for(certificates: Path) -> None:
    with pytest.raises(InvalidUrlError, match="certificate cannot be used"):
        context(certificates, "sslcert=@own.crt&sslkey=@locked.key")


def test_pkcs12_is_refused_with_the_way_to_pem(certificates: Path) -> None:
    with pytest.raises(InvalidUrlError, match=r"openssl pkcs12 -in .*own\.p12 -nodes .* 'sslcert' and 'sslkey'"):
        context(certificates, "sslidentity=@own.p12&sslpassword=secret")
