"""What the documents say of the repository itself: their links lead somewhere, their commands exist."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("packages/**/README.md"))]


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
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document not in reached:
            reached.add(document)
            waiting += linked(document)
    assert [path for path in DOCUMENTS if path not in reached and path.is_relative_to(ROOT / "docs")] == []


def test_the_index_of_the_documentation_names_every_document():
    index = ROOT / "docs/README.md"
    assert {*ROOT.glob("docs/*.md")} - {index} == {path for path in linked(index) if path.parent == index.parent}


def linked(document: Path) -> Iterator[Path]:
    """The documents that a document links to."""
    for target in re.findall(r"\]\(([^)\s#]+)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            path = Path(os.path.normpath(document.parent / target))
            if path in DOCUMENTS:
                yield path


def test_the_documents_name_the_sessions_that_there_are():
    sessions = re.findall(
        r"^@nox\.session.*\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    named = [name for path in DOCUMENTS for name in re.findall(r"nox -s (\w+)", path.read_text(encoding="utf-8"))]
    assert sessions
    assert set(sessions) == set(named)


@pytest.mark.parametrize("path", [".env.example", "docs/configuration.md"])
def test_every_variable_that_is_read_is_explained(path):
    sources = (file.read_text(encoding="utf-8") for file in ROOT.glob("packages/**/src/**/*.py"))
    read = {name for text in sources for name in re.findall(r'"((?:[A-Z]+_)?DATABASE_URL|BERCEAU_[A-Z_]+)"', text)}
    assert len(read) >= 6
    explained = (ROOT / path).read_text(encoding="utf-8")
    assert {name for name in read if name not in explained} == set()
