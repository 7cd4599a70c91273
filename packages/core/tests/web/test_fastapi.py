"""A host of one's own: install(app) connects, injects, answers errors, and refuses what cannot work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from distributions import component
from fastapi import FastAPI, Request
from hosts import Host

from berceau import embedded
from berceau.errors import ConfigurationError, StaleClientError
from berceau.fastapi import Db, NavigationLink, install, site
from berceau_engine.errors import DatabaseConnectionError
from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect

SCHEMA = """
model TeaKind {
  id     String  @id @default(uuid()) @db.Uuid
  name   String  @unique @db.VarChar(20)
  leaves TeaLeaf[]
}

model TeaLeaf {
  id     String  @id @default(uuid()) @db.Uuid
  kindId String  @db.Uuid
  kind   TeaKind @relation(fields: [kindId], references: [id])
}
"""
ROUTES = """
from typing import Any
from berceau.fastapi import Db, csrf_exempt, render
from fastapi import APIRouter, Body, Form, Request, WebSocket

router = APIRouter()

@router.get("")
async def page(request: Request):
    return render(request, "tea/page.html")

@router.get("/count")
async def count(db: Db):
    return await db.teakind.count()

@router.post("/kinds")
async def add(db: Db, data: dict[str, Any] = Body()):
    return (await db.teakind.create(data=data)).name

@router.post("/leaves")
async def add_leaf(db: Db, data: dict[str, Any] = Body()):
    return (await db.tealeaf.create(data=data)).id

@router.get("/kinds/{kind_id}")
async def get(db: Db, kind_id: str):
    return (await db.teakind.find_unique(where={"id": kind_id})).name

@router.post("/form")
async def form(name: str = Form()):
    return name

@router.post("/hook/{which}")
@csrf_exempt
async def hook(which: str, name: str = Form()):
    return name

@router.websocket("/live")
async def live(socket: WebSocket, db: Db):
    await socket.accept()
    await socket.send_json(await db.teakind.count())
    await socket.close()
"""


def tea(schema: str = SCHEMA, version: str = "1.0.0"):
    files = {
        "berceau_tea/routes.py": ROUTES,
        "berceau_tea/templates/page.html": '{% extends "berceau/layout.html" %}{% block content %}Tea{% endblock %}',
    }
    made = component("tea", schema, facets={"router": "berceau_tea.routes:router"}, version=version, init="")
    return type(made)(made.name, made.version, {**made.files, **files}, made.entry_points, made.requires)


@pytest.fixture
def host(tmp_path, monkeypatch) -> Iterator[Host]:
    """A project with the component `tea` and a client of its own, which this process imports instead of any other."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith(("berceau_client", "berceau_tea"))}
    for name in kept:
        del sys.modules[name]
    for name in ("DATABASE_URL", "BERCEAU_ENV", "BERCEAU_SECRET"):
        monkeypatch.delenv(name, raising=False)
    host = Host(tmp_path / "project")
    host.install(tea())
    host.build()
    monkeypatch.syspath_prepend(str(host.site))
    monkeypatch.syspath_prepend(str(host.root))
    yield host
    for name in [name for name in sys.modules if name.startswith(("berceau_client", "berceau_tea"))]:
        del sys.modules[name]
    sys.modules.update(kept)


@pytest.fixture
def make_app(host: Host) -> Callable[..., FastAPI]:
    def make(**options) -> FastAPI:
        app = FastAPI()
        install(app, config=host.config, components=host.components(), **options)
        return app

    return make


async def create_tables(host: Host, url: str) -> None:
    files = list(host.files().items())
    async with await SchemaEngine.open(files, DatabaseUrl.parse(url)) as engine:
        await engine.schema_push(files)


@pytest.fixture
async def database(host: Host, postgres: str, monkeypatch) -> AsyncIterator[str]:
    """A database of the test's own with the tables of `tea`."""
    name = f"tea_{uuid4().hex}"
    url = str(DatabaseUrl.parse(postgres).with_database(name))
    administrator = await connect(postgres)
    await administrator.execute(f"CREATE DATABASE {name}")
    await create_tables(host, url)
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await administrator.close()


# ---------------------------------------------------------------- the database


async def test_a_route_gets_the_connected_database(make_app, database, call):
    app = make_app()
    async with app.router.lifespan_context(app), call(app) as client:
        assert (await client.get("/tea/count")).json() == 0
        assert (await client.post("/tea/kinds", json={"name": "Green"})).json() == "Green"
        assert (await client.get("/tea/count")).json() == 1


async def test_a_websocket_gets_the_database_too(make_app, database):
    app = make_app()
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/tea/live",
        "root_path": "",
        "scheme": "ws",
        "query_string": b"",
        "headers": [],
    }
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    assert json.loads(sent[1]["text"]) == 0


