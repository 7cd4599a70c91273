"""What a test's own processes take from this machine: where uv is, and an environment without the tests' settings."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

# On the PATH, or beside the interpreter, where the development environment has it from its wheel.
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or "uv"

# How this machine reaches its package index stays true in new environments; what is set for the tests does not.
_OURS = ("BERCEAU_", "DATABASE_URL", "MIGRATION_", "SHADOW_", "NOX_", "PYTEST_", "PYTHON", "UV_PROJECT", "UV_PYTHON")
MACHINE = {name: value for name, value in os.environ.items() if not name.startswith((*_OURS, "VIRTUAL_"))}


def path_without_node(folder: Path) -> str:
    """A PATH with the programs of this machine's PATH, except Node's, whatever folder they share."""
    folder.mkdir(exist_ok=True)
    for place in os.get_exec_path():
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            if not program.name.startswith(("node", "npm", "npx")) and not os.path.lexists(folder / program.name):
                (folder / program.name).symlink_to(program)
    return str(folder)
