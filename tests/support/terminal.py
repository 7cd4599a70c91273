"""A command on a pseudo-terminal of its own: what it shows, what is typed, and Ctrl-C as the keyboard sends it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

CTRL_C, CTRL_D = "\x03", "\x04"
PATIENCE = 300
"""Seconds after which something is broken: no test measures time."""
_READ = ("0", "63")  # the number of the system call on x86-64 and on ARM


class Terminal:
    """Somebody sits before it. `screen` is what it has shown so far, with line ends as in a file."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.screen = ""
        self._ours, theirs = os.openpty()
        self._deadline = time.monotonic() + PATIENCE
        self.process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_the_terminal,
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def shows(self, text: str) -> None:
        """Wait until it shows the text."""
        while text not in self.screen:
            assert self._read(), f"it has ended without {text!r}:\n{self.screen}"

    def asks(self, question: str) -> None:
        """Wait until it shows the question, and reads what is typed."""
        self.shows(question)
        while not self._reads():
            self._check_the_time()
            time.sleep(0.01)

    def types(self, text: str) -> None:
        """Press these keys."""
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        """Wait for the end; returns the exit code."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        """Read more; False at the end."""
        while not select.select([self._ours], [], [], 1)[0]:
            self._check_the_time()
        try:
            more = os.read(self._ours, 4096)
        except OSError:  # how a pseudo-terminal says that the other end is closed
            return False
        self.screen += more.decode(errors="replace").replace("\r\n", "\n")
        return True

    def _reads(self) -> bool:
        """Whether the process hangs in reading its standard input: a signal just before it would wait for a key."""
        number, first, *_ = [*Path(f"/proc/{self.process.pid}/syscall").read_text().split(), "", ""]
        return number in _READ and first == "0x0"

    def _check_the_time(self) -> None:
        assert time.monotonic() < self._deadline, f"nothing more happens:\n{self.screen}"


def _take_the_terminal() -> None:
    """In the child: its keyboard's Ctrl-C is for this process, also if the tests run in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
