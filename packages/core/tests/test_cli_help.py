"""Each command's `--help`: it teaches with examples, and tells of `--json`."""

from __future__ import annotations

import re

import pytest

from berceau.cli import main

COMMANDS = [
    *(f"migrate {name}" for name in ("dev", "deploy", "status", "resolve", "rollback", "reset", "diff")),
    "migrate prisma-config",
    *(f"db {name}" for name in ("start", "stop", "url", "push", "pull", "execute", "setup")),
    *("remove", "build", "components", "new component", "new host"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: berceau {command} ")
    assert f"\nexamples:\n  berceau {command.split()[0]}" in shown or "\nexamples:\n  BERCEAU_ENV=" in shown
    assert "--json " in shown
    assert max(map(len, shown.splitlines())) <= 120


@pytest.mark.parametrize("group", ["migrate", "db"])
def test_help_lists_all_of_a_group_with_examples(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([group, "--help"]) == 0

    shown = capsys.readouterr().out
    assert "\nexamples:\n" in shown
    for command in COMMANDS:
        if command.startswith(f"{group} "):
            assert re.search(rf"^    {command.partition(' ')[2]}\b", shown, re.MULTILINE)


@pytest.mark.parametrize(
    "words", [("shop",), (), ("--keep-data",), ("shop", "--keep-data", "--drop-data"), ("shop", "--drop-data", "--yes")]
)
def test_wrong_usage_of_remove_exits_with_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remove", *words]) == 2
    assert "usage: berceau" in capsys.readouterr().err
