"""The Dockerfile and the compose file, carried out without Docker as far as that goes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from dockerfile import Stage, carry_out
from ruamel.yaml import YAML
from serving import served, visitor
from two_roles import PASSWORDS, ROOT, Cluster, cluster_with_roles

COMPOSE = ROOT / "docker-compose.yml"
SECRET = "a secret of at least thirty-two characters"
BUILD_TOOLS = {"node", "npm", "npx", "uv", "uvx", "gcc", "cc", "make", "hatchling"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, read."""
    return YAML(typ="safe").load(COMPOSE)


def addresses(service: dict[str, Any], cluster: Cluster) -> dict[str, str]:
    """A service's environment, its database being the cluster's."""
    environment = dict(service["environment"])
    for name, value in environment.items():
        for variable, password in PASSWORDS.items():
            value = value.replace(f"${{{variable}}}", quote(password, safe=""))
        value = re.sub(r"\$\{BERCEAU_SECRET:?[^}]*\}", SECRET, value)
        environment[name] = re.sub(r"@database:5432/(\w+)", rf"@/\1?host={quote(cluster.admin.host)}", value)
    return environment


def test_the_compose_file_follows_the_compose_specification():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, COMPOSE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    misspelt = '{"services": {"host": {"imagee": "x"}}}'
    wrong = subprocess.run([*command, "-"], input=misspelt, capture_output=True, text=True, check=False)
    assert wrong.returncode == 1


def test_compose_takes_every_variable_from_the_example(compose):
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    example = (ROOT / ".env.example").read_text()
    assert used
    assert used == {name for name in used if re.search(rf"^#?{name}=", example, re.MULTILINE)}


def test_compose_hands_the_host_no_right_to_change_tables(compose):
    assert "berceau_app" in compose["services"]["host"]["environment"]["DATABASE_URL"]
    for service in ("host", "index"):
        assert "MIGRATE" not in json.dumps(compose["services"][service])
    assert compose["services"]["host"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_image_migrates_and_serves_with_two_roles_and_without_build_tools(tmp_path, compose):
    image = carry_out(ROOT / "Dockerfile", tmp_path)
    compiled = Path(image.environment["BERCEAU_CACHE_DIR"]).glob("*.cwasm")
    assert {file.name.partition("-")[0] for file in compiled} == {"schema", "compiler_postgresql", "migrate"}
    assert {path.name for path in image.root.rglob("*")} & BUILD_TOOLS == set()
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image.user)
    services = compose["services"]
    with cluster_with_roles() as cluster:
        migrated = image.run(services["migrate"]["command"], **addresses(services["migrate"], cluster))
        assert migrated.returncode == 0, migrated.stderr
        assert "applied" in migrated.stdout
        environment = addresses(services["host"], cluster)
        command = [word.replace("8000", "0") for word in json.loads(image.command)]
        with (
            served(command, tmp_path / "log", **image.place(**environment)) as host,
            visitor(host.address) as someone,
        ):
            assert "No posts yet" in someone.page()
            assert someone.add(title="From a container").status_code == 303
            assert "From a container" in someone.articles()[0]
            assert not {name for name in host.programs() if name.startswith(("node", "npm"))}
            assert is_healthy(image, host.address)
            assert "Compiling" not in host.said
        assert not is_healthy(image, host.address)


def is_healthy(image: Stage, address: str) -> bool:
    """What the image's own check says of a container that serves there."""
    words = json.loads(image.healthcheck)
    assert "127.0.0.1:8000/health" in words[-1]
    return image.run([word.replace("http://127.0.0.1:8000", address) for word in words]).returncode == 0


def test_the_context_of_the_image_holds_no_engine_and_no_environment(tmp_path):
    """They are made in the image, for the image."""
    from dockerfile import context_files

    files = {path.as_posix() for path in context_files(ROOT)}
    assert "packages/engine/package-lock.json" in files
    assert "packages/components/demo/src/berceau_demo/prisma/schema.prisma" in files
    assert not [file for file in files if re.search(r"(^|/)(_engines|tests|\.venv|\.env|\.git|__pycache__)(/|$)", file)]


def test_nothing_names_a_registry_host():
    """Images and packages come from where the machine's own settings say."""
    for name in ("Dockerfile", "docker-compose.yml", ".env.example", ".dockerignore"):
        text = Path(ROOT / name).read_text()
        assert not re.findall(r"\b(?:[a-z0-9-]+\.)+(?:org|io|com|dev|net)\b", text), name
