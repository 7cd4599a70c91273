"""Which components are installed: read from entry points and files, without importing anything of theirs."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from berceau.errors import BerceauError, DiscoveryError, Problems

if TYPE_CHECKING:
    from importlib_metadata import Distribution, EntryPoint

    from berceau.config import Config

GROUP = "berceau.schemas"
RESERVED = frozenset({"main"})  # its file would be that of the datasource

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SCHEMA = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*)\s*:\s*(?P<file>\w+(?:[.-]\w+)*\.prisma)")
_OBJECT = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*)\s*:\s*(?P<attribute>[^\W\d]\w*(?:\.[^\W\d]\w*)*)")


@dataclass(frozen=True)
class Facet:
    """Something else than a schema that a component offers, such as its router.

    Attributes:
        component: the component's name.
        name: what it is (`router`).
        value: where it is (`berceau_demo.routes:router`).
    """

    component: str
    name: str
    value: str

    def load(self) -> Any:
        """Import the module and return the object; this runs the component's code.

        Raises DiscoveryError, with the component's own exception as its cause.
        """
        module, _, attribute = (part.strip() for part in self.value.partition(":"))
        try:
            found = import_module(module)
            for name in attribute.split("."):
                found = getattr(found, name)
        except Exception as error:
            raise DiscoveryError(
                f"its {self.name} {self.value!r} cannot be loaded: {type(error).__name__}: {error}",
                component=self.component,
            ) from error
        return found


@dataclass(frozen=True)
class SchemaSource:
    """A component's own schema file.

    Attributes:
        path: the file on this machine.
        resource: the file within its distribution (`berceau_demo/prisma/schema.prisma`).
        content: its text, with `\\n` at the end of lines.
    """

    path: Path
    resource: str
    content: str


@dataclass(frozen=True)
class Component:
    """An installed distribution's component.

    Attributes:
        name: the component's name.
        distribution: the distribution's name as it is published.
        version: the distribution's version.
        schema: its schema file; None for a component without models, or if the file is not usable.
        facets: what else it offers.
        requires: normalized names of the distributions that it declares as dependencies (not those of extras).
        enabled: the host has not disabled it.
        problems: what is wrong with its declaration.
    """

    name: str
    distribution: str
    version: str
    schema: SchemaSource | None = None
    facets: tuple[Facet, ...] = ()
    requires: tuple[str, ...] = ()
    enabled: bool = True
    problems: tuple[DiscoveryError, ...] = ()

    @property
    def release(self) -> str:
        """Distribution and version, as messages name them."""
        return f"{self.distribution} {self.version}"


def discover(config: Config | None = None, path: Sequence[str] | None = None) -> tuple[Component, ...]:
    """All installed components, sorted by name.

    Args:
        config: the host's settings, which may disable components.
        path: folders to search, as in `sys.path`, which is the default.

    Raises DiscoveryError, or Problems for several, if the declaration of an enabled component is wrong.
    """
    components = survey(config, path)
    problems = {
        str(problem): problem for component in components if component.enabled for problem in component.problems
    }
    if len(problems) > 1:
        raise Problems(list[BerceauError](problems.values()))
    for problem in problems.values():
        raise problem
    return components


def survey(config: Config | None = None, path: Sequence[str] | None = None) -> tuple[Component, ...]:
    """Like `discover`, but a component whose declaration is wrong is listed with its problems instead of raising."""
    disabled = config.disabled if config else frozenset()
    found = [component for reader in _readers(path) for component in reader.components()]
    found = [replace(component, enabled=component.name not in disabled) for component in _with_rivals(found)]
    return tuple(sorted(found, key=lambda component: (component.name, component.distribution)))


def normalized(distribution: str) -> str:
    """A distribution's name in the form that makes two spellings of it equal."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _with_rivals(components: Iterable[Component]) -> Iterator[Component]:
    """The components; those whose name another distribution claims too carry that as a problem."""
    claims: dict[str, list[Component]] = {}
    for component in components:
        claims.setdefault(component.name, []).append(component)
    for name, claimants in claims.items():
        rivals = sorted(claimants, key=lambda component: component.distribution)
        problem = DiscoveryError(
            f"{len(rivals)} distributions claim this name: {' and '.join(rival.release for rival in rivals)}",
            component=name,
            hint=f"Uninstall one of them, or disable the name: `disabled = [{_quoted(name)}]` in [tool.berceau].",
        )
        for rival in rivals:
            yield rival if len(rivals) == 1 else replace(rival, problems=(problem, *rival.problems))


