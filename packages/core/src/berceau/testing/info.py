"""`pytest --berceau-info`: what would be used, found out without starting anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from berceau.errors import BerceauError
from berceau.testing.project import Project, find
from berceau.testing.reaching import reach
from berceau.testing.server import VARIABLE, EmbeddedServer, Server, given_url
from berceau.testing.template import Contents, foresee, read_contents


def describe(start: Path, *, workers: str, keep: bool) -> str:
    """The text, a line for each thing."""
    project = find(start)
    if project is None:
        return f"project:     none: no pyproject.toml of a host or a component at {start} or above"
    lines = [("project", f"{project.kind} {project.distribution or ''}".strip() + f" in {project.root}")]
    lines += _composed(project)
    lines += _database(project, keep)
    lines.append(("workers", f"{workers} (a number, or xdist's word for one), each with a schema test_<run>_<worker>"))
    return "\n".join(f"{name + ':':<12} {value}" for name, value in lines)


def _composed(project: Project) -> Iterator[tuple[str, str]]:
    from berceau.build import build
    from berceau.discovery import discover

    try:
        config = project.config()
        names = [f"{one.name} ({one.release})" for one in discover(config) if one.enabled]
        yield "components", ", ".join(names) or "none"
        found = build(config, check=True)
        yield "client", f"{found.client}, in {config.client_dir}" + (", to be built" if found.changed else "")
        contents = read_contents(config)
        yield "template", f"{contents.name}, made by {contents.way}"
    except BerceauError as error:
        yield "problem", str(error)


def _database(project: Project, keep: bool) -> Iterator[tuple[str, str]]:
    try:
        url = given_url()
        if url is not None:
            yield "server", f"{url.redacted} ({VARIABLE})"
            yield "copies", asyncio.run(_copies(Server(url, VARIABLE, embedded=False), read_contents(project.config())))
            return
    except BerceauError as error:
        yield "problem", str(error)
        return
    embedded = EmbeddedServer(project.root)
    state = "running" if embedded.running else "to be started"
    end = "left running" if keep else "stopped at the end"
    yield "server", f"embedded PostgreSQL in {embedded.home}, {state}, {end}"
    yield "copies", _DATABASES


_DATABASES = "each in a database, which PostgreSQL copies from the template's"


async def _copies(server: Server, contents: Contents) -> str:
    connection = await reach(server)
    try:
        template = await foresee(connection, server, contents)
    finally:
        await connection.close()
    if not template.reason:
        return _DATABASES
    return f"schemas in the given database, made statement by statement, because {template.reason}"
