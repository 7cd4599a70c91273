"""The documentation's examples are true: each is composed as its page says."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from composing import Bench

from berceau.config import load_config

DOCS = Path(__file__).parents[3] / "docs"


@dataclass(frozen=True)
class Example:
    """A fenced block: its section, the words after the language as a table, its text."""

    section: str
    settings: dict[str, str]
    text: str


def examples() -> Iterator[Example]:
    page = (DOCS / "schema-rules.md").read_text(encoding="utf-8")
    for section in re.split(r"^(?=##+ )", page, flags=re.MULTILINE):
        for words, text in re.findall(r"^```prisma ([^\n]+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            settings = dict(word.split("=", 1) for word in shlex.split(words))
            yield Example(section.partition("\n")[0].strip("# "), settings, text)


def sections() -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for example in examples():
        found.setdefault(example.section, []).append(example)
    return found


def add(bench: Bench, example: Example) -> None:
    if name := example.settings.get("host"):
        bench.own(name, example.text)
    else:
        requires = [f"berceau-{other}" for other in example.settings.get("requires", "").split(",") if other]
        bench.add(example.settings["component"], example.text, requires=requires)


def is_given(example: Example) -> bool:
    """A schema that is taken as it is, and is there for the other examples of its section."""
    return not example.settings.keys() & {"refused", "warning", "composed"}


@pytest.mark.parametrize("section", sections())
def test_the_examples_of_a_section_do_what_it_says(tmp_path: Path, section: str) -> None:
    all_of_it = sections()[section]
    given = [example for example in all_of_it if is_given(example)]
    for number, example in enumerate(all_of_it):
        bench = Bench(tmp_path / str(number))
        name = example.settings.get("component")
        for other in given:
            if is_given(example) or "composed" in example.settings or other.settings.get("component") != name:
                add(bench, other)
        if "composed" in example.settings:
            assert bench.bodies()[f"{example.settings['composed']}.prisma"] == example.text
            continue
        if not is_given(example):
            add(bench, example)
        if "refused" in example.settings:
            assert example.settings["refused"] in bench.problem().message
        elif "warning" in example.settings:
            assert [warning.message for warning in bench.compose().warnings] == [example.settings["warning"]]
        else:
            assert bench.compose().warnings == ()


def test_the_page_has_examples_of_each_kind() -> None:
    kinds = [example.settings.keys() for example in examples()]
    assert len(kinds) > 12
    assert all(any(word in kind for kind in kinds) for word in ("component", "host", "refused", "warning", "composed"))


def test_the_page_on_configuration_names_every_key_and_its_settings_are_taken(tmp_path: Path) -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    keys: set[str] = set()
    for block in blocks:
        (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
        load_config(tmp_path)
        keys |= tomllib.loads(block)["tool"]["berceau"].keys()
    assert keys == set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE))
