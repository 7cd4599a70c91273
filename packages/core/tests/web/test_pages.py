"""Templates of core, components and host stand in one space, within one layout."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from fastapi import Request

from berceau.pages import NavigationLink, Pages, render


@pytest.fixture
def get(pieces, call):
    """Calls a route that renders one template."""
    pieces.app.get("/shop/page", name="shop:page")(_page)
    pieces.app.get("/bar")(_page)

    async def get(path: str = "/shop/page", **options) -> str:
        async with call(pieces.app, **options) as client:
            return (await client.get(path)).text

    return get


async def _page(request: Request):
    return render(request, "shop/page.html", {"title": "<script>alert(1)</script>"})


def override(pieces, folder: Path, navigation=()) -> None:
    pieces.pages = Pages(pieces.originals, [folder], static=pieces.static, navigation=navigation)


async def test_values_are_escaped(pieces, get):
    pieces.write("page.html", "<p title='{{ title }}'>{{ title }}</p>")
    text = await get()
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") == 2


async def test_a_page_stands_in_the_layout(pieces, get):
    pieces.write("page.html", '{% extends "berceau/layout.html" %}{% block content %}<h1>Tea</h1>{% endblock %}')
    text = await get()
    assert "<h1>Tea</h1>" in text
    assert '<html lang="en">' in text
    assert "/berceau/static/berceau/berceau.css?v=" in text
    assert '<a class="skip-link" href="#main">' in text


async def test_a_misspelled_name_in_a_template_is_an_error(pieces, get):
    pieces.write("page.html", "{{ titel }}")
    with pytest.raises(jinja2.UndefinedError, match="titel"):
        await get()


async def test_the_host_replaces_a_template_under_its_name_and_may_build_on_the_original(pieces, get, tmp_path):
    host = tmp_path / "host"
    (host / "berceau").mkdir(parents=True)
    (host / "berceau" / "layout.html").write_text(
        '{% extends "original/berceau/layout.html" %}{% block footer %}our own footer{% endblock %}'
    )
    pieces.write("page.html", '{% extends "berceau/layout.html" %}')
    override(pieces, host)
    text = await get()
    assert "our own footer" in text
    assert '<main id="main"' in text


async def test_the_host_replaces_a_page_of_a_component(pieces, get, tmp_path):
    (tmp_path / "host" / "shop").mkdir(parents=True)
    (tmp_path / "host" / "shop" / "page.html").write_text("the host's page")
    pieces.write("page.html", "the component's page")
    override(pieces, tmp_path / "host")
    assert await get() == "the host's page"


async def test_components_cannot_read_each_others_files(pieces, get):
    pieces.write("page.html", '{% include "shop/../../secret.html" %}')
    (pieces.templates.parent / "secret.html").write_text("secret")
    with pytest.raises(jinja2.TemplateNotFound):
        await get()


async def test_the_navigation_marks_where_we_are(pieces, get, tmp_path):
    pieces.write("page.html", '{% extends "berceau/layout.html" %}')
    links = [NavigationLink("Home", "/"), NavigationLink("Tea & more", "/shop"), NavigationLink("Sho", "/sho")]
    override(pieces, tmp_path, links)
    text = await get()
    assert '<a href="/shop" aria-current="page">Tea &amp; more</a>' in text
    assert '<a href="/">Home</a>' in text
    assert '<a href="/sho">Sho</a>' in text
    assert "aria-current" not in await get("/bar")


async def test_addresses_keep_the_prefix_that_a_proxy_has_taken_off(pieces, call, tmp_path):
    pieces.app.get("/shop/page", name="shop:page")(_page)
    pieces.write(
        "page.html", '{% extends "berceau/layout.html" %}{% block content %}{{ path_for("shop:page") }}{% endblock %}'
    )
    override(pieces, tmp_path, [NavigationLink("Shop", "/shop")])
    pieces.app.root_path = "/tea"
    async with call(pieces.app) as client:
        text = (await client.get("/shop/page")).text
    assert "/tea/shop/page" in text
    assert '<a href="/tea/shop" aria-current="page">' in text
    assert 'href="/tea/berceau/static/berceau/berceau.css?v=' in text
