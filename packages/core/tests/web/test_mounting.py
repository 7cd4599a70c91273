"""Components are mounted under their names; what cannot work is refused with its place and its cure."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from berceau.discovery import Component, Facet
from berceau.errors import CompositionError, DiscoveryError, Problems
from berceau.mounting import load_components, mount_components

ROUTER = """
from fastapi import APIRouter
router = APIRouter()

@router.get("/tea")
async def tea(): return "tea"
"""


class Shelf:
    """Packages that can be imported, with components in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, code: str = ROUTER, *, module: str = "routes", enabled: bool = True, **facets: str):
        """A component whose router facet is the object `router` of a module with this code."""
        package = f"package_{uuid4().hex}"
        (self.folder / package).mkdir()
        (self.folder / package / "__init__.py").write_text("")
        (self.folder / package / f"{module}.py").write_text(code)
        values = {"router": f"{module}:router", **facets}
        return Component(
            name,
            f"berceau-{name}",
            "1.2.0",
            facets=tuple(Facet(name, facet, f"{package}.{value}") for facet, value in values.items()),
            enabled=enabled,
        )

    def package(self, component: Component) -> Path:
        return self.folder / component.facets[0].value.partition(".")[0]


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Shelf:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Shelf(tmp_path)
    for name in [name for name in sys.modules if name.startswith("package_")]:
        del sys.modules[name]


def refused(components, kind=DiscoveryError):
    with pytest.raises(kind) as caught:
        load_components(components)
    return caught.value


def clash(app: FastAPI, *components: Component, kind=CompositionError):
    before = list(app.routes)
    with pytest.raises(kind) as caught:
        mount_components(app, load_components(components))
    assert list(app.routes) == before
    return caught.value


async def test_a_router_is_served_under_the_components_name(shelf, call):
    app = FastAPI()
    mount_components(app, load_components([shelf.put("demo"), shelf.put("shop")]))
    async with call(app) as client:
        assert (await client.get("/demo/tea")).json() == "tea"
        assert (await client.get("/shop/tea")).json() == "tea"
        assert (await client.get("/tea")).status_code == 404
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths["/demo/tea"]["get"]["tags"] == ["demo"]


async def test_a_callable_that_returns_a_router_will_do(shelf, call):
    component = shelf.put("demo", ROUTER + "\ndef make(): return router", router="routes:make")
    app = FastAPI()
    mount_components(app, load_components([component]))
    async with call(app) as client:
        assert (await client.get("/demo/tea")).json() == "tea"


def test_only_enabled_components_with_a_router_are_loaded(shelf):
    broken = shelf.put("broken", "raise RuntimeError", enabled=False)
    assert load_components([broken, Component("schema_only", "berceau-schema", "1.0")]) == ()


def test_a_facet_that_cannot_be_imported_names_component_entry_point_and_cause(shelf):
    component = shelf.put("demo", "import a_package_that_is_missing")
    error = refused([component])
    assert error.component == "demo"
    assert component.facets[0].value in str(error)
    assert "ModuleNotFoundError: No module named 'a_package_that_is_missing'" in str(error)
    assert 'disabled = ["demo"]' in str(error)
    assert isinstance(error.__cause__, ModuleNotFoundError)


def test_a_facet_that_does_not_exist_is_named(shelf):
    error = refused([shelf.put("demo", router="routes:routr")])
    assert "routes:routr" in str(error)
    assert "AttributeError" in str(error)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("router = 42", "builtins.int"),
        ("router = None", "builtins.NoneType"),
        ("from fastapi import FastAPI\nrouter = FastAPI()", "failed when it was called"),
        ("router = lambda: 42", "returned an object of type builtins.int"),
        ("def router(db): ...", "missing 1 required positional argument"),
        ("def router(): raise ValueError('no tea')", "ValueError: no tea"),
        ("async def router(): ...", "builtins.function, but a router is expected"),
    ],
)
def test_a_facet_that_is_no_router_says_what_it_is(shelf, code, words):
    component = shelf.put("demo", code)
    error = refused([component])
    assert words in str(error)
    assert component.facets[0].value in str(error)
    assert "fastapi.APIRouter" in error.hint
    assert error.component == "demo"


def test_all_components_that_cannot_be_loaded_are_named_at_once(shelf):
    components = [shelf.put("one", "1/0"), shelf.put("two"), shelf.put("three", "router = 3")]
    error = refused(components, Problems)
    assert [problem.component for problem in error.problems] == ["one", "three"]


@pytest.mark.parametrize("name", ["berceau", "original"])
def test_names_that_berceau_uses_itself_are_refused(shelf, name):
    assert "taken by berceau itself" in str(refused([shelf.put(name)]))


