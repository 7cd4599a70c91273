"""Where uv is: on the PATH, or beside the interpreter, where the development environment has it from its wheel."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or "uv"