def _quoted(name: str) -> str:
    return f'"{name}"'


# ---------------------------------------------------------------- one distribution


def _readers(path: Sequence[str] | None) -> Iterator[_Reader]:
    """One reader for each distribution with entries of ours; of two with one name the first on the path counts."""
    from importlib_metadata import distributions

    seen: set[str] = set()
    for distribution in distributions(path=list(sys.path if path is None else path)):
        try:
            text = distribution.read_text("entry_points.txt")
        except UnicodeDecodeError:  # not one of ours: our names are ASCII
            continue
        if text is None or GROUP not in text:
            continue
        reader = _Reader(cast("Distribution", distribution), text, path)
        if reader.name_and_version and normalized(reader.name_and_version[0]) not in seen:
            seen.add(normalized(reader.name_and_version[0]))
            yield reader


class _Reader:
    """Reads the components of one distribution; what is wrong becomes a problem of the component."""

    def __init__(self, distribution: Distribution, entry_points: str, path: Sequence[str] | None) -> None:
        self.distribution = distribution
        self.entry_points = entry_points
        self.path = path
        metadata = _metadata(distribution)
        self.name_and_version = metadata and metadata[:2]
        self.requires = metadata[2] if metadata else ()

    def components(self) -> Iterator[Component]:
        if not self.name_and_version:
            return
        name, version = self.name_and_version
        try:
            entries = [entry for entry in self.distribution.entry_points if entry.group == GROUP]
        except (TypeError, ValueError):
            problem = self._problem(name, None, "the file of its entry points cannot be read", "Reinstall it.")
            yield Component(name, name, version, requires=self.requires, problems=(problem,))
            return
        by_component: dict[str, list[EntryPoint]] = {}
        for entry in entries:
            by_component.setdefault(entry.name.partition(".")[0], []).append(entry)
        for component, its_entries in by_component.items():
            yield self._component(component, its_entries, name, version)

    def _component(self, name: str, entries: list[EntryPoint], distribution: str, version: str) -> Component:
        problems = [*self._name_problems(name, entries[0].name)]
        counts = Counter(entry.name for entry in entries)
        problems += [
            self._problem(name, entry, f"the entry {entry!r} stands {count} times", "Keep one of them.")
            for entry, count in counts.items()
            if count > 1
        ]
        schema, facets = None, []
        for entry in {entry.name: entry for entry in entries}.values():
            try:
                if entry.name == name:
                    schema = self._schema(name, entry)
                else:
                    facets.append(self._facet(name, entry))
            except DiscoveryError as problem:
                problems.append(problem)
        return Component(name, distribution, version, schema, tuple(facets), self.requires, problems=tuple(problems))

    def _name_problems(self, name: str, entry: str) -> Iterator[DiscoveryError]:
        if not _NAME.fullmatch(name):
            yield self._problem(
                name,
                entry,
                f"{name!r} is not a component's name",
                "A name is lower case, starts with a letter and goes on with letters, digits and underscores.",
            )
        elif name in RESERVED:
            yield self._problem(name, entry, f"the name {name!r} is kept for Berceau itself", "Choose another name.")

    def _schema(self, name: str, entry: EntryPoint) -> SchemaSource:
        value = _SCHEMA.fullmatch(entry.value.strip())
        if value is None:
            raise self._problem(
                name,
                entry.name,
                f"{entry.value!r} does not name a schema file inside the package",
                f'Write `{name} = "package.folder:schema.prisma"`: folders with dots, then the file after a colon.',
            )
        from berceau.distribution_files import locate

        resource = f"{value['module'].replace('.', '/')}/{value['file']}"
        try:
            path = locate(self.distribution, resource, self.path)
        except FileNotFoundError as error:
            raise self._problem(
                name,
                entry.name,
                f"its schema is missing: {error}",
                "Reinstall it; if you build it, see that the wheel contains the file.",
            ) from error
        return SchemaSource(path, resource, read_schema(path, name))

    def _facet(self, name: str, entry: EntryPoint) -> Facet:
        facet = entry.name.partition(".")[2]
        if not _NAME.fullmatch(facet):
            raise self._problem(
                name,
                entry.name,
                f"{entry.name!r} is not a facet's name",
                f'Write `"{name}.router"`: the component, a dot, one lower-case word.',
            )
        if not _OBJECT.fullmatch(entry.value.strip()):
            raise self._problem(
                name,
                entry.name,
                f"{entry.value!r} does not name an object",
                f'Write `"{entry.name}" = "package.module:attribute"`.',
            )
        return Facet(name, facet, re.sub(r"\s", "", entry.value))

    def _problem(self, component: str, entry: str | None, message: str, hint: str) -> DiscoveryError:
        folder = getattr(self.distribution, "_path", None)  # the only way to it; importlib_metadata does the same
        name, version = self.name_and_version or ("", "")
        return DiscoveryError(
            f"{message} (distribution {name} {version})",
            component=component,
            file=None if folder is None else folder / "entry_points.txt",
            line=self._line(entry),
            hint=hint,
        )

    def _line(self, entry: str | None) -> int | None:
        lines = self.entry_points.splitlines()
        start = next((at for at, line in enumerate(lines) if line.strip() == f"[{GROUP}]"), len(lines))
        for number, line in enumerate(lines[start:], start=start + 1):
            if entry is not None and line.partition("=")[0].strip() == entry:
                return number
        return None


