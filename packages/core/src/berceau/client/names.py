"""The Python names of Prisma's operators and arguments, as Prisma Client Python has them.

Fields and models keep the names of the schema; only Prisma's own vocabulary is translated.
"""

from __future__ import annotations

PYTHON_NAMES: dict[str, str] = {
    "notIn": "not_in",
    "startsWith": "startswith",
    "endsWith": "endswith",
    "isNot": "is_not",
    "isSet": "is_set",
    "hasEvery": "has_every",
    "hasSome": "has_some",
    "isEmpty": "is_empty",
    "connectOrCreate": "connect_or_create",
    "createMany": "create_many",
    "updateMany": "update_many",
    "deleteMany": "delete_many",
    "skipDuplicates": "skip_duplicates",
    "relationLoadStrategy": "relation_load_strategy",
    "orderBy": "order",
}
"""Prisma's word → ours, for arguments and for operators in filters and nested writes."""

PRISMA_NAMES: dict[str, str] = {python: prisma for prisma, python in PYTHON_NAMES.items()} | {"order_by": "orderBy"}
"""Our word → Prisma's; `order_by`, which Prisma Client Python uses inside `include`, is taken everywhere."""


def python_name(prisma_name: str) -> str:
    """The Python name of one of Prisma's words; the word itself where the two are the same."""
    return PYTHON_NAMES.get(prisma_name, prisma_name)
