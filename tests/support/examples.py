"""Runs a document's Python examples and compares what they show with what comes out.

`value  # → text` says what an expression, or a name just assigned, is: an expression of the same `repr`, or that `repr`
itself. `# raises Name: message` says what a statement raises. Either may stand on the lines below its statement, and
`…` in it stands for anything.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```python(?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
EXPECTED = re.compile(r"# (→|raises) ")
CONTINUED = "#   "
CHECKS = "_checks"


@dataclass(frozen=True)
class Example:
    """A block of Python in a document, and the section that it stands in."""

    page: Path
    section: str
    line: int
    text: str

    async def run(self, names: dict[str, Any]) -> None:
        """Run it among the names of those before it. Raises AssertionError where it shows what is not so."""
        tree = WithChecks(expectations(self.text)).whole(self.text)
        ast.increment_lineno(tree, self.line - 1)
        names[CHECKS] = Checks(names, f"{self.page.name}, line ", self.line - 1)
        code = compile(tree, str(self.page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        done = eval(code, names)
        if inspect.isawaitable(done):
            await done


def examples(page: Path) -> Iterator[Example]:
    """The blocks of a document in order; those before the first section have the section ""."""
    document = page.read_text(encoding="utf-8")
    headings = [(found.start(), found[1]) for found in HEADING.finditer(document)]
    for found in FENCE.finditer(document):
        section = next((title for start, title in reversed(headings) if start < found.start()), "")
        line = document.count("\n", 0, found.start("text")) + 1
        assert not found["words"], f"{page.name}, line {line}: there are no exceptions, {found['words']} means nothing"
        yield Example(page, section, line, found["text"])


@dataclass(frozen=True)
class Expectation:
    """What a comment says of the statement before it: `kind` is `→` or `raises`, `column` where the comment begins."""

    kind: str
    text: str
    line: int
    column: int
    alone: bool


def expectations(code: str) -> list[Expectation]:
    """What the comments of some code say."""
    found: list[Expectation] = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type != tokenize.COMMENT:
            continue
        (line, column), text = token.start, token.string
        alone = not token.line[:column].strip()
        if start := EXPECTED.match(text):
            found.append(Expectation(start[1], text[start.end() :], line, column, alone))
        elif alone and text.startswith(CONTINUED) and found and line == found[-1].line + found[-1].text.count("\n") + 1:
            last = found.pop()
            found.append(Expectation(last.kind, f"{last.text}\n{text.lstrip('# ')}", last.line, column, last.alone))
    return found


class WithChecks(ast.NodeTransformer):
    """Puts the checks of expectations into a tree."""

    def __init__(self, expected: list[Expectation]) -> None:
        self._expected = expected

    def whole(self, code: str) -> ast.Module:
        """The tree of some code. Raises AssertionError for a comment that belongs to no statement."""
        tree = self.visit(ast.parse(code))
        assert not self._expected, f"belongs to no statement: {self._expected[0]}"
        return ast.fix_missing_locations(tree)

    def generic_visit(self, node: ast.AST) -> Any:
        """Check the statement if a comment says something of it, else look into it."""
        mine = [item for item in self._expected if isinstance(node, ast.stmt) and self._belongs(item, node)]
        for item in mine:
            self._expected.remove(item)
        super().generic_visit(node)
        for item in mine:
            node = self._checked(node, item)
        return node

    def _belongs(self, item: Expectation, node: ast.stmt) -> bool:
        if item.alone:
            return item.line - 1 == node.end_lineno and item.column == node.col_offset
        return item.line == node.end_lineno and not hasattr(node, "body")

    def _checked(self, node: Any, item: Expectation) -> ast.AST:
        if item.kind == "raises":
            template = f"try: pass\nexcept Exception as _error: {CHECKS}.raised(_error, {item.text!r}, {item.line})\n"
            checked = ast.parse(f"{template}else: {CHECKS}.raised(None, {item.text!r}, {item.line})").body[0]
            assert isinstance(checked, ast.Try)
            checked.body = [node]
            return ast.copy_location(checked, node)
        call = ast.parse(f"{CHECKS}.shown(_, {item.text!r}, {item.line})").body[0]
        assert isinstance(call, ast.Expr)
        assert isinstance(call.value, ast.Call)
        if isinstance(node, ast.Expr):
            call.value.args[0] = node.value
            return ast.copy_location(call, node)
        assert isinstance(node, ast.Assign), f"nothing to show: {item}"
        call.value.args[0] = ast.Name(node.targets[0].id, ast.Load())
        return ast.If(ast.Constant(value=True), [node, ast.copy_location(call, node)], [])


class Checks:
    """What an example calls to have its comments checked."""

    def __init__(self, names: dict[str, Any], place: str, above: int) -> None:
        self._names = names
        self._place = place
        self._above = above

    def shown(self, value: Any, text: str, line: int) -> None:
        """Raise AssertionError unless the value is what the text says."""
        try:
            expected = repr(eval(f"({text}\n)", self._names))
        except Exception:
            expected = text
        assert like(repr(value), expected), f"{self._place}{line + self._above}: it is {value!r}, not {text}"

    def raised(self, error: Exception | None, text: str, line: int) -> None:
        """Raise AssertionError unless the error, or that there is none, is what the text says."""
        name, _, message = text.partition(": ")
        found = f"{type(error).__name__}: {error}"
        as_said = error is not None and type(error).__name__ == name and like(str(error), message or "…")
        assert as_said, f"{self._place}{line + self._above}: {found} is raised, not {text}"


def like(text: str, pattern: str) -> bool:
    """Whether a text is the pattern, whose `…` stand for anything, and whose spaces and lines do not count."""
    return re.fullmatch(".*".join(map(re.escape, squeezed(pattern).split("…"))), squeezed(text)) is not None


def squeezed(text: str) -> str:
    """The text with each row of spaces and line breaks as one space."""
    return " ".join(text.split())
