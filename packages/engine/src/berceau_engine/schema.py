"""Prisma's schema parser: validate, look for generator and datasource blocks, describe the models, format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from berceau_engine.errors import SchemaError, SchemaProblem

if TYPE_CHECKING:
    from berceau_engine import wasm

SchemaFile = tuple[str, str]

PROBLEM = re.compile(
    r"^error: (?P<message>.*?)\n\s+-->\s+(?P<file>.+?):(?P<line>\d+)$(?=\n\s+\|)", re.MULTILINE | re.DOTALL
)
BLOCK = re.compile(r"\b(?P<kind>generator|datasource)\s+(?P<name>[A-Za-z][\w-]*)\s*\{")
STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|//.*')


@dataclass(frozen=True)
class ConfigBlock:
    """A `generator` or `datasource` block: `kind`, name, provider, preview features, and where it stands.

    `line` counts from 1; file and line are None only where the parser does not tell.
    """

    kind: str
    name: str
    provider: str | None
    preview_features: tuple[str, ...]
    file: str | None
    line: int | None


@dataclass(frozen=True)
class SchemaConfig:
    """The blocks of a schema that are not models. `problems` are faults in these blocks or in the syntax at large."""

    generators: tuple[ConfigBlock, ...]
    datasources: tuple[ConfigBlock, ...]
    warnings: tuple[str, ...]
    problems: tuple[SchemaProblem, ...]


class SchemaTools:
    """Prisma's schema parser. Takes schemas of any number of files, as pairs of path and content.

    Cheap to make; may be used from several threads, which then take turns. When the parser crashes, the call raises
    EngineError and the next one works again.
    """

    def __init__(self) -> None:
        self._instance: wasm.Instance | None = None

    def validate(self, files: Sequence[SchemaFile]) -> None:
        """Check a schema. Raises SchemaError with all its problems."""
        with self._instance_in_turn() as instance:
            index, failed = instance.call("validate", *instance.put(request(files)))
            if failed:
                raise schema_error(instance.take(index), files)

    def config(self, files: Sequence[SchemaFile]) -> SchemaConfig:
        """The generator and datasource blocks, also of a schema that is not valid or has no datasource."""
        result = json.loads(self._text("get_config", request(files)))
        found = result["config"]
        places = block_places(files)
        rendered = "\n".join(error["message"] for error in result["errors"])
        return SchemaConfig(
            generators=tuple(config_block("generator", block, places) for block in found["generators"]),
            datasources=tuple(config_block("datasource", block, places) for block in found["datasources"]),
            warnings=tuple(str(warning) for warning in found["warnings"]),
            problems=parse_problems(rendered),
        )

    def dmmf(self, files: Sequence[SchemaFile]) -> dict[str, Any]:
        """Prisma's description of the models and of the queries they allow: `datamodel`, `schema`, `mappings`.

        Raises SchemaError. Large: 100 models make 7 MB of JSON and take 0.1 s.
        """
        with self._instance_in_turn() as instance:
            pointer, length, error, failed = instance.call("get_dmmf", *instance.put(request(files)))
            if failed:
                raise schema_error(instance.take(error), files)
            text = instance.text(pointer, length)
        result: dict[str, Any] = json.loads(text)
        return result

    def format(self, files: Sequence[SchemaFile], *, tab_size: int = 2) -> list[SchemaFile]:
        """The same files, formatted, with missing opposite relation fields added across files.

        A file that cannot be parsed comes back as it is.
        """
        spacing = {"tabSize": tab_size, "insertSpaces": True}
        options = {"textDocument": {"uri": "file:/schema.prisma"}, "options": spacing}
        formatted = json.loads(self._text("format", json.dumps([list(file) for file in files]), json.dumps(options)))
        return [(path, content) for path, content in formatted]

    def _text(self, function: str, *arguments: str) -> str:
        with self._instance_in_turn() as instance:
            flat = [number for argument in arguments for number in instance.put(argument)]
            return instance.text(*instance.call(function, *flat))

    @contextmanager
    def _instance_in_turn(self) -> Iterator[wasm.Instance]:
        """The parser, loaded when it is first used: most commands that work with a schema do not need it."""
        from berceau_engine import wasm

        with wasm.LOCK:
            if self._instance is None or not self._instance.usable:
                self._instance = wasm.Instance(wasm.load("schema"))
            yield self._instance


def request(files: Sequence[SchemaFile]) -> str:
    """The parser's parameters; a schema of no files is one empty file, since the parser must be given one."""
    return json.dumps({"prismaSchema": [list(file) for file in files] or [["schema.prisma", ""]], "noColor": True})


def schema_error(error: BaseException, files: Sequence[SchemaFile]) -> SchemaError:
    """The typed error for what the parser threw: JSON with a code and a rendered message."""
    text = str(error)
    try:
        thrown = json.loads(text)
        code, rendered = str(thrown["error_code"]), str(thrown["message"])
    except (ValueError, KeyError, TypeError):
        code, rendered = "P1012", text
    return SchemaError(parse_problems(rendered), rendered, code)


def parse_problems(rendered: str) -> tuple[SchemaProblem, ...]:
    """The problems in Prisma's rendered text, in its order, each only once."""
    found = [SchemaProblem(m["message"], m["file"], int(m["line"])) for m in PROBLEM.finditer(rendered)]
    return tuple(dict.fromkeys(found))


def config_block(kind: str, block: Mapping[str, Any], places: dict[tuple[str, str, str], Iterator[int]]) -> ConfigBlock:
    """One block of the parser's answer, with its line."""
    name, file = str(block["name"]), block.get("sourceFilePath")
    provider = block["provider"]
    lines = places.get((kind, name, str(file)))
    return ConfigBlock(
        kind=kind,
        name=name,
        provider=provider["value"] if isinstance(provider, dict) else provider,
        preview_features=tuple(block.get("previewFeatures", ())),
        file=file,
        line=next(lines, None) if lines else None,
    )


def block_places(files: Sequence[SchemaFile]) -> dict[tuple[str, str, str], Iterator[int]]:
    """The lines on which blocks begin, by kind, name and file. The parser says which blocks there are, not where."""
    places: dict[tuple[str, str, str], list[int]] = {}
    for path, content in files:
        for number, line in enumerate(content.split("\n"), 1):
            for match in BLOCK.finditer(STRING_OR_COMMENT.sub("", line)):
                places.setdefault((match["kind"], match["name"], path), []).append(number)
    return {key: iter(numbers) for key, numbers in places.items()}
