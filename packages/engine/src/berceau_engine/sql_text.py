"""Takes SQL apart into statements, as `psql` does: enough to say where each begins and what kind it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*)
  | (?P<open_comment>/\*)
  | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
  | (?P<string>'(?:[^']|'')*(?:'|\Z))
  | (?P<name>"(?:[^"]|"")*(?:"|\Z))
  | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<end>;)
  | (?P<bracket>[()])
  | (?P<other>[^\s])
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_TRANSACTION = frozenset({"BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "START"})
_SHOWN = 80


@dataclass(frozen=True)
class Statement:
    """One statement of a script: its characters from `start` to `end`, the line (from 1) it begins in, its words."""

    start: int
    end: int
    line: int
    words: tuple[str, ...]

    @property
    def controls_transaction(self) -> bool:
        """Whether it begins or ends a transaction; savepoints do not."""
        first, second = (*self.words, "", "")[:2]
        if first == "PREPARE":
            return second == "TRANSACTION"
        return first in _TRANSACTION and not (first == "ROLLBACK" and "TO" in self.words[1:4])


def statements(script: str) -> tuple[Statement, ...]:
    """The statements of a script, in order; comments and empty ones are left out."""
    found = []
    line, counted = 1, 0
    for start, end, words in _split(script):
        line, counted = line + script.count("\n", counted, start), start
        found.append(Statement(start, end, line, words))
    return tuple(found)


def has_own_transactions(script: str) -> bool:
    """Whether a script begins or ends transactions itself."""
    return any(statement.controls_transaction for statement in statements(script))


def shown(script: str, statement: Statement) -> str:
    """A statement in one line, for messages; long ones are cut."""
    text = " ".join(script[statement.start : statement.end].split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 2] + " …"


def literal(text: str) -> str:
    """A text as a literal of SQL, whatever is in it."""
    quoted = "'" + text.replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def _split(script: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Start, end and words outside of strings for each statement.

    A semicolon ends one unless it is within brackets, or in the body of a function that is written as SQL (`BEGIN
    ATOMIC … END`, with `CASE … END` in it).
    """
    at, start, end, depth, blocks = 0, -1, 0, 0, 0
    words: list[str] = []
    while token := _TOKEN.search(script, at):
        kind, at = token.lastgroup, token.end()
        if kind == "comment":
            continue
        if kind == "open_comment":
            at = _after_comment(script, at)
            continue
        if kind == "end" and depth == 0 and blocks == 0:
            if start >= 0:
                yield start, end, tuple(words)
            start, words = -1, []
            continue
        if kind == "dollar":
            closing = script.find(token[0], at)
            at = len(script) if closing < 0 else closing + len(token[0])
        elif kind == "bracket":
            depth = depth + 1 if token[0] == "(" else max(depth - 1, 0)
        elif kind == "word":
            words.append(token[0].upper())
            blocks += _nesting(words, blocks)
        if start < 0:
            start = token.start()
        end = at
    if start >= 0:
        yield start, end, tuple(words)


def _nesting(words: list[str], blocks: int) -> int:
    """By how much the last word changes the depth of SQL bodies."""
    if words[-1] == "ATOMIC" and words[-2:-1] == ["BEGIN"] and words[0] in ("CREATE", "ALTER"):
        return 1
    if blocks and words[-1] == "CASE":
        return 1
    return -1 if blocks and words[-1] == "END" else 0


def _after_comment(script: str, at: int) -> int:
    """The end of a comment that has been opened; they can be nested."""
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(script, at)):
        depth, at = depth + (1 if edge[0] == "/*" else -1), edge.end()
    return len(script) if depth else at