async def test_stopping_the_application_closes_its_connections(make_app, database, call):
    watcher = await connect(database)
    others = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    app = make_app()
    async with app.router.lifespan_context(app), call(app) as client:
        await client.get("/tea/count")
        assert await watcher.fetchval(others) > 0
    for _ in range(3000):
        if await watcher.fetchval(others) == 0:
            break
        await watcher.execute("SELECT pg_sleep(0.02)")
    assert await watcher.fetchval(others) == 0
    await watcher.close()


async def test_the_hosts_own_start_and_stop_stand_inside_the_databases(host, database):
    seen = []

    @asynccontextmanager
    async def lifespan(app):
        seen.append(await app.state.berceau.database.client.teakind.count())
        yield {"colour": "green"}
        seen.append(await app.state.berceau.database.client.teakind.count())

    app = FastAPI(lifespan=lifespan)
    install(app, config=host.config, components=host.components())
    async with app.router.lifespan_context(app) as state:
        assert state == {"colour": "green"}
    assert seen == [0, 0]


async def test_the_application_is_made_without_an_address_and_says_so_when_it_starts(make_app, call):
    app = make_app()
    async with call(app) as client:
        assert (await client.get("/openapi.json")).status_code == 200
        assert (await client.get("/tea")).status_code == 200
    with pytest.raises(ConfigurationError) as error:
        async with app.router.lifespan_context(app):
            pass
    assert "DATABASE_URL" in str(error.value)
    assert "berceau dev" in str(error.value)


