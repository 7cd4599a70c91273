"""Makes real distributions with components in them: wheels that uv installs, and source folders that it links to."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from machine import UV

RAISES = 'raise RuntimeError("component code has run")\n'

BACKENDS = {
    "hatchling": ("hatchling", "hatchling.build", '[tool.hatch.build.targets.wheel]\npackages = ["src/{top}"]\n'),
    "setuptools": (
        "setuptools>=77",
        "setuptools.build_meta",
        '[tool.setuptools]\npackages = {packages}\npackage-dir = {{ "{top}" = "src/{top}" }}\n',
    ),
}


@dataclass(frozen=True)
class Distribution:
    """A distribution to be.

    Attributes:
        name: its name as it is published.
        version: its version.
        files: contents by path, the path relative to where packages are installed.
        entry_points: the entries of the group `berceau.schemas`; pairs, as a name may be given twice by mistake.
        requires: its `Requires-Dist`.
    """

    name: str
    version: str = "1.0.0"
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    entry_points: tuple[tuple[str, str], ...] = ()
    requires: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """Name and version as file names have them."""
        return f"{self.name.replace('-', '_')}-{self.version}"

    def wheel(self, folder: Path) -> Path:
        """Write the wheel into a folder; returns its path."""
        info = f"{self.stem}.dist-info"
        entries = "".join(f"{name} = {value}\n" for name, value in self.entry_points)
        files = {
            path: content.encode() if isinstance(content, str) else content for path, content in self.files.items()
        }
        files |= {
            f"{info}/METADATA": "".join(
                [
                    f"Metadata-Version: 2.4\nName: {self.name}\nVersion: {self.version}\n",
                    *(f"Requires-Dist: {requirement}\n" for requirement in self.requires),
                    f"\n# {self.name}\n\nName: not this one\n",
                ]
            ).encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": f"[console_scripts]\n\n[berceau.schemas]\n{entries}".encode(),
        }
        record = "".join(f"{path},{_hash(content)},{len(content)}\n" for path, content in files.items())
        path = folder / f"{self.stem}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
        return path

    def project(self, folder: Path, backend: str) -> Path:
        """Write the source project of the distribution, to be built by `hatchling` or `setuptools`."""
        requirement, module, settings = BACKENDS[backend]
        top = next(path.partition("/")[0] for path in self.files)
        packages = sorted({path.rpartition("/")[0].replace("/", ".") for path in self.files})
        entries = "".join(f'"{name}" = "{value}"\n' for name, value in self.entry_points)
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(
            f'[build-system]\nrequires = ["{requirement}"]\nbuild-backend = "{module}"\n\n'
            f'[project]\nname = "{self.name}"\nversion = "{self.version}"\ndependencies = {list(self.requires)}\n\n'
            f'[project.entry-points."berceau.schemas"]\n{entries}\n{settings.format(top=top, packages=packages)}'
        )
        for path, content in self.files.items():
            target = folder / "src" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder


def component(
    name: str,
    schema: str | bytes | None = None,
    *,
    facets: Mapping[str, str] | None = None,
    requires: Iterable[str] = (),
    version: str = "1.0.0",
    distribution: str | None = None,
    init: str = RAISES,
) -> Distribution:
    """A component `name` in the distribution `berceau-name`, whose code raises when it is imported.

    `requires` are names of components of this kind.
    """
    package = f"berceau_{name}"
    entries = [(name, f"{package}.prisma:schema.prisma")] if schema is not None else []
    entries += [(f"{name}.{facet}", value) for facet, value in (facets or {}).items()]
    files: dict[str, str | bytes] = {f"{package}/__init__.py": init, f"{package}/prisma/__init__.py": init}
    if schema is not None:
        files[f"{package}/prisma/schema.prisma"] = schema
    return Distribution(
        name=distribution or f"berceau-{name.replace('_', '-')}",
        version=version,
        files=files,
        entry_points=tuple(entries),
        requires=tuple(f"berceau-{other.replace('_', '-')}>=1" for other in requires),
    )


def family(count: int) -> tuple[Distribution, ...]:
    """Components with two models and an enum each; each but the first also relates to the one before."""
    return tuple(
        component(f"part{number:02}", _family_schema(number), requires=_before(number)) for number in range(count)
    )


def install(target: Path, *distributions: Distribution) -> Path:
    """Have uv install the distributions' wheels into a folder (in place of other versions); returns the folder."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = [str(distribution.wheel(Path(folder))) for distribution in distributions]
        _uv("install", "--no-deps", "--offline", "--no-index", "--reinstall", *_into(target), *wheels)
    return target


def uninstall(target: Path, *names: str) -> None:
    """Have uv take distributions out of a folder."""
    _uv("uninstall", *_into(target), *names)


def install_editable(python: Path, *projects: Path) -> None:
    """Have uv link to source projects from the environment of an interpreter."""
    _uv("install", "--no-deps", "--python", str(python), *(word for path in projects for word in ("-e", str(path))))


def _into(target: Path) -> tuple[str, ...]:
    return "--python", sys.executable, "--target", str(target)


def _uv(command: str, *arguments: str) -> None:
    done = subprocess.run([UV, "pip", command, "-q", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _before(number: int) -> tuple[str, ...]:
    return (f"part{number - 1:02}",) if number else ()


def _family_schema(number: int) -> str:
    own, other = f"Part{number:02}", f"Part{number - 1:02}"
    relation = ""
    if number:
        relation = (
            f"  otherId   String?    @db.Uuid\n"
            f"  other     {other}Item? @relation(fields: [otherId], references: [id], onDelete: SetNull)\n"
        )
    return f"""\
/// Something that is kept.
model {own}Item {{
  id        String     @id @default(uuid()) @db.Uuid
  name      String     @unique @db.VarChar(100)
  note      String?
  amount    Decimal    @default(0) @db.Decimal(12, 2)
  status    {own}Status @default(OPEN)
  entries   {own}Entry[]
{relation}  createdAt DateTime   @default(now()) @db.Timestamptz(3)
  updatedAt DateTime   @updatedAt @db.Timestamptz(3)
}}

/// What happened to it.
model {own}Entry {{
  id        String     @id @default(uuid()) @db.Uuid
  title     String     @db.VarChar(200)
  data      Json?
  count     Int        @default(0)
  done      Boolean    @default(false)
  itemId    String     @db.Uuid
  item      {own}Item  @relation(fields: [itemId], references: [id], onDelete: Cascade)
  createdAt DateTime   @default(now()) @db.Timestamptz(3)

  @@index([itemId])
}}

enum {own}Status {{
  OPEN
  CLOSED
}}
"""
