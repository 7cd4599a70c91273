"""`berceau components`: what is installed, and whether it can be composed."""

from __future__ import annotations

import json
import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from berceau.cli.progress import shown_progress
from berceau.components import ComponentReport, list_components
from berceau.config import Config, find_project, load_config

_EPILOG = """\
state:
  ok          composed by `berceau build`
  disabled    left out by `disabled` in [tool.berceau]
  error       not composable, with the reasons; `berceau build` stops there

examples:
  berceau components
  berceau components --json | jq '.[] | select(.state == "error")'
"""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EPILOG
    parser.add_argument("--json", action="store_true", help="print a JSON array, with all details")


def run(arguments: Namespace) -> int:
    """Print the list; also outside of a host's project, where nothing is disabled."""
    config = load_config() if find_project() else Config.default(Path.cwd())
    with shown_progress():
        reports = list_components(config)
    if arguments.json:
        print(json.dumps([_as_json(report) for report in reports], indent=2))
    elif reports:
        print("\n".join(_table(reports)))
    else:
        print("No component is installed.")
    return 0


def _table(reports: Iterable[ComponentReport]) -> Iterable[str]:
    rows = [("COMPONENT", "DISTRIBUTION", "STATE", "MODELS", "FACETS"), *map(_row, reports)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    problems = [(), *(report.problems for report in reports)]
    for row, its_problems in zip(rows, problems, strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for problem in its_problems:
            yield textwrap.indent(str(problem), "    ")


def _row(report: ComponentReport) -> tuple[str, ...]:
    component = report.component
    return (
        component.name,
        component.release,
        report.state,
        ", ".join(report.models) or "-",
        ", ".join(facet.name for facet in component.facets) or "-",
    )


def _as_json(report: ComponentReport) -> dict[str, Any]:
    component = report.component
    return {
        "name": component.name,
        "distribution": component.distribution,
        "version": component.version,
        "schema": None if component.schema is None else str(component.schema.path),
        "models": report.models,
        "enums": report.enums,
        "facets": {facet.name: facet.value for facet in component.facets},
        "requires": component.requires,
        "state": report.state,
        "problems": [
            {
                "message": problem.message,
                "file": None if problem.file is None else str(problem.file),
                "line": problem.line,
                "hint": problem.hint,
            }
            for problem in report.problems
        ],
    }
