"""A given server of Debian's version, the oldest that is tested, with both kinds of copies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from debian import debian_server, needs_debian
from given_servers import Given, admin, column, execute, given_on, migrated, opened

from berceau.testing.background import Background
from berceau_engine.postgres import DatabaseUrl

SQL = """\
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE DOMAIN short AS text NOT NULL CHECK (length(VALUE) < 9);
CREATE TABLE author (id SERIAL PRIMARY KEY, name short UNIQUE, mood mood DEFAULT 'sad');
CREATE TABLE book (id INT GENERATED ALWAYS AS IDENTITY, author INT NOT NULL REFERENCES author, title TEXT NOT NULL);
CREATE INDEX book_author ON book (author);
CREATE FUNCTION authors() RETURNS bigint LANGUAGE sql SET search_path = public AS 'SELECT count(*) FROM author';
CREATE VIEW titles AS SELECT title FROM book;
INSERT INTO author (name) VALUES ('Ada');
"""
ICU = "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LC_COLLATE 'C' LC_CTYPE 'C'"


@pytest.fixture(scope="module")
def older() -> Iterator[DatabaseUrl]:
    """It waits for its disk, so that databases are copied as on servers that are kept."""
    needs_debian()
    with debian_server("-c fsync=on") as url:
        yield DatabaseUrl.parse(url)


@pytest.fixture
def given(older: DatabaseUrl, background: Background) -> Iterator[Given]:
    with given_on(older, background) as make:
        yield make


@pytest.mark.parametrize(("role", "word"), [("SUPERUSER", "database"), ("CREATEDB", "database"), ("", "schema")])
def test_copies_are_made_emptied_and_dropped(background, given, role, word):
    server, contents = given(role, database=ICU), migrated(SQL)
    first, second = opened(background, server, contents), opened(background, server, contents)
    try:
        assert (first.copy.kind.word, second.copy.kind.word) == (word, word)
        background.run(
            execute(first.url, "INSERT INTO author (name) VALUES ('Bob')", "DELETE FROM author WHERE id = 1")
        )
        background.run(execute(first.url, "INSERT INTO book (author, title) VALUES (2, 'Tea')"))
        first.prepare(None, None)
        for worker in (first, second):
            assert background.run(column(worker.url, "SELECT name || ' ' || mood FROM author")) == ["Ada sad"]
            assert background.run(column(worker.url, "SELECT authors() + count(*) FROM titles")) == [1]
        assert background.run(column(first.url, "SELECT nextval('author_id_seq')")) == [2]
    finally:
        first.close(drop=True)
        second.close(drop=True)
    names = "SELECT datname FROM pg_database UNION ALL SELECT nspname FROM pg_namespace"
    assert not {first.copy.name, second.copy.name} & set(background.run(column(server.url, names)))


def test_a_database_is_like_the_given_one(background, given):
    look = """
        SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datlocprovider, daticulocale,
                         current_setting('work_mem')) FROM pg_database WHERE datname = current_database()"""
    server = given("CREATEDB", database=ICU)
    background.run(execute(admin(server), f"ALTER DATABASE {server.url.database} SET work_mem = '7MB'"))
    worker = opened(background, server, migrated(SQL))
    expected = background.run(column(server.url, look))
    assert expected == ["UTF8 C i de-DE 7MB"]
    assert background.run(column(worker.url, look)) == expected
    worker.close(drop=True)
