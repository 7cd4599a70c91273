"""The walks make roles, which are the server's: each worker has one of its own."""

from __future__ import annotations

from worker_server import postgres as postgres
