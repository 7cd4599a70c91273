"""`berceau new`: which names it takes, and that it writes everything or nothing."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from berceau.cli import main
from berceau.composition.declarations import read
from berceau.composition.naming import carries
from berceau.new import new_component, new_host
from berceau.new.naming import NewPackageError, suggested


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Guestbook", "is not a name for a component.*\n.*'guestbook'"),
        ("guest-book", "'guest_book'"),
        ("2nd", "'nd'"),
        ("_guests", "'guests'"),
        ("guests_", "'guests'"),
        ("a__b", "'a_b'"),
        ("gäste", "'g_ste'"),
        ("../up", "'up'"),
        ("", "'guestbook'"),
        ("x" * 31, "too long"),
        ("class", "Python's own.*\n.*'my_class'"),
        ("match", "Python's own"),
        ("json", "standard library"),
        ("berceau_client", "reserved"),
        ("main", "reserved"),
        ("tests", "reserved"),
        ("demo", "berceau-demo .* is installed"),
        ("pydantic", "module 'pydantic' in this environment"),
    ],
)
def test_names_that_are_not_valid_or_taken_are_refused_and_nothing_is_written(tmp_path, name, reason):
    for make in (new_component, new_host):
        with pytest.raises(NewPackageError, match=f"(?s){reason}"):
            make(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["GuestBook", "guest book", "9lives", "Ünïcode", "__", "x" * 99])
def test_the_name_that_is_suggested_is_valid(tmp_path, name):
    new_component(suggested(name), tmp_path)


def test_a_folder_that_exists_is_left_as_it_is(tmp_path):
    (tmp_path / "guest-book").mkdir()
    with pytest.raises(NewPackageError, match="guest-book exists already"):
        new_component("guest_book", tmp_path)
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(NewPackageError, match="link exists already"):
        new_host("link", tmp_path)
    with pytest.raises(NewPackageError, match="there is no folder"):
        new_host("shop", tmp_path / "nowhere")
    assert [path.name for path in tmp_path.rglob("*")] == ["guest-book", "link"]


def test_what_could_not_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(NewPackageError, match="cannot be written: No space left on device"):
        new_component("guestbook", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_placeholder_is_left(tmp_path):
    for made in (new_component("guest_book", tmp_path, with_ui=True), new_host("shop", tmp_path)):
        for file in made.files:
            text = (made.folder / file).read_text()
            assert not [word for word in ("%name%", "%dist%", "%title%", "%prefix%", "%accessor%") if word in text]
        assert {"pyproject.toml", "README.md", "CHANGELOG.md", ".gitignore", ".github/workflows/ci.yml"} <= {
            *made.files
        }


def test_a_component_has_its_entry_points_and_a_page_only_if_it_is_wanted(tmp_path):
    plain = new_component("plain", tmp_path)
    pages = new_component("guest_book", tmp_path, with_ui=True)
    points = tomllib.loads((pages.folder / "pyproject.toml").read_text())["project"]["entry-points"]["berceau.schemas"]
    assert points == {
        "guest_book": "guest_book.prisma:schema.prisma",
        "guest_book.router": "guest_book.routes:router",
        "guest_book.label": "guest_book.routes:LABEL",
    }
    assert {*pages.files} - {file.replace("plain", "guest_book") for file in plain.files} == {
        "src/guest_book/pages.py",
        "src/guest_book/static/items.css",
        "src/guest_book/templates/items.html",
        "tests/test_pages.py",
    }
    (model,) = read((pages.folder / "src/guest_book/prisma/schema.prisma").read_text())
    assert carries(model.name, "guest_book")


def test_the_command_says_what_it_wrote(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "component", "guestbook"]) == 0
    said = capsys.readouterr().out
    assert "wrote guestbook/src/guestbook/service.py" in said
    assert "next: cd guestbook && uv sync" in said
    assert main(["new", "host", "shop", "--in", "guestbook", "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert Path(written["folder"]) == tmp_path / "guestbook" / "shop"
    assert "src/shop/application.py" in written["files"]
    assert main(["new", "component", "guestbook"]) == 1
    assert "exists already" in capsys.readouterr().err


def test_the_help_has_examples(capsys):
    assert main(["new", "--help"]) == 0
    assert "berceau new component guestbook --with-ui" in capsys.readouterr().out
