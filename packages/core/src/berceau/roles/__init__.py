"""`berceau db setup`: a host's database and its two roles, so that running needs no right to change tables."""

from __future__ import annotations

from berceau.roles.setup import Done, Role, Setup, setup

__all__ = ["Done", "Role", "Setup", "setup"]
