"""Names of a generated module that are made when they are first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container
from typing import Any


def attribute_of(module: str, name: str, known: Container[str], get: Callable[[str], Any]) -> Any:
    """A name of a generated module, kept there so that it is found without us the next time.

    Raises AttributeError for a name that is not among the known.
    """
    if name not in known:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    value = get(name)
    if module in sys.modules:
        setattr(sys.modules[module], name, value)
    return value
