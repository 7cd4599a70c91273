"""The file of the composed schema that Berceau writes itself: the datasource, and what the client needs of Prisma."""

from __future__ import annotations

from collections.abc import Iterable

from berceau.composition.sources import Source

MAIN = "main.prisma"
PREVIEW_FEATURES = ("relationJoins", "views")


def main_body(sources: Iterable[Source]) -> str:
    """The text of `main.prisma`, for the PostgreSQL schemas that the sources name."""
    named = {block.database_schema for source in sources for block in source.blocks}
    schemas = sorted(name for name in named if name is not None)
    datasource = ['  provider = "postgresql"']
    if schemas:
        datasource.append(f"  schemas  = [{', '.join(map(_quoted, schemas))}]")
    return "\n".join(
        [
            "generator client {",
            '  provider        = "prisma-client"',
            f"  previewFeatures = [{', '.join(map(_quoted, PREVIEW_FEATURES))}]",
            "}",
            "",
            "datasource db {",
            *datasource,
            "}",
            "",
        ]
    )


def _quoted(text: str) -> str:
    return f'"{text}"'
