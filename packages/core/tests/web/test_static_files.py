"""Style sheets are kept by browsers until they change."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from berceau.static_files import ASK_AGAIN, FOREVER, StaticFolders


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "shop.css").write_text("a { color: red }")
    (tmp_path / "secret.txt").write_text("not for you")
    return folder


@pytest.fixture
def static(folder) -> StaticFolders:
    return StaticFolders({"shop": folder})


@pytest.fixture
def app(static) -> FastAPI:
    app = FastAPI()
    static.mount(app)
    return app


async def test_a_file_at_its_own_address_is_kept_for_ever(app, static, call):
    async with call(app) as client:
        answer = await client.get(static.address("shop/shop.css"))
    assert answer.text == "a { color: red }"
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == FOREVER


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789ab", "?w=1"])
async def test_any_other_address_is_asked_for_again(app, call, query):
    async with call(app) as client:
        answer = await client.get(f"/berceau/static/shop/shop.css{query}")
        again = await client.get(
            f"/berceau/static/shop/shop.css{query}", headers={"if-none-match": answer.headers["etag"]}
        )
    assert answer.headers["cache-control"] == ASK_AGAIN
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == ASK_AGAIN


async def test_the_address_changes_with_the_content(app, static, folder, call):
    before = static.address("shop/shop.css")
    (folder / "shop.css").write_text("a { color: green; }")
    after = static.address("shop/shop.css")
    assert before != after
    async with call(app) as client:
        assert (await client.get(before)).headers["cache-control"] == ASK_AGAIN


@pytest.mark.parametrize("path", ["shop/../secret.txt", "shop/%2e%2e/secret.txt", "shop//etc/passwd", "shop/"])
async def test_nothing_outside_the_folder_is_served(app, call, path):
    async with call(app) as client:
        assert (await client.get(f"/berceau/static/{path}")).status_code == 404


@pytest.mark.parametrize("file", ["shop/missing.css", "bar/shop.css", "shop.css", ""])
def test_the_address_of_a_missing_file_is_an_error(static, file):
    with pytest.raises(FileNotFoundError):
        static.address(file)
