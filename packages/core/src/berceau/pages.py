"""Pages rendered on the server: the templates of core, components and host in one space, within one layout.

A template is named `<component>/<file>` and lies in the folder `templates` of the package that the component's router
is in. Core's own are `berceau/layout.html`, which pages extend, and `berceau/error.html`. The host may put its own
version of any of them under the same name into its folder; the one it replaces stays reachable as `original/<name>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from berceau import csrf
from berceau.static_files import StaticFolders

ORIGINAL = "original"


@dataclass(frozen=True)
class NavigationLink:
    """One entry of the navigation: a label and the path of a component's first page."""

    label: str
    path: str


class Pages:
    """Renders templates; one per application, in `app.state.berceau.pages`.

    Args:
        templates: component name to the folder with its templates.
        overrides: the host's folders, the first that has a template wins.
        static: where the addresses of static files come from.
        navigation: the links of the layout's navigation.
        reload: whether changed templates are read again.
    """

    def __init__(
        self,
        templates: Mapping[str, Path],
        overrides: Sequence[Path] = (),
        *,
        static: StaticFolders,
        navigation: Sequence[NavigationLink] = (),
        reload: bool = True,
    ) -> None:
        originals: dict[str, BaseLoader] = {name: FileSystemLoader(folder) for name, folder in templates.items()}
        self.environment = Environment(
            loader=ChoiceLoader(
                [FileSystemLoader(overrides), PrefixLoader({**originals, ORIGINAL: PrefixLoader(originals)})]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=reload,
        )
        self.environment.globals |= {
            "static": static.address,
            "navigation": tuple(navigation),
            "csrf_field": _csrf_field,
            "path_for": _path_for,
            "local": _local,
            "is_current": _is_current,
        }

    @classmethod
    def of(cls, request: Request) -> Pages:
        """The pages of the application that the request is for."""
        pages = request.app.state.berceau.pages
        assert isinstance(pages, cls)
        return pages

    def render(
        self, request: Request, template: str, context: Mapping[str, object] | None = None, *, status_code: int = 200
    ) -> HTMLResponse:
        """Render `template` (`<component>/<file>`); raises jinja2's errors."""
        text = self.environment.get_template(template).render({"request": request, **(context or {})})
        return HTMLResponse(text, status_code)


def render(
    request: Request, template: str, context: Mapping[str, object] | None = None, *, status_code: int = 200
) -> HTMLResponse:
    """A page from a template of a component: `render(request, "demo/posts.html", {"posts": posts})`.

    Templates know `request`, `csrf_field()` (to be put into every form), `static("demo/posts.css")`,
    `path_for("route name", key=value)`, `local("/path")` and `navigation`.
    """
    return Pages.of(request).render(request, template, context, status_code=status_code)


@pass_context
def _csrf_field(context: Context) -> Markup:
    """The hidden field of a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(
        csrf.FIELD, csrf.browser_token(context["request"]).field()
    )


@pass_context
def _path_for(context: Context, name: str, **parameters: Any) -> str:
    """The path of a named route, with the prefix that a proxy has taken off."""
    path: str = context["request"].url_for(name, **parameters).path
    return path


@pass_context
def _local(context: Context, path: str) -> str:
    """A path of this application, with the prefix that a proxy has taken off."""
    prefix: str = context["request"].scope.get("root_path", "")
    return prefix.rstrip("/") + path


@pass_context
def _is_current(context: Context, path: str) -> bool:
    """Whether the request is for `path` or below it."""
    scope = context["request"].scope
    here = scope["path"].removeprefix(scope.get("root_path", ""))
    return bool(here == path or (path != "/" and here.startswith(f"{path}/")))
