"""Has a migration's SQL speak of another PostgreSQL schema: names are changed where they are names, and nowhere else.

Prisma writes names of tables without a schema, but some migrations say `"public"."Status"`, `CREATE SCHEMA public` or
`SET search_path = public`. Texts, comments and the bodies of functions are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from berceau_engine.postgres import quote_identifier

_TOKEN = re.compile(
    r"""
    (?P<text>    [eEbBxXnN]?'(?:[^']|'')*' | \$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$ )
  | (?P<space>   \s+ | --[^\n]* )
  | (?P<comment> /\* )
  | (?P<name>    "(?:[^"]|"")+" | [^\W\d][\w$]* )
  | (?P<other>   \d[\w.]* | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_TEXT = re.compile(r"[eE]'(?:\\.|''|[^'\\])*'", re.DOTALL)


@dataclass
class _Token:
    kind: str
    text: str

    @property
    def name(self) -> str | None:
        """The identifier that it stands for."""
        if self.kind != "name":
            return None
        return self.text[1:-1].replace('""', '"') if self.text.startswith('"') else self.text.lower()

    @property
    def word(self) -> str:
        """A keyword, or a sign."""
        return self.text.upper()


def in_schema(sql: str, old: str, new: str) -> str:
    """The statements with the schema `old` named `new`; extensions stay in `old`, where all schemas can share them."""
    tokens = list(_tokens(sql))
    statement: list[_Token] = []
    for token in [*tokens, _Token("other", ";")]:
        if token.kind == "other" and token.text == ";":
            _rename(statement, old, new)
            statement = []
        elif token.kind != "space":
            statement.append(token)
    return "".join(token.text for token in tokens)


def makes_extensions(sql: str) -> bool:
    """Whether there is a `CREATE EXTENSION`."""
    words = [token.word for token in _tokens(sql) if token.kind != "space"]
    return any(pair == ("CREATE", "EXTENSION") for pair in pairwise(words))


def _rename(statement: list[_Token], old: str, new: str) -> None:
    words = [token.word for token in statement]
    if words[:2] == ["CREATE", "EXTENSION"]:
        if "SCHEMA" not in words:
            statement[-1].text += f" SCHEMA {quote_identifier(old)}"
        return
    listed = False  # within the names of a search path
    for place, token in enumerate(statement):
        before = words[max(0, place - 4) : place]
        if before[-2:] in (["SEARCH_PATH", "="], ["SEARCH_PATH", "TO"]):
            listed = True
        elif listed and "," not in (token.text, *before[-1:]):
            listed = False
        if token.name == old and (
            listed
            or (words[place + 1 : place + 2] == ["."] and before[-1:] != ["."])
            or before[-1:] == ["SCHEMA"]
            or before[-4:] == ["SCHEMA", "IF", "NOT", "EXISTS"]
            or before[-3:] == ["SCHEMA", "IF", "EXISTS"]
        ):
            token.text = quote_identifier(new)


def _tokens(sql: str) -> Iterator[_Token]:
    place = 0
    while place < len(sql):
        if escaped := _ESCAPED_TEXT.match(sql, place):
            yield _Token("text", escaped[0])
            place = escaped.end()
            continue
        found = _TOKEN.match(sql, place)
        assert found is not None
        kind, end = str(found.lastgroup), found.end()
        if kind == "tag":
            kind = "text"
        if kind == "comment":
            kind, end = "space", _end_of_comment(sql, place)
        yield _Token(kind, sql[place:end])
        place = end


def _end_of_comment(sql: str, start: int) -> int:
    """Behind the comment that begins at `start`; there may be others in it."""
    depth = 0
    for sign in re.compile(r"/\*|\*/").finditer(sql, start):
        depth += 1 if sign[0] == "/*" else -1
        if depth == 0:
            return sign.end()
    return len(sql)
