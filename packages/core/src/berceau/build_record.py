"""What the last build was made from and what it made, kept beside the client: by it a build knows in no time that
nothing has changed, and a host that its client is not stale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.discovery import Component
    from berceau.schema_folder import SchemaFolder

RECORD = "build.json"


@dataclass(frozen=True)
class ComponentState:
    """A component as it went into a build; `schema` is the SHA-256 of its schema file, None if it has none."""

    distribution: str
    version: str
    requires: tuple[str, ...]
    schema: str | None

    @classmethod
    def of(cls, component: Component) -> ComponentState:
        """The state of an installed component."""
        schema = None if component.schema is None else digest(component.schema.content)
        return cls(component.distribution, component.version, component.requires, schema)


@dataclass(frozen=True)
class Inputs:
    """Everything that decides what a build makes; nothing in it depends on the machine.

    Attributes:
        program: SHA-256 over the code and the engines that compose and generate.
        strict: the setting.
        components: the enabled components by name.
        host: SHA-256 of each of the host's own schema files, by name.
    """

    program: str
    strict: bool
    components: Mapping[str, ComponentState]
    host: Mapping[str, str]

    @classmethod
    def now(cls, config: Config, components: Iterable[Component], folder: SchemaFolder) -> Inputs:
        """The inputs that a build would have now."""
        states = {component.name: ComponentState.of(component) for component in components if component.enabled}
        return cls(_program(), config.strict, states, {file.name: digest(file.text) for file in folder.own})


@dataclass(frozen=True)
class RecordedFinding:
    """A warning of the naming lint, to be repeated by builds that find nothing changed."""

    message: str
    component: str | None
    line: int | None
    hint: str | None


@dataclass(frozen=True)
class BuildRecord:
    """A finished build.

    Attributes:
        inputs: what it was made from.
        schema_hash: the hash of the composed schema.
        schema_files: SHA-256 of each generated schema file, by name.
        client_files: SHA-256 of each file of the client, by its path within.
        findings: the warnings.
    """

    inputs: Inputs
    schema_hash: str
    schema_files: Mapping[str, str]
    client_files: Mapping[str, str]
    findings: tuple[RecordedFinding, ...]

    @classmethod
    def read(cls, client: Path) -> BuildRecord | None:
        """The record beside a client; None if there is none that this version can read."""
        try:
            return _record(json.loads((client / RECORD).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, client: Path) -> None:
        """Put the record beside a client, in one step."""
        unfinished = client / f".{RECORD}.new"
        unfinished.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        unfinished.replace(client / RECORD)

    def holds(self, inputs: Inputs, folder: SchemaFolder, client: Path) -> bool:
        """Whether a build from these inputs would find each of its files as the recorded build left it."""
        return (
            self.inputs == inputs
            and self.schema_files == {name: digest(file.text) for name, file in folder.generated.items()}
            and self.client_files == file_digests(client, map(Path, self.client_files))
        )

    def stale_components(self, components: Iterable[Component]) -> tuple[str, ...]:
        """How the enabled components' schemas differ from those of the build, a sentence for each that does."""
        now = {component.name: ComponentState.of(component) for component in components if component.enabled}
        return tuple(_differences(_with_schema(self.inputs.components), _with_schema(now)))


def digest(text: str) -> str:
    """The SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_digests(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """The SHA-256 of each file that is there, by its path within the folder, with slashes."""
    found = {}
    for file in files:
        path = folder / file
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _with_schema(states: Mapping[str, ComponentState]) -> dict[str, ComponentState]:
    return {name: state for name, state in states.items() if state.schema is not None}


def _differences(then: Mapping[str, ComponentState], now: Mapping[str, ComponentState]) -> Iterator[str]:
    for name in sorted({*then, *now}):
        before, after = then.get(name), now.get(name)
        if before is None and after is not None:
            yield f"component {name!r} ({after.distribution} {after.version}) has been added"
        elif before is not None and after is None:
            yield f"component {name!r} ({before.distribution} {before.version}) is gone"
        elif before is not None and after is not None and before.schema != after.schema:
            versions = f"{before.version} → {after.version}" if before.version != after.version else after.version
            yield f"the schema of component {name!r} ({after.distribution} {versions}) has changed"


def _program() -> str:
    """A hash of what composes and generates: in a checkout it changes without a new version."""
    here = Path(__file__).parent
    files = [here / "discovery.py", *sorted((here / "composition").glob("*.py"))]
    files += sorted((here / "generator").rglob("*.py"))
    engine = find_spec("berceau_engine")
    if engine is not None and engine.origin is not None:
        files.append(Path(engine.origin).with_name("_engines") / "lock.sha256")
    hashed = hashlib.sha256()
    for file in files:
        if file.is_file():
            hashed.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return hashed.hexdigest()


def _record(values: Mapping[str, Any]) -> BuildRecord:
    inputs = values["inputs"]
    return BuildRecord(
        inputs=Inputs(
            program=inputs["program"],
            strict=inputs["strict"],
            components={
                name: ComponentState(state["distribution"], state["version"], tuple(state["requires"]), state["schema"])
                for name, state in inputs["components"].items()
            },
            host=dict(inputs["host"]),
        ),
        schema_hash=values["schema_hash"],
        schema_files=dict(values["schema_files"]),
        client_files=dict(values["client_files"]),
        findings=tuple(
            RecordedFinding(one["message"], one["component"], one["line"], one["hint"]) for one in values["findings"]
        ),
    )