def read_schema(path: Path, component: str | None = None) -> str:
    """The text of a schema file, with `\\n` at the end of lines and without byte order mark.

    Raises DiscoveryError if it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DiscoveryError(
            f"the file is not UTF-8: byte {error.object[error.start]:#04x} ({error.reason})",
            component=component,
            file=path,
            line=line,
            hint="Save it as UTF-8.",
        ) from error
    except OSError as error:
        raise DiscoveryError(
            f"the file cannot be read: {error.strerror or error}", component=component, file=path
        ) from error


def _metadata(distribution: Distribution) -> tuple[str, str, tuple[str, ...]] | None:
    """Name, version and unconditional requirements; None for the remains of an uninstalled distribution."""
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO")
    if text is None:
        return None
    headers = text.replace("\r\n", "\n").partition("\n\n")[0]
    name = re.search(r"^Name:\s*(\S+)", headers, re.MULTILINE)
    version = re.search(r"^Version:\s*(\S+)", headers, re.MULTILINE)
    if name is None or version is None:
        return None
    return name[1], version[1], tuple(sorted(_required(distribution, headers)))


def _required(distribution: Distribution, headers: str) -> set[str]:
    declared = re.findall(r"^Requires-Dist:\s*(.+)$", headers, re.MULTILINE)
    if not declared:  # an .egg-info keeps them in a file of its own
        declared = list(distribution.requires or ()) if distribution.read_text("requires.txt") else []
    names = (
        re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement) for requirement in declared if not _of_extra(requirement)
    )
    return {normalized(name[0].rstrip("-_.")) for name in names if name}


def _of_extra(requirement: str) -> bool:
    return re.search(r";.*\bextra\s*[=!]=", requirement) is not None
