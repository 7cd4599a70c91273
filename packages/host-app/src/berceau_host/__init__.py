"""The reference host: an application that serves the components installed beside it."""

from __future__ import annotations

from berceau_host.application import create_app

__all__ = ["create_app"]
