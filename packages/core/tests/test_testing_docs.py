"""The examples of `docs/factories.md` and `docs/fake.md`, run in order."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from berceau.testing.fake import FakePrisma
from berceau_client import Prisma

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", ["factories.md", "fake.md"])
async def test_the_examples_work(document: str, db_url: str) -> None:
    async with Prisma(db_url) as db:
        for client in (db, FakePrisma()):
            names: dict[str, Any] = {"db": client}
            for example in re.findall(
                r"^```python\n(.*?)^```", (DOCS / document).read_text(), re.MULTILINE | re.DOTALL
            ):
                code = compile(example, document, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                done = eval(code, names)
                if inspect.isawaitable(done):
                    await done
            for name in [name for name in names if name.startswith("test_")]:
                names[name]()
