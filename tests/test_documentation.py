"""What the documents say of the repository itself: their links lead somewhere, their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("packages/**/README.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, heading = target.partition("#")
        path = (document.parent / file) if file else document
        assert path.exists(), f"{target} in {document.name}"
        if heading:
            assert heading in headings(path), f"{target} in {document.name}"


def headings(document: Path) -> set[str]:
    """The headings as they stand in addresses."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_document_can_be_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in ROOT.glob("docs/*.md") if f"docs/{path.name}" not in readme] == []


def test_the_readme_names_the_sessions_that_there_are():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sessions = re.findall(
        r"^@nox\.session.*\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sessions
    assert set(sessions) == set(re.findall(r"nox -s (\w+)", readme))


@pytest.mark.parametrize("path", [".env.example", "docs/configuration.md"])
def test_every_variable_that_is_read_is_explained(path):
    sources = (file.read_text(encoding="utf-8") for file in ROOT.glob("packages/**/src/**/*.py"))
    read = {name for text in sources for name in re.findall(r'"((?:[A-Z]+_)?DATABASE_URL|BERCEAU_[A-Z_]+)"', text)}
    assert len(read) >= 6
    explained = (ROOT / path).read_text(encoding="utf-8")
    assert {name for name in read if name not in explained} == set()
