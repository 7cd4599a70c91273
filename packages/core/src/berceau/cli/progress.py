"""Says on a terminal what takes long: nothing for the first second, then the step that is being worked on."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds for which nothing is said."""


class Progress:
    """Called with each step; shows the current one once `PATIENCE` is over."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._step = ""
        self._shown = ""
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __call__(self, step: str) -> None:
        self._step = step
        if time.monotonic() - self._started >= PATIENCE:
            self._show()

    def _show(self) -> None:
        with self._lock:
            if self._step and self._step != self._shown:
                self._shown = self._step
                print(f"… {self._step}", file=sys.stderr, flush=True)

    def start(self) -> None:
        """Begin to count the seconds."""
        self._timer.start()

    def stop(self) -> None:
        """Say nothing any more."""
        self._timer.cancel()


@contextmanager
def shown_progress() -> Iterator[Callable[[str], None]]:
    """Progress and the engine's own notices (it compiles itself once for each machine) on a terminal, else nowhere."""
    if not sys.stderr.isatty():
        yield _silent
        return
    progress = Progress()
    logger, handler = logging.getLogger("berceau_engine"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("… %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    progress.start()
    try:
        yield progress
    finally:
        progress.stop()
        logger.removeHandler(handler)


def _silent(_: str) -> None: ...
