"""The Python names of Prisma's operators and arguments, as Prisma Client Python has them.

Fields and models keep the names of the schema; only Prisma's own vocabulary is translated.
"""

from __future__ import annotations

import keyword
import re

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


ORDER = re.compile(r"OrderByWithRelation(AndSearchRelevance)?Input$")


def type_name(prisma_name: str) -> str:
    """The name in `types` of one of Prisma's input types."""
    return ORDER.sub("OrderByInput", prisma_name.replace("Unchecked", "", 1))


# Where the schema's names become attributes in Python, a name that cannot be one gets a trailing underscore.

COUNT_ATTRIBUTE = "count_"
"""Attribute of a model that holds `_count`: pydantic keeps names that begin with an underscore for itself."""

KEYWORDS = frozenset(keyword.kwlist)
MODEL_NAMES = frozenset(
    """
    construct copy create_partial dict from_orm json model_computed_fields model_config model_construct model_copy
    model_dump model_dump_json model_extra model_fields model_fields_set model_json_schema model_parametrized_name
    model_post_init model_rebuild model_validate model_validate_json model_validate_strings parse_file parse_obj
    parse_raw prisma schema schema_json update_forward_refs validate
    """.split()  # noqa: SIM905 - a list of words is easier to read than a list of strings
)
ENUM_NAMES = frozenset({"mro", "name", "value"})
CLIENT_NAMES = frozenset(
    """
    batch_ commit connect disconnect execute_raw is_connected is_registered is_transaction plan_cache query_first
    query_raw tx
    """.split()  # noqa: SIM905
)


def model_attribute(field: str) -> str:
    """The attribute of a model class for a field of the schema: `title`, but `class_` and `json_`."""
    return f"{field}_" if field in KEYWORDS or field in MODEL_NAMES else field


def enum_member(value: str) -> str:
    """The member of an enum class for a value of the schema: `DRAFT`, but `None_` and `name_`."""
    return f"{value}_" if value in KEYWORDS or value in ENUM_NAMES else value


def client_attribute(model: str) -> str:
    """The attribute of the client for a model: `demopost` for `DemoPost`."""
    name = model.lower()
    return f"{name}_" if name in KEYWORDS or name in CLIENT_NAMES else name
