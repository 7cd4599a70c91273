"""A host served by a process of its own, and a visitor who uses its pages over HTTP."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

START_SECONDS = 180
END_SECONDS = 60
ANSWER_SECONDS = 60


class Served:
    """A process that serves, while it runs.

    Attributes:
        address: where it serves, as it says itself.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self.address = self._await_address()

    @property
    def said(self) -> str:
        """All that it has printed."""
        return self._log.read_text(errors="replace")

    def programs(self) -> set[str]:
        """The names of the process and of all that it has started."""
        root = psutil.Process(self._process.pid)
        return {process.name() for process in (root, *root.children(recursive=True))}

    def wait_for(self, word: str) -> None:
        """Wait until it has printed something."""
        self._until(lambda: word in self.said)

    def _await_address(self) -> str:
        self._until(lambda: re.search(r"http://[\w.]+:\d+", self.said))
        found = re.search(r"http://[\w.]+:\d+", self.said)
        assert found is not None
        return found[0].replace("0.0.0.0", "127.0.0.1")

    def _until(self, condition: Any) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            assert self._process.poll() is None, f"it has ended:\n{self.said}"
            assert time.monotonic() < deadline, f"not within {START_SECONDS} s:\n{self.said}"
            time.sleep(0.05)


@contextmanager
def served(command: Sequence[str | Path], log: Path, **how: Any) -> Iterator[Served]:
    """Serve by a command that prints its address. `how` is for `subprocess`; what it prints goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **how)
    try:
        yield Served(process, log)
    finally:
        process.terminate()
        process.wait(END_SECONDS)


@contextmanager
def visitor(address: str) -> Iterator[Visitor]:
    """A visitor of the host at an address."""
    with httpx.Client(base_url=address, headers={"accept": "text/html"}, timeout=ANSWER_SECONDS) as client:
        yield Visitor(client)


class Visitor:
    """Reads pages and sends their forms, as a browser without JavaScript does."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def page(self, path: str = "/demo/posts") -> str:
        """A page's text."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the posts' page."""
        token = re.findall(r'name="csrf_token" value="([^"]+)"', self.page())[0]
        return self.client.post(path, data={"csrf_token": token, **fields})

    def add(self, **fields: str) -> httpx.Response:
        """Fill in the form for a new post and send it."""
        return self.send("/demo/posts", **{"title": "Tea", "content": "", "author": "Ada", "status": "DRAFT", **fields})

    def articles(self) -> list[str]:
        """The posts on the page, each with its tags."""
        return re.findall(r"<article.*?</article>", self.page(), re.DOTALL)

    def delete_first(self) -> httpx.Response:
        """Press the delete button of the first post."""
        action = re.search(r'action="([^"]+/delete)"', self.page())
        assert action is not None
        return self.send(action[1])
