"""Comments behind SQL statements that tell what they serve, so that the database's logs and statistics tell it, too."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote


class SqlComments:
    """The comment for a model and an action, in the form of sqlcommenter: keys sorted, values quoted as in URLs.

    `/*action='findMany',component='demo',model='DemoPost'*/`; for the user's own SQL `/*action='queryRaw'*/`.
    """

    def __init__(self, components: Mapping[str, str]) -> None:
        self._components = components
        self._made: dict[tuple[str | None, str | None], str] = {}

    def __call__(self, model: str | None, action: str | None) -> str:
        made = self._made.get((model, action))
        if made is None:
            made = self._made[(model, action)] = self._make(model, action)
        return made

    def _make(self, model: str | None, action: str | None) -> str:
        pairs = {"action": action, "component": self._components.get(model or ""), "model": model}
        return " /*" + ",".join(f"{key}='{quote(value, safe='')}'" for key, value in pairs.items() if value) + "*/"
