"""Connections and the pool on a real server, and what is said when there is none."""

from __future__ import annotations

import socket

import pytest

from berceau_engine.errors import (
    AuthenticationError,
    DatabaseNotFoundError,
    DatabaseUnreachableError,
    OperationTimeoutError,
    PrismaError,
)
from berceau_engine.postgres import DatabaseUrl, connect, open_pool, translate


async def test_a_connection_works_in_the_schema_of_its_address(database_url: DatabaseUrl) -> None:
    connection = await connect(database_url)
    await connection.execute('CREATE SCHEMA "my schema"')
    await connection.close()
    connection = await connect(database_url.with_schema("my schema"))
    await connection.execute("CREATE TABLE t (id int)")
    found = await connection.fetchval("SELECT schemaname FROM pg_tables WHERE tablename = 't'")
    await connection.close()
    assert found == "my schema"


async def test_a_closed_port_is_unreachable_and_the_message_names_it(database_url: DatabaseUrl) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        url = DatabaseUrl("127.0.0.1", port, "ada", "secret", "shop", parameters={"sslmode": "disable"})
        with pytest.raises(DatabaseUnreachableError) as caught:
            await connect(url)
    assert f"ada@127.0.0.1:{port}, database 'shop'" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_missing_database_is_named(database_url: DatabaseUrl) -> None:
    with pytest.raises(DatabaseNotFoundError, match="nowhere"):
        await connect(database_url.with_database("nowhere"))


async def test_a_role_that_does_not_exist_is_refused(database_url: DatabaseUrl) -> None:
    from dataclasses import replace

    with pytest.raises(PrismaError) as caught:
        await connect(replace(database_url, user="nobody"))
    assert isinstance(caught.value, AuthenticationError) or "nobody" in str(caught.value)


async def test_a_server_that_never_answers_times_out(database_url: DatabaseUrl) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        parameters = {"connect_timeout": "1", "sslmode": "disable"}
        with pytest.raises(OperationTimeoutError, match="did not answer in time"):
            await connect(DatabaseUrl("127.0.0.1", port, "u", None, "d", parameters=parameters))


async def test_the_pool_keeps_to_its_limit_and_finds_a_wrong_address_at_once(database_url: DatabaseUrl) -> None:
    pool = await open_pool(database_url, connection_limit=2)
    connections = [await pool.acquire() for _ in range(2)]
    with pytest.raises(TimeoutError):
        await pool.acquire(timeout=0.05)
    for connection in connections:
        pool.release(connection)
    await pool.close()
    with pytest.raises(DatabaseNotFoundError):
        await open_pool(database_url.with_database("nowhere"))


CONDITIONS = [
    ("SELECT 1/0", "P2039"),
    ("SELECT * FROM nothing", "P2021"),
    ("CREATE TABLE t (a int); SELECT b FROM t", "P2022"),
    ("CREATE TABLE t (a int NOT NULL); INSERT INTO t VALUES (NULL)", "P2011"),
    ("CREATE TABLE t (a varchar(1)); INSERT INTO t VALUES ('ab')", "P2000"),
    ("SELECT 99999999999::int8::int4", "P2020"),
    ("SELECT 'x'::int", "P2007"),
    ("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (1)", "P2002"),
    ("CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t); INSERT INTO t VALUES (1, 2)", "P2003"),
    ("SET statement_timeout = 10; SELECT pg_sleep(5)", "P1008"),
    ("CREATE ROLE r; SET ROLE r; CREATE TABLE public.t (a int)", "P1010"),
    ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", "P2034"),
    ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", "P2034"),
    ("DO $$ BEGIN RAISE SQLSTATE '53300'; END $$", "P2037"),
    ("SELECT pg_terminate_backend(pg_backend_pid())", "P1017"),
]


@pytest.mark.parametrize(("sql", "code"), CONDITIONS, ids=[f"{code}-{sql[:20]}" for sql, code in CONDITIONS])
async def test_what_the_server_refuses_has_prismas_code(database_url: DatabaseUrl, sql: str, code: str) -> None:
    connection = await connect(database_url)
    try:
        await connection.execute(sql)
    except Exception as error:
        typed = translate(error)
        raw = translate(error, raw=True)
    else:
        pytest.fail("the server took it")
    finally:
        connection.terminate()
    assert getattr(typed, "code", None) == code
    assert getattr(raw, "code", None) == ("P1017" if code == "P1017" else "P2010")