@pytest.mark.parametrize("url", ["mysql://localhost/tea", "postgresql://u:secret@/tea", "tea"])
async def test_a_wrong_address_is_told_without_its_password(make_app, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    app = make_app()
    with pytest.raises(ConfigurationError) as error:
        async with app.router.lifespan_context(app):
            pass
    assert "DATABASE_URL" in str(error.value)
    assert "secret" not in str(error.value)


async def test_a_server_that_does_not_answer_is_named(make_app, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@127.0.0.1:9/tea")
    app = make_app()
    with pytest.raises(DatabaseConnectionError) as error:
        async with app.router.lifespan_context(app):
            pass
    assert "127.0.0.1" in str(error.value)
    assert "secret" not in str(error.value)


async def test_a_database_that_goes_away_is_an_answer_to_come_back_later(host, make_app, project, call, monkeypatch):
    url = embedded.start(project).url
    await create_tables(host, url)
    monkeypatch.setenv("DATABASE_URL", url)
    app = make_app()
    async with app.router.lifespan_context(app), call(app) as client:
        assert (await client.get("/tea/count")).status_code == 200
        embedded.stop(project)
        json = await client.get("/tea/count")
        page = await client.get("/tea/count", headers={"accept": "text/html"})
        assert (json.status_code, page.status_code) == (503, 503)
        assert int(json.headers["retry-after"]) > 0
        assert "try again" in page.text
        embedded.start(project)
        assert (await client.get("/tea/count")).status_code == 200


async def test_errors_of_the_database_are_answers(make_app, database, call):
    app = make_app()
    nobody = "00000000-0000-4000-8000-000000000000"
    async with app.router.lifespan_context(app), call(app) as client:
        await client.post("/tea/kinds", json={"name": "Green"})
        answers = {
            "duplicate": await client.post("/tea/kinds", json={"name": "Green"}),
            "too long": await client.post("/tea/kinds", json={"name": "x" * 21}),
            "missing": await client.post("/tea/kinds", json={}),
            "no such kind": await client.post("/tea/leaves", json={"kindId": nobody}),
            "no id": await client.get("/tea/kinds/nonsense"),
        }
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {"duplicate": 409, "too long": 422, "missing": 422, "no such kind": 400, "no id": 422}
    for answer in answers.values():
        assert set(answer.json()) == {"detail", "code"}
        assert not any(word in answer.text for word in ("Green", "xxx", "TeaKind", "SELECT", "INSERT", nobody))


@pytest.mark.parametrize(
    ("url", "words"),
    [("", "Set DATABASE_URL"), ("postgresql://user:secret@127.0.0.1:9/tea", "127.0.0.1"), ("tea", "postgresql://")],
)
def test_a_server_that_cannot_start_prints_the_reason_without_a_traceback(host, url, words):
    (host.root / "shop.py").write_text(
        "from fastapi import FastAPI\nfrom berceau.fastapi import install\napp = FastAPI()\ninstall(app)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "shop:app", "--port", "0"],
        cwd=host.root,
        env=os.environ | {"PYTHONPATH": f"{host.site}{os.pathsep}{host.root}", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert words in done.stderr
    assert "Application startup failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


# ---------------------------------------------------------------- protection


async def test_forms_of_components_are_protected_and_exempt_routes_are_not(make_app, call):
    app = make_app()
    async with call(app) as client:
        assert (await client.post("/tea/form", data={"name": "Green"})).status_code == 403
        assert (await client.post("/tea/hook/x", data={"name": "Green"})).json() == "Green"


async def test_every_answer_has_security_headers(make_app, call):
    async with call(make_app()) as client:
        for path in ("/tea", "/nowhere", "/berceau/static/berceau/berceau.css"):
            assert "content-security-policy" in (await client.get(path)).headers
        assert "content-security-policy" not in (await client.get("/docs")).headers


@pytest.mark.parametrize(("secret", "words"), [(None, "missing"), ("short", "too short")])
def test_production_needs_a_secret(make_app, monkeypatch, secret, words):
    monkeypatch.setenv("BERCEAU_ENV", "production")
    if secret:
        monkeypatch.setenv("BERCEAU_SECRET", secret)
    with pytest.raises(ConfigurationError) as error:
        make_app()
    assert f"BERCEAU_SECRET is {words}" in str(error.value)
    assert "secrets.token_urlsafe" in str(error.value)


def test_production_with_a_secret_is_fine(make_app, monkeypatch):
    monkeypatch.setenv("BERCEAU_ENV", "production")
    monkeypatch.setenv("BERCEAU_SECRET", "s" * 32)
    make_app()


# ---------------------------------------------------------------- pages


async def test_components_and_the_hosts_own_links_stand_in_the_navigation(make_app, call):
    async with call(make_app(navigation=[NavigationLink("Home", "/")])) as client:
        page = (await client.get("/tea")).text
    assert page.index('<a href="/">Home</a>') < page.index('<a href="/tea" aria-current="page">Tea</a>')


async def test_the_project_replaces_the_layout_and_goes_before_the_applications_own_folders(
    host, make_app, tmp_path, call
):
    for folder, brand in ((host.root / "templates", "The project"), (tmp_path / "packaged", "The package")):
        (folder / "berceau").mkdir(parents=True)
        (folder / "berceau" / "layout.html").write_text(
            f'{{% extends "original/berceau/layout.html" %}}{{% block brand %}}{brand}{{% endblock %}}'
        )
    async with call(make_app(templates=[tmp_path / "packaged"])) as client:
        assert "The project" in (await client.get("/tea")).text
    (host.root / "templates" / "berceau" / "layout.html").unlink()
    async with call(make_app(templates=[tmp_path / "packaged"])) as client:
        assert "The package" in (await client.get("/tea")).text


async def test_what_stands_behind_a_route_can_be_asked_for(host, call):
    app = FastAPI()

    @app.get("/")
    async def names(request: Request):
        return [each.component.name for each in site(request).components]

    install(app, config=host.config, components=host.components())
    async with call(app) as client:
        assert (await client.get("/")).json() == ["tea"]


async def test_the_database_without_install_is_an_error_that_says_so(call):
    app = FastAPI()

    @app.get("/")
    async def count(db: Db): ...

    with pytest.raises(RuntimeError, match="install"):
        async with call(app) as client:
            await client.get("/")


# ---------------------------------------------------------------- stale clients


def stale(make_app) -> str:
    with pytest.raises(StaleClientError) as error:
        make_app()
    assert "`berceau build`" in error.value.hint
    return str(error.value)


def test_a_client_that_was_never_built_is_refused(host, make_app, monkeypatch):
    for file in sorted(host.client.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    host.client.rmdir()
    monkeypatch.setattr(sys, "path", [str(host.root), str(host.site), *_without_client()])
    assert "the client has not been generated yet" in stale(make_app)


def _without_client() -> list[str]:
    return [folder for folder in sys.path if not (Path(folder) / "berceau_client").is_dir()]


def test_a_changed_component_is_named_and_building_cures_it(host, make_app):
    make_app()
    host.install(tea(SCHEMA.replace("VarChar(20)", "VarChar(30)"), version="1.1.0"))
    assert "component 'tea' (berceau-tea 1.0.0 → 1.1.0)" in stale(make_app)
    host.build()
    make_app()


def test_an_added_and_a_removed_component_are_named(host, make_app):
    host.install(component("coffee", "model CoffeeBean {\n  id Int @id\n}\n"))
    assert "component 'coffee' (berceau-coffee 1.0.0) has been added" in stale(make_app)
    host.build()
    make_app()
    host.uninstall("berceau-coffee")
    assert "component 'coffee' (berceau-coffee 1.0.0) is gone" in stale(make_app)


def test_a_new_version_with_the_same_models_needs_no_build(host, make_app):
    host.install(tea(version="1.0.1"))
    make_app()


def test_a_component_without_models_needs_no_build(host, make_app):
    host.install(component("about", None, facets={"text": "berceau_about:TEXT"}))
    make_app()


def test_a_change_in_the_hosts_own_models_is_named(host, make_app):
    host.write("own.prisma", "model Own {\n  id Int @id\n}\n")
    assert "own.prisma" in stale(make_app)
    host.build()
    make_app()


def test_a_client_that_was_not_finished_is_refused(host, make_app):
    (host.client / "schema.data").write_bytes(b"")
    assert "not to its end" in stale(make_app)


def test_an_image_without_the_schema_folder_can_be_served(host, make_app):
    host.write("own.prisma", "model Own {\n  id Int @id\n}\n")
    host.build()
    for file in host.schema.iterdir():
        file.unlink()
    host.schema.rmdir()
    make_app()
