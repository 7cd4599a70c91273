"""The examples in the README work."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from berceau_engine.postgres import DatabaseUrl

README = Path(__file__).parents[1] / "README.md"
ADDRESS = "postgresql://postgres@localhost:5432/blog"


async def test_the_examples_of_the_readme_work_one_after_the_other(
    database_url: DatabaseUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a project without migrations
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 4
    names: dict[str, Any] = {}
    for block in blocks:
        text = block.replace(ADDRESS, str(database_url))
        code = compile(text, str(README), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result
    assert names["models"] == ["User", "Post"]
    assert [(p.file, p.line) for p in names["problems"]] == [("bad.prisma", 3)]
    assert names["applied"] == (names["created"].name,)
    assert names["history"].state == "in-sync"
    assert (names["post"]["title"], names["post"]["author"]["name"]) == ("Hello", "Ada")
    assert names["path"] == ("where", "titel")
    assert "Did you mean `title`?" in names["explanation"]
