"""Documentation comments become docstrings that Python reads as they were written."""

from __future__ import annotations

import ast

import pytest

from berceau.generator.stubs_text import docstring


@pytest.mark.parametrize(
    "text",
    [
        'ends in "a quote"',
        'has """three""" inside',
        'ends in """',
        '\\"""',
        '""""',
        "C:\\new\\table",
        "ends in \\",
        "\\N{nothing} \\u12",
        'two lines\n"the second"',
        "two lines\nthe second ends in \\",
    ],
)
def test_a_docstring_holds_what_the_comment_says(text: str) -> None:
    module = ast.parse(f"class A:\n{docstring(text)}    x: int\n")
    (written,) = (node for node in module.body if isinstance(node, ast.ClassDef))
    assert ast.get_docstring(written) == text
