"""Wrong settings of a client are told when it is made, by the argument that holds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from berceau.client import BoundSchema
from berceau.client.errors import InputError, InvalidUrlError, InvalidValueError, WrongTypeError

WRONG: list[tuple[type[InputError], dict[str, Any], str]] = [
    (WrongTypeError, {"url": 5}, "url: expected the database's address as text, found int 5"),
    (WrongTypeError, {"datasource": "x"}, "datasource: expected {\"url\": …}, found str 'x'"),
    (WrongTypeError, {"datasource": {"url": 5}}, "datasource.url: expected the database's address as text"),
    (InputError, {"datasource": {"uri": "x"}}, "datasource.uri: a datasource has no 'uri'; did you mean 'url'?"),
    (WrongTypeError, {"connect_timeout": "5"}, "connect_timeout: expected seconds as a number, or a timedelta, found"),
    (WrongTypeError, {"connect_timeout": True}, "connect_timeout: expected seconds as a number, or a timedelta, found"),
    (InvalidValueError, {"connect_timeout": -1}, "connect_timeout: must be a time from 0 seconds on, found -1 s"),
    (InvalidValueError, {"slow_query_threshold": -0.5}, "slow_query_threshold: must be a time from 0 seconds on"),
    (InvalidValueError, {"slow_query_threshold": float("nan")}, "slow_query_threshold: must be a time from 0 seconds"),
    (WrongTypeError, {"slow_query_threshold": "1"}, "slow_query_threshold: expected seconds as a number"),
    (WrongTypeError, {"log_queries": "yes"}, "log_queries: expected True or False, found str 'yes'"),
    (WrongTypeError, {"sql_comments": 1}, "sql_comments: expected True or False, found int 1"),
    (WrongTypeError, {"auto_register": "no"}, "auto_register: expected True or False, found str 'no'"),
    (WrongTypeError, {"on_query": "log"}, "on_query: expected a function, found str 'log'"),
]

BAD_URLS = [
    ("postgresql:///blog", "names no host"),
    ("postgresql://ada@localhost:abc/blog", "port must be a number"),
    ("postgresql://ada@localhost:99999/blog", "port must be a number"),
    ("postgresql://ada@[::1/blog", "not valid"),
    ("mysql://ada@localhost/blog", "must start with postgresql://"),
    ("localhost", "must start with postgresql://"),
    ("postgresql://ada@localhost/blog?conection_limit=5", "did you mean 'connection_limit'"),
    ("postgresql://ada@localhost/blog?connection_limit=many", "must be a whole number"),
]


@pytest.mark.parametrize(("error", "settings", "message"), WRONG)
def test_a_wrong_setting_is_named(
    bound: BoundSchema, error: type[InputError], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(error) as caught:
        bound.client_class()(**settings)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("url", "reason"), BAD_URLS)
def test_an_address_that_cannot_be_understood_is_refused_at_once(bound: BoundSchema, url: str, reason: str) -> None:
    with pytest.raises(InvalidUrlError, match=reason.replace("?", r"\?")):
        bound.client_class()(url)
    with pytest.raises(InvalidUrlError):
        bound.client_class()(datasource={"url": url})


async def test_the_times_of_connecting_are_checked(bound: BoundSchema, url: str) -> None:
    client = bound.client_class()(url, connect_timeout=timedelta(seconds=30), slow_query_threshold=timedelta(minutes=1))
    with pytest.raises(WrongTypeError, match=r"^timeout: expected seconds"):
        await client.connect(timeout="5")  # type: ignore[arg-type]
    async with client:
        with pytest.raises(InvalidValueError, match=r"^timeout: must be a time"):
            await client.disconnect(timeout=-1)
        assert client.is_connected()


async def test_raw_sql_is_text_and_its_parameters_are_values(db: Any, events: list[Any]) -> None:
    for call in (db.query_raw, db.query_first, db.execute_raw, db.author.query_raw, db.author.query_first):
        with pytest.raises(WrongTypeError, match=r"^query: expected SQL as text, found int 5"):
            await call(5)
    with pytest.raises(WrongTypeError, match=r"^query: expected SQL as text, found None"):
        await db.execute_raw(None)
    with pytest.raises(WrongTypeError, match=r"^model: expected a class of pydantic models, found int 5"):
        await db.query_raw("SELECT 1", model=5)
    with pytest.raises(InvalidValueError, match=r"^args\.1: .*cannot be written as JSON"):
        await db.query_raw("SELECT $1::int, $2::json", 1, {"a": object()})
    assert events == []
    with pytest.raises(InvalidValueError):
        await db.query_raw("SELECT $1::int", object())
