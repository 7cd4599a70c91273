"""Components in an application: their router facets are loaded, checked for clashing paths and mounted."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount

from berceau.discovery import Component, Facet
from berceau.errors import BerceauError, CompositionError, DiscoveryError, Problems
from berceau.pages import ORIGINAL, NavigationLink

ROUTER = "router"
LABEL = "label"
CORE = "berceau"
RESERVED = frozenset({CORE, ORIGINAL})
_PARAMETER = re.compile(r"\{[^:}]*:?([^}]*)\}")


@dataclass(frozen=True)
class MountedComponent:
    """A component whose router the application serves.

    Attributes:
        component: what is installed.
        router: its routes, without the prefix.
        label: its name in the navigation.
        templates: its folder of templates, if it has one.
        static: its folder of static files, if it has one.
    """

    component: Component
    router: APIRouter
    label: str
    templates: Path | None
    static: Path | None

    @property
    def prefix(self) -> str:
        """Where the router is mounted."""
        return f"/{self.component.name}"

    @property
    def link(self) -> NavigationLink | None:
        """The entry in the navigation; components without a first page have none."""
        pages = {route.path for route in _routes(self.router.routes, "", self.prefix) if route.method == "GET"}
        return NavigationLink(self.label, self.prefix) if pages & {self.prefix, f"{self.prefix}/"} else None


def load_components(components: Iterable[Component]) -> tuple[MountedComponent, ...]:
    """Load the router facet of each enabled component that has one.

    Raises DiscoveryError, or Problems with one for each component that cannot be loaded.
    """
    mounted: list[MountedComponent] = []
    problems: list[BerceauError] = []
    for component in components:
        facet = _facet(component, ROUTER)
        if facet is None or not component.enabled:
            continue
        try:
            mounted.append(_load(component, facet))
        except BerceauError as problem:
            problems.append(problem)
    _raise(problems)
    return tuple(mounted)


def mount_components(app: FastAPI, mounted: Sequence[MountedComponent]) -> None:
    """Serve each component's routes under `/<component>`.

    Raises CompositionError, or Problems, if two routes of components, or one of them and one of `app`, would answer the
    same requests; the application is then as it was.
    """
    _refuse_clashes(app, mounted)
    for each in mounted:
        app.include_router(each.router, prefix=each.prefix, tags=[each.component.name])


def _facet(component: Component, name: str) -> Facet | None:
    return next((facet for facet in component.facets if facet.name == name), None)


def _load(component: Component, facet: Facet) -> MountedComponent:
    if component.name in RESERVED:
        raise _error(component, f"the name {component.name!r} is taken by berceau itself", "Rename the entry point.")
    router = _import(component, facet)
    if not isinstance(router, APIRouter):
        router = _call(component, facet, router)
    label = component.name.replace("_", " ").capitalize()
    label_facet = _facet(component, LABEL)
    if label_facet is not None:
        label = _import(component, label_facet)
        if not isinstance(label, str) or not label.strip():
            raise _error(
                component,
                f"its {label_facet.name} {label_facet.value!r} is {_kind(label)}, but a label is a text",
                "Let the entry point name a string: the component's name in the navigation.",
            )
    package = _package(facet)
    return MountedComponent(component, router, label, _folder(package, "templates"), _folder(package, "static"))


def _import(component: Component, facet: Facet) -> Any:
    try:
        return facet.load()
    except DiscoveryError as error:
        error.hint = error.hint or (
            f"`python -c 'import {facet.value.partition(':')[0]}'` shows where it fails; "
            f'disabled = ["{component.name}"] in [tool.berceau] leaves the component out.'
        )
        raise


def _call(component: Component, facet: Facet, factory: Any) -> APIRouter:
    expected = "Let the entry point name a fastapi.APIRouter, or a function without parameters that returns one."
    if not callable(factory) or iscoroutinefunction(factory):
        raise _error(
            component, f"its {facet.name} {facet.value!r} is {_kind(factory)}, but a router is expected", expected
        )
    try:
        router = factory()
    except Exception as error:
        message = f"its {facet.name} {facet.value!r} failed when it was called: {type(error).__name__}: {error}"
        raise _error(component, message, expected) from error
    if not isinstance(router, APIRouter):
        raise _error(
            component, f"its {facet.name} {facet.value!r} returned {_kind(router)}, but a router is expected", expected
        )
    return router


def _kind(value: object) -> str:
    return f"an object of type {type(value).__module__}.{type(value).__qualname__}"


def _error(component: Component, message: str, hint: str) -> DiscoveryError:
    return DiscoveryError(message, component=component.name, hint=hint)


def _package(facet: Facet) -> str:
    """The package that holds the router's module: the module itself if it is a package, else its parent."""
    module = facet.value.partition(":")[0]
    return module if hasattr(sys.modules[module], "__path__") else module.rpartition(".")[0]


def _folder(package: str, name: str) -> Path | None:
    if not package:  # a component of a single module brings no files
        return None
    folder = files(package) / name
    return folder if isinstance(folder, Path) and folder.is_dir() else None


# ---------------------------------------------------------------- clashes


@dataclass(frozen=True)
class _Served:
    """One method on one path (parameters without their names), and whose it is."""

    method: str
    path: str
    owner: str
    endpoint: str


def _routes(routes: Sequence[BaseRoute], owner: str, prefix: str = "") -> Iterator[_Served]:
    for route in iter_route_contexts(routes):
        if route.path is None or isinstance(route.original_route, Mount):
            continue
        path = _PARAMETER.sub(lambda match: "{" + (match[1] or "str") + "}", prefix + route.path)
        endpoint = getattr(route.endpoint, "__qualname__", repr(route.endpoint))
        for method in sorted(route.methods or {"WEBSOCKET"}):
            yield _Served(method, path, owner, f"{getattr(route.endpoint, '__module__', '?')}.{endpoint}")


def _refuse_clashes(app: FastAPI, mounted: Sequence[MountedComponent]) -> None:
    taken = {(route.method, route.path): route for route in _routes(app.routes, "the host application")}
    mounts = [route.path for route in app.routes if isinstance(route, Mount)]
    problems: list[BerceauError] = []
    for each in mounted:
        component = each.component
        owner = f"component {component.name!r} ({component.release})"
        hiding = [mount for mount in mounts if f"{each.prefix}/".startswith(f"{mount}/")]
        problems.extend(_hidden(component, each.prefix, mount) for mount in hiding)
        for route in _routes(each.router.routes, owner, each.prefix):
            first = taken.setdefault((route.method, route.path), route)
            if first is not route:
                problems.append(_clash(component, first, route))
    _raise(problems)


def _clash(component: Component, first: _Served, second: _Served) -> CompositionError:
    return CompositionError(
        f"{second.method} {second.path} is served twice: by {first.owner}, {first.endpoint}, "
        f"and by {second.owner}, {second.endpoint}",
        component=component.name,
        hint=f'Give one of them another path, or leave the component out: disabled = ["{component.name}"] in '
        "[tool.berceau].",
    )


def _hidden(component: Component, prefix: str, mount: str) -> CompositionError:
    return CompositionError(
        f"nothing under {prefix} would be reached: the host application mounts another one at {mount or '/'!r}",
        component=component.name,
        hint="Mount that application at another path, or after `install(app)`.",
    )


def _raise(problems: Sequence[BerceauError]) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Problems(list(problems))
