"""`berceau build`: compose the schemas of all components and generate the client."""

from __future__ import annotations

import gc
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from berceau.build import BuildResult, build
from berceau.cli.progress import shown_progress
from berceau.config import Config, load_config

_EPILOG = """\
The schema of each installed component is checked, woven together with the others and written to prisma/schema/, one
file each; the typed client is generated as the package berceau_client. No component's code runs, no connection is
opened, and nothing is written if nothing has changed. Files of your own in prisma/schema/ are composed with the rest.

examples:
  berceau build
  berceau build --check       for CI: exit with 1 and a diff if the committed schema is out of date
  berceau build --json
"""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 and a diff if anything would change"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Build, and say what was done."""
    gc.disable()  # A short process: collecting would only look through the schema's description again and again.
    config = load_config()
    with shown_progress() as progress:
        result = build(config, check=arguments.check, progress=progress)
    for warning in result.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(_as_json(result, config), indent=2))
    elif arguments.check:
        _print_check(result, config)
    else:
        print("\n".join(_lines(result, config)))
    return 1 if arguments.check and result.changed else 0


def _lines(result: BuildResult, config: Config) -> Iterable[str]:
    for path in result.written:
        yield f"wrote {_shown(path, config)}"
    for path in result.removed:
        yield f"removed {_shown(path, config)}: no component stands behind it any more"
    if result.client == "generated":
        yield f"generated {_shown(config.client_dir, config)}"
    yield f"done in {result.seconds:.2f} s" if result.changed else "nothing has changed"


def _print_check(result: BuildResult, config: Config) -> None:
    if not result.changed:
        print("everything is up to date")
        return
    print(result.diff, end="")
    if result.client == "stale":
        print(
            f"error: the client in {_shown(config.client_dir, config)} was built from another schema", file=sys.stderr
        )
    changes = len(result.written) + len(result.removed)
    if changes:
        print(f"error: {changes} of the schema's files are out of date", file=sys.stderr)
    print("  Run `berceau build`, and commit what it changes.", file=sys.stderr)


def _as_json(result: BuildResult, config: Config) -> dict[str, object]:
    return {
        "changed": result.changed,
        "written": [_shown(path, config) for path in result.written],
        "removed": [_shown(path, config) for path in result.removed],
        "unchanged": [_shown(path, config) for path in result.unchanged],
        "client": {"state": result.client, "path": _shown(config.client_dir, config)},
        "schema_hash": result.schema_hash,
        "warnings": [
            {
                "message": warning.message,
                "component": warning.component,
                "file": None if warning.file is None else str(warning.file),
                "line": warning.line,
                "hint": warning.hint,
            }
            for warning in result.warnings
        ],
        "diff": result.diff,
        "seconds": round(result.seconds, 3),
    }


def _shown(path: Path, config: Config) -> str:
    return path.relative_to(config.root).as_posix() if path.is_relative_to(config.root) else str(path)
