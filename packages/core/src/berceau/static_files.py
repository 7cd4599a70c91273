"""Style sheets and pictures of core and components, below `/berceau/static`, at addresses that tell their content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PREFIX = "/berceau/static"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


class VersionedFiles(StaticFiles):
    """Files of one folder: kept for ever by the browser if the address holds their hash, else asked for again."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or 304 when the browser has it already."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("v", [""])[0]
        is_current = asked == _hash(str(full_path), stat_result.st_mtime_ns)
        response.headers["cache-control"] = FOREVER if is_current else ASK_AGAIN
        return response


class StaticFolders:
    """The static folders of all components.

    Args:
        folders: component name to the folder with its files.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)

    def mount(self, app: Starlette) -> None:
        """Serve each folder."""
        for name, folder in self._folders.items():
            app.mount(f"{PREFIX}/{name}", VersionedFiles(directory=folder), name=f"static:{name}")

    def address(self, file: str) -> str:
        """The path of `<component>/<file>`, with its hash. Raises FileNotFoundError if it is missing."""
        component, _, name = file.partition("/")
        folder = self._folders.get(component)
        if folder is None:
            raise FileNotFoundError(f"{file}: the component {component!r} has no folder 'static'")
        path = folder / name
        return f"{PREFIX}/{file}?v={_hash(os.path.realpath(path), path.stat().st_mtime_ns)}"


@lru_cache(maxsize=1024)
def _hash(path: str, changed: int) -> str:  # `changed` belongs to the cache's key
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
