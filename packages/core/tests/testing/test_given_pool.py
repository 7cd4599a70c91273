"""A given server behind PgBouncer: that is seen, and what to set instead is said, before anything is made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from given_servers import TABLE, column, migrated, opened
from pgbouncer import bouncer, installed

from berceau.errors import ConfigurationError

PASSED_OVER = {"ignore_startup_parameters": "search_path"}
MADE = "SELECT datname::text FROM pg_database UNION ALL SELECT nspname FROM pg_namespace"


@pytest.mark.parametrize("role", ["CREATEDB", ""])
@pytest.mark.parametrize("entries", ["*", "the database's"])
@pytest.mark.parametrize(
    ("pool_mode", "settings", "reason"),
    [
        ("session", {}, "refuses settings of a session"),
        ("session", PASSED_OVER, "loses settings of a session"),
        ("transaction", {}, "refuses settings of a session"),
        ("transaction", PASSED_OVER, "gives a session's connection to others"),
    ],
)
def test_an_address_through_pgbouncer_is_refused(background, given, role, entries, pool_mode, settings, reason):
    direct, contents = given(role), migrated(TABLE)
    before = background.run(column(direct.url, MADE))
    entry = "*" if entries == "*" else direct.url.database
    with bouncer(installed(), direct.url, entry=entry, pool_mode=pool_mode, **settings) as address:
        with pytest.raises(ConfigurationError, match=f"TEST_DATABASE_URL goes through PgBouncer.* {reason}") as caught:
            opened(background, replace(direct, url=address), contents)
    assert "Set TEST_DATABASE_URL to the address of the server itself." in str(caught.value)
    made = set(background.run(column(direct.url, MADE))) - set(before)
    assert not [name for name in made if contents.name in name]
