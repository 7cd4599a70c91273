"""What a schema file declares, and on which line: Prisma's parser tells places only of what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SCALARS = frozenset(
    ("String", "Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime", "Json", "Bytes", "Unsupported")
)

_STRING = r'"(?:\\[^\n]|[^"\\\n])*"'
_COMMENT_OR_STRING = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_OPENING = re.compile(r"\s*(?P<kind>model|enum|view|type|datasource|generator)\s+(?P<name>[^\W\d]\w*)\s*\{")
_FIELD = re.compile(r"\s*(?P<name>\w+)\s+(?P<type>\w+)(?:\([^)]*\))?\s*(?P<arity>\[\s*\]|\?)?\s*(?P<attributes>@.*)?$")
_ATTRIBUTE = re.compile(rf'@[\w.]+(?:\s*\((?:{_STRING}|\((?:{_STRING}|[^()"])*\)|[^()"])*\))?')
_RELATION_NAME = re.compile(rf"(?:^|,)\s*(?:name\s*:\s*)?(?P<name>{_STRING})")
_COLUMN = re.compile(r"(\w+)\s*(?:\([^)]*\))?")


@dataclass(frozen=True)
class Field:
    """One line of a model, view or enum; an enum's value has no type.

    Attributes:
        name: its name.
        type: the name of its type, without list or option mark.
        line: its line in the file, counted from 1.
        is_list: it is a list.
        is_optional: it may be missing.
        attributes: its attributes (`@id`, `@default(now())`).
    """

    name: str
    type: str
    line: int
    is_list: bool = False
    is_optional: bool = False
    attributes: tuple[str, ...] = ()

    @property
    def relation_name(self) -> str | None:
        """The name in `@relation("name")` or `@relation(name: "name")`."""
        name = _RELATION_NAME.search(self._relation_arguments)
        return _text(name["name"]) if name else None

    @property
    def foreign_key(self) -> tuple[str, ...]:
        """The fields of this model in `@relation(fields: […])`; empty on the other side of a relation."""
        fields = re.search(r"\bfields\s*:\s*\[([^\]]*)\]", self._relation_arguments)
        return tuple(re.findall(r"\w+", fields[1])) if fields else ()

    @property
    def database_name(self) -> str:
        """The column, or the enum's value, in the database."""
        return _argument(self.attributes, "@", "map") or self.name

    @property
    def _relation_arguments(self) -> str:
        text = next((text for text in self.attributes if re.match(r"@relation\b", text)), "")
        return text[text.find("(") + 1 : -1]


@dataclass(frozen=True)
class Block:
    """A model, enum, view or other block.

    Attributes:
        kind: `model`, `enum`, `view`, `type`, `datasource` or `generator`.
        name: its name.
        line: the line on which it opens.
        fields: its fields or values.
        attributes: its own attributes (`@@map("posts")`), without comments.
        end_of_fields: the line after which another field may be put.
    """

    kind: str
    name: str
    line: int
    fields: tuple[Field, ...] = ()
    attributes: tuple[str, ...] = ()
    end_of_fields: int = 0

    @property
    def database_name(self) -> str:
        """The table, view or type in the database."""
        return _argument(self.attributes, "@@", "map") or self.name

    @property
    def database_schema(self) -> str | None:
        """The PostgreSQL schema in `@@schema("name")`."""
        return _argument(self.attributes, "@@", "schema")

    def is_unique(self, fields: tuple[str, ...]) -> bool:
        """Whether these fields together are the model's identifier or a unique constraint."""
        if len(fields) == 1:
            attributes = next((field.attributes for field in self.fields if field.name == fields[0]), ())
            if any(re.match(r"@(?:id|unique)\b", text) for text in attributes):
                return True
        constraints = (re.match(r"@@\s*(?:id|unique)\s*\([^\[]*\[([^\]]*)\]", text) for text in self.attributes)
        return any(found and set(_COLUMN.findall(found[1])) == set(fields) for found in constraints)

    def opposite(self, model: Block, field: Field) -> Field | None:
        """The field of this model that is the other side of another model's relation field."""
        return next(
            (own for own in self.fields if own.type == model.name and own.relation_name == field.relation_name), None
        )


def read(content: str) -> tuple[Block, ...]:
    """The blocks of a schema file, in order. Text that Prisma would refuse may be left out; nothing is refused here."""
    return tuple(_blocks(_without_comments(content).split("\n")))


_CONTINUED = "\0"  # stands at the end of a line that ends inside a comment


def _without_comments(content: str) -> str:
    """The text with comments blanked out, each line where it was."""

    def blank(match: re.Match[str]) -> str:
        return (
            match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0]).replace("\n", f"{_CONTINUED}\n")
        )

    return _COMMENT_OR_STRING.sub(blank, content.replace(_CONTINUED, " "))


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Prisma's grammar goes by lines: what follows an opening brace on its line does not count."""
    opening: tuple[str, str, int] | None = None
    fields: list[Field] = []
    attributes: list[str] = []
    for number, whole_line in enumerate(lines, start=1):
        line = whole_line.rstrip(_CONTINUED)
        if opening is not None:
            if not line.lstrip().startswith("}"):
                _read_line(line, number, opening[0], fields, attributes)
                continue
            yield Block(*opening, tuple(fields), tuple(attributes), _end_of_fields(lines, fields, opening[2]))
            opening = None
            line = line.lstrip()[1:]
        if match := _OPENING.match(line):
            opening, fields, attributes = (match["kind"], match["name"], number), [], []


def _end_of_fields(lines: list[str], fields: list[Field], opened: int) -> int:
    number = fields[-1].line if fields else opened
    while lines[number - 1].endswith(_CONTINUED):
        number += 1
    return number


def _read_line(line: str, number: int, kind: str, fields: list[Field], attributes: list[str]) -> None:
    text = line.strip()
    if text.startswith("@@"):
        attributes.append(text)
    elif kind == "enum":
        if value := re.match(r"\w+", text):
            its_attributes = tuple(_ATTRIBUTE.findall(text[value.end() :]))
            fields.append(Field(value[0], "", number, attributes=its_attributes))
    elif field := _FIELD.match(text):
        arity = field["arity"] or ""
        its_attributes = tuple(_ATTRIBUTE.findall(field["attributes"] or ""))
        fields.append(Field(field["name"], field["type"], number, arity.startswith("["), arity == "?", its_attributes))


def _argument(attributes: Iterable[str], sign: str, name: str) -> str | None:
    """The string in the first attribute of this name, with one `@` or two, if there is one."""
    for text in attributes:
        if found := re.match(rf"{sign}\s*{name}\s*\(\s*(?:\w+\s*:\s*)?({_STRING})", text):
            return _text(found[1])
    return None


def _text(literal: str) -> str:
    """The value of a string literal; Prisma's escapes are JSON's."""
    try:
        return str(json.loads(literal))
    except ValueError:
        return literal[1:-1]