def test_a_clash_with_a_route_of_the_host_names_both(shelf):
    app = FastAPI()

    @app.get("/demo/{drink}")
    async def drinks(drink: str): ...

    component = shelf.put("demo", ROUTER.replace('"/tea"', '"/{kind}"'))
    error = clash(app, component)
    assert "GET /demo/{str} is served twice" in str(error)
    assert "the host application" in str(error)
    assert "drinks" in str(error)
    assert "component 'demo' (berceau-demo 1.2.0)" in str(error)
    assert ".routes.tea" in str(error)


def test_a_clash_within_one_router_is_named(shelf):
    twice = ROUTER + '\n@router.get("/tea")\nasync def more_tea(): ...\n'
    error = clash(FastAPI(), shelf.put("demo", twice))
    assert ".tea, and by component 'demo'" in str(error)
    assert ".more_tea" in str(error)


def test_a_clash_with_a_router_inside_a_router_is_named(shelf):
    nested = (
        ROUTER + "\ninner = APIRouter()\n@inner.get('/tea')\nasync def inner_tea(): ...\nrouter.include_router(inner)\n"
    )
    assert "inner_tea" in str(clash(FastAPI(), shelf.put("demo", nested)))


def test_all_clashes_are_named_at_once(shelf):
    twice = ROUTER + '\n@router.get("/tea")\nasync def more_tea(): ...\n'
    error = clash(FastAPI(), shelf.put("one", twice), shelf.put("two", twice), kind=Problems)
    assert [problem.component for problem in error.problems] == ["one", "two"]


def test_other_methods_and_other_kinds_of_parameter_do_not_clash(shelf):
    code = ROUTER + "".join(
        f'\n@router.{method}("/tea{path}")\nasync def {name}(): ...\n'
        for name, method, path in [
            ("post", "post", ""),
            ("socket", "websocket", ""),
            ("number", "get", "/{number:int}"),
            ("named", "get", "/{name}"),
            ("rest", "get", "/{rest:path}"),
        ]
    )
    assert len(load_components([shelf.put("demo", code)])) == 1
    mount_components(FastAPI(), load_components([shelf.put("demo", code)]))


def test_two_websockets_on_one_path_clash(shelf):
    code = ROUTER + "".join(f'\n@router.websocket("/live")\nasync def {name}(): ...\n' for name in ("one", "two"))
    assert "WEBSOCKET /demo/live" in str(clash(FastAPI(), shelf.put("demo", code)))


@pytest.mark.parametrize("path", ["/", "/demo"])
def test_an_application_of_the_host_that_would_hide_a_component_is_refused(shelf, tmp_path, path):
    app = FastAPI()
    app.mount(path, StaticFiles(directory=tmp_path))
    error = clash(app, shelf.put("demo"))
    assert "nothing under /demo would be reached" in str(error)


def test_an_application_of_the_host_beside_the_components_is_fine(shelf, tmp_path):
    app = FastAPI()
    app.mount("/dem", StaticFiles(directory=tmp_path))
    mount_components(app, load_components([shelf.put("demo")]))


FIRST_PAGE = ROUTER.replace('"/tea"', '""')


@pytest.mark.parametrize(
    ("code", "facets", "link"),
    [
        (FIRST_PAGE, {}, ("My shop", "/my_shop")),
        (FIRST_PAGE.replace('""', '"/"'), {}, ("My shop", "/my_shop")),
        (FIRST_PAGE + "\nLABEL = 'Tea & more'", {"label": "routes:LABEL"}, ("Tea & more", "/my_shop")),
        (ROUTER, {}, None),
        (FIRST_PAGE.replace("router.get", "router.post"), {}, None),
    ],
)
def test_components_with_a_first_page_stand_in_the_navigation(shelf, code, facets, link):
    [mounted] = load_components([shelf.put("my_shop", code, **facets)])
    assert (mounted.link and (mounted.link.label, mounted.link.path)) == link


@pytest.mark.parametrize("label", ["42", "''", "lambda: 'Tea'"])
def test_a_label_that_is_no_text_is_refused(shelf, label):
    error = refused([shelf.put("demo", f"{ROUTER}\nLABEL = {label}", label="routes:LABEL")])
    assert "but a label is a text" in str(error)
    assert error.component == "demo"


def test_templates_and_static_files_lie_beside_the_routers_module(shelf):
    plain, with_files = shelf.put("plain"), shelf.put("full")
    for folder in ("templates", "static"):
        (shelf.package(with_files) / folder).mkdir()
    one, two = load_components([plain, with_files])
    assert (one.templates, one.static) == (None, None)
    assert two.templates == shelf.package(with_files) / "templates"
    assert two.static == shelf.package(with_files) / "static"


def test_a_router_in_the_package_itself_finds_its_files_too(shelf):
    component = shelf.put("demo")
    package = shelf.package(component)
    (package / "__init__.py").write_text(ROUTER)
    (package / "templates").mkdir()
    inside = Component("demo", "berceau-demo", "1.0", facets=(Facet("demo", "router", f"{package.name}:router"),))
    [mounted] = load_components([inside])
    assert mounted.templates == package / "templates"
