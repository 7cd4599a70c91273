"""A host's project in a folder, with components installed beside it, built in this process or by the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributions import Distribution, install, uninstall

from berceau.build import BuildResult, build
from berceau.config import Config, load_config
from berceau.discovery import Component, survey

AROUND = frozenset(one.name for one in survey())
"""The components of the environment that the tests run in: none of a test's business."""


class Host:
    """A project with `[tool.berceau]`, whose client is generated into the project itself."""

    def __init__(self, root: Path, **settings: object) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.site = root / "site"
        self.site.mkdir()
        self.schema = root / "prisma" / "schema"
        self.client = root / "berceau_client"
        self.set(**settings)

    def set(self, **settings: object) -> None:
        """Write the settings: these, with the client in the project and without the environment's components."""
        values = {"output": "berceau_client", "disabled": sorted(AROUND)} | settings
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        (self.root / "pyproject.toml").write_text("\n".join(["[tool.berceau]", *lines, ""]), encoding="utf-8")

    @property
    def config(self) -> Config:
        """The settings as Berceau reads them, for this process, where components come from `site` alone."""
        config = load_config(self.root)
        return replace(config, disabled=config.disabled - AROUND)

    def install(self, *distributions: Distribution) -> None:
        """Install distributions, in place of other versions."""
        install(self.site, *distributions)

    def uninstall(self, *names: str) -> None:
        """Take distributions out again."""
        uninstall(self.site, *names)

    def components(self) -> tuple[Component, ...]:
        """What is installed, broken or not."""
        return survey(self.config, [str(self.site)])

    def build(self, **options: Any) -> BuildResult:
        """Build in this process."""
        return build(self.config, path=[str(self.site)], **options)

    def write(self, name: str, text: str) -> Path:
        """Write a file into the schema folder, as the host's author would."""
        path = self.schema / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    def files(self) -> dict[str, str]:
        """The schema folder's files, text by name."""
        return {
            path.relative_to(self.schema).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.schema.rglob("*"))
            if path.is_file()
        }

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start the command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "berceau", *words],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.site)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def berceau(self, *words: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "berceau", *words],
            cwd=folder or self.root,
            env=os.environ | {"PYTHONPATH": str(self.site)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
