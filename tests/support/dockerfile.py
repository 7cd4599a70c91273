"""Carries out a Dockerfile without Docker: its COPY, RUN, ENV and WORKDIR as they stand, in folders instead of layers.

A stage's file system is a folder: absolute paths in its commands are moved below it. Its base image is a virtual
environment in place of `/usr/local`. The PATH holds that, a shell and a few tools, and no Node.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from machine import MACHINE, UV

from berceau_engine.module_cache import cache_folder

TOOLS = ("sh", "env", "uname", "dirname", "realpath")  # the last two: for the scripts of a relocatable environment
LOADED = re.compile(r"\bload\('(\w+)'\)")
PATHS = re.compile(r"(?<![\w./-])/(?=(?:app|opt|src|usr|var|wheels)\b)")


@dataclass
class Stage:
    """A stage as far as it has come: its file system, and what a container of it would be started with."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "root"
    healthcheck: str = ""
    command: str = ""

    def path(self, path: str) -> Path:
        """Where a path of the stage is; relative ones start from its working folder."""
        return self.root / os.path.join(self.workdir, path).lstrip("/")  # noqa: PTH118  keeps the slash at the end

    def moved(self, text: str) -> str:
        """A text whose absolute paths are those of the stage."""
        return PATHS.sub(f"{self.root}/", text)

    def run(self, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the stage to its end."""
        return subprocess.run(words, check=False, capture_output=True, text=True, **self.place(**more))

    def place(self, **more: str) -> dict[str, object]:
        """How `subprocess` runs something in the stage."""
        self.path(".").mkdir(parents=True, exist_ok=True)
        return {"cwd": self.path("."), "env": MACHINE | self.environment | more}


def carry_out(dockerfile: Path, folder: Path) -> Stage:
    """Carry out all stages below `folder`; returns the last one."""
    context = dockerfile.parent
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for word, rest in _instructions(dockerfile.read_text(encoding="utf-8")):
        match word:
            case "ARG":
                name, _, value = rest.partition("=")
                arguments[name] = value
            case "FROM":
                name = rest.partition(" AS ")[2] or "final"
                stage = stages[name] = _from(folder / name)
            case "COPY":
                _copy(context, stages, stage, shlex.split(rest))
            case "RUN":
                _run(stage, rest)
            case "ENV":
                pairs = dict(pair.split("=", 1) for pair in shlex.split(rest))
                known = stage.environment.copy()
                stage.environment |= {name: _expand(stage.moved(value), known) for name, value in pairs.items()}
            case "WORKDIR":
                stage.workdir = rest
            case "USER":
                stage.user = rest
            case "HEALTHCHECK":
                stage.healthcheck = rest[rest.index("[") :]
            case "CMD":
                stage.command = rest
            case "EXPOSE":
                pass
            case _:
                raise AssertionError(f"this does not know {word}")
    return stage


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        yield word, rest.strip()


def _from(root: Path) -> Stage:
    base = root / "usr" / "local"
    subprocess.run([UV, "venv", "-q", "--seed", "--python", sys.executable, base], check=True)
    tools = root / "bin"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    return Stage(root, {"PATH": f"{base / 'bin'}:{tools}"})


def _copy(context: Path, stages: Mapping[str, Stage], stage: Stage, words: list[str]) -> None:
    options = dict(word[2:].split("=") for word in words if word.startswith("--"))
    source, target = (word for word in words if not word.startswith("--"))
    place = stage.path(target)
    if "from" in options:
        shutil.copytree(stages[options["from"]].path(source), place, symlinks=True)
        return
    ignored = _ignored(context)
    if (context / source).is_dir():
        shutil.copytree(context / source, place, ignore=ignored)
    else:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(context / source, place)


def context_files(context: Path) -> Iterator[Path]:
    """The files that `COPY . .` would copy, relative to the context."""
    ignored = _ignored(context)
    for folder, folders, names in os.walk(context):
        folders[:] = [name for name in folders if name not in ignored(folder, folders)]
        left_out = ignored(folder, names)
        yield from ((Path(folder) / name).relative_to(context) for name in names if name not in left_out)


def _ignored(context: Path) -> Callable[[str, list[str]], list[str]]:
    """What `.dockerignore` keeps out: the last pattern that fits a path, or a folder that it is in, decides."""
    lines = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    def is_ignored(path: Path) -> bool:
        fitting = [pattern for pattern in patterns if any(_fits(part, pattern) for part in (path, *path.parents))]
        return bool(fitting) and not fitting[-1].startswith("!")

    return lambda folder, names: [name for name in names if is_ignored((Path(folder) / name).relative_to(context))]


def _fits(path: Path, pattern: str) -> bool:
    pattern = pattern.removeprefix("!")
    if pattern.startswith("**/"):
        return fnmatch.fnmatch(path.name, pattern[3:])
    return fnmatch.fnmatch(path.as_posix(), pattern)


def _run(stage: Stage, command: str) -> None:
    command = stage.moved(re.sub(r"--mount=\S+ ", "", command))
    _compiled_before(stage, command)
    done = stage.run(["sh", "-ec", command])
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def _compiled_before(stage: Stage, command: str) -> None:
    """Give a command the engines that it is to compile, if this machine has: as from a layer of an earlier image.

    Only those that the command names: a Dockerfile that does not compile them is not helped. Of another version or for
    another wasmtime they are passed over, and compiled.
    """
    for engine in LOADED.findall(command):
        for file in cache_folder().glob(f"{engine}-*.cwasm"):
            shutil.copy(file, stage.environment["BERCEAU_CACHE_DIR"])


def _expand(value: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda match: known.get(match[1], ""), value)
