"""What a factory refuses."""

from __future__ import annotations

from berceau.errors import BerceauError


class FactoryError(BerceauError):
    """A record that cannot be made as it was asked for."""
