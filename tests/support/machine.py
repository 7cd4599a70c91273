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
