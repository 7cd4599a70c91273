"""Running scripts: which statement of one has failed, in which line, and what PostgreSQL said of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from berceau_engine.postgres import Connection, connect
from berceau_engine.scripts import ScriptError, ScriptFailure, run_script
from berceau_engine.sql_text import has_own_transactions, shown, statements


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """A connection to a database of the test's own."""
    connection = await connect(database_url)
    yield connection
    await connection.close()


async def failure(connection: Connection, script: str, **around: str) -> ScriptFailure:
    with pytest.raises(ScriptError) as caught:
        await run_script(connection, script, **around)
    return caught.value.failure


def texts(script: str) -> list[str]:
    return [shown(script, statement) for statement in statements(script)]


class TestStatements:
    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("", []),
            ("-- nothing\n/* at /* all */ */ ;;\n", []),
            ("SELECT 1", ["SELECT 1"]),
            ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
            ("SELECT ';', 'it''s;' ; SELECT 2", ["SELECT ';', 'it''s;'", "SELECT 2"]),
            (r"SELECT E'\';' ; SELECT 2", [r"SELECT E'\';'", "SELECT 2"]),
            (r"SELECT '\' ; SELECT 2", [r"SELECT '\'", "SELECT 2"]),
            ('SELECT 1 AS ";" ; SELECT 2', ['SELECT 1 AS ";"', "SELECT 2"]),
            ("DO $$ BEGIN; END; $$; SELECT 2", ["DO $$ BEGIN; END; $$", "SELECT 2"]),
            ("DO $a$ $$;$$ $a$; SELECT $1", ["DO $a$ $$;$$ $a$", "SELECT $1"]),
            ("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", None),
            (
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; SELECT 3",
                None,
            ),
            ("SELECT 'open", ["SELECT 'open"]),
        ],
    )
    def test_a_script_is_split_as_psql_splits_it(self, script: str, expected: list[str] | None) -> None:
        assert texts(script) == expected if expected is not None else len(texts(script)) == 2

    def test_each_knows_its_line(self) -> None:
        script = "\n-- first\nSELECT 1;\nSELECT\n  2; SELECT 3;\n"
        assert [statement.line for statement in statements(script)] == [3, 4, 5]

    @pytest.mark.parametrize(
        ("script", "own"),
        [
            ("BEGIN; SELECT 1; COMMIT;", True),
            ("SELECT 1;\n  start transaction; end", True),
            ("PREPARE TRANSACTION 'a'", True),
            ("/* BEGIN; */ SELECT 'COMMIT'; -- COMMIT\nDO $$ BEGIN NULL; END $$;", False),
            ("SAVEPOINT a; ROLLBACK TO SAVEPOINT a; ROLLBACK WORK TO a", False),
            ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END", False),
            ("PREPARE a AS SELECT 1", False),
        ],
    )
    def test_transactions_of_its_own_are_seen(self, script: str, own: bool) -> None:
        assert has_own_transactions(script) is own


class TestFailure:
    async def test_the_position_leads_to_line_and_statement(self, connection: Connection) -> None:
        found = await failure(connection, "SELECT 1;\nSELECT 2,\n  nothing;\nSELECT 3;")

        assert (found.line, found.number, found.total, found.sqlstate) == (3, 2, 3, "42703")
        assert found.statement == "SELECT 2, nothing"

    @pytest.mark.parametrize("before", ["", "SET application_name = 'ä'; SELECT 1;"])
    async def test_without_a_position_the_completed_statements_are_counted(
        self, connection: Connection, before: str
    ) -> None:
        found = await failure(
            connection,
            "CREATE TABLE a (id int UNIQUE); -- one; not two\n;;\nINSERT INTO a VALUES (1);\n\n"
            "INSERT INTO a VALUES (1);\nSELECT 4;",
            before=before,
            after="SELECT 5",
        )

        assert (found.line, found.number, found.total) == (5, 3, 4)
        assert str(found) == (
            'duplicate key value violates unique constraint "a_id_key"\n'
            "in statement 3 of 4: INSERT INTO a VALUES (1)\n"
            "DETAIL: Key (id)=(1) already exists."
        )

    async def test_many_rows_before_it_do_not_disturb_the_count(self, connection: Connection) -> None:
        found = await failure(connection, "SELECT repeat('C', 9) FROM generate_series(1, 9000);\nSELECT 1/0;")

        assert (found.line, found.number) == (2, 2)

    async def test_what_is_found_at_the_end_belongs_to_no_statement(self, connection: Connection) -> None:
        found = await failure(
            connection,
            "CREATE TABLE a (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1), (1);",
            after="SELECT 1",
        )

        assert (found.line, found.number, found.sqlstate) == (None, None, "23505")

    async def test_a_string_that_is_not_closed_does_not_swallow_what_follows(self, connection: Connection) -> None:
        found = await failure(connection, "SELECT 1;\nSELECT 'open", after="SELECT 'x'")

        assert (found.line, found.sqlstate) == (2, "42601")

    async def test_hints_are_passed_on(self, connection: Connection) -> None:
        found = await failure(connection, "SELECT lenght('a')")

        assert "\nHINT: " in str(found)

    async def test_the_connection_is_as_before(self, connection: Connection) -> None:
        await failure(connection, "SELECT 1/0")

        assert await connection.fetchval("SELECT 1") == 1
        await run_script(connection, "")
        await run_script(connection, "-- nothing")
