"""The host application that `[tool.berceau]` names as `module:attribute`."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any


def load(app: str) -> Any:
    """The application behind `module:attribute`: the object itself, or what it returns if it is a factory."""
    module, _, attribute = app.partition(":")
    found: Any = import_module(module)
    for name in attribute.split("."):
        found = getattr(found, name)
    return found() if _is_factory(found) else found


def _is_factory(found: Any) -> bool:
    """Whether it can be called without arguments; an ASGI application cannot."""
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError):
        return False
    return True
