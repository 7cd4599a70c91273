"""The names that Python and pydantic keep for themselves, and what schema names become in their place.

The schema's names stay as they are wherever they are keys (filters, data, include). Where they turn into
attributes, a name that cannot be one gets a trailing underscore. The runtime has to follow the same rules.
"""

from __future__ import annotations

import keyword

COUNT_ATTRIBUTE = "count_"
"""Attribute of a model that holds `_count`: pydantic keeps names that begin with an underscore for itself."""

_KEYWORDS = frozenset(keyword.kwlist)

_MODEL_NAMES = frozenset(
    [
        "construct",
        "copy",
        "create_partial",
        "dict",
        "from_orm",
        "json",
        "model_computed_fields",
        "model_config",
        "model_construct",
        "model_copy",
        "model_dump",
        "model_dump_json",
        "model_extra",
        "model_fields",
        "model_fields_set",
        "model_json_schema",
        "model_parametrized_name",
        "model_post_init",
        "model_rebuild",
        "model_validate",
        "model_validate_json",
        "model_validate_strings",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "prisma",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
    ]
)
_ENUM_NAMES = frozenset({"mro", "name", "value"})
_CLIENT_NAMES = frozenset(
    [
        "batch_",
        "connect",
        "disconnect",
        "execute_raw",
        "is_connected",
        "is_registered",
        "is_transaction",
        "query_first",
        "query_raw",
        "tx",
    ]
)
_BATCH_NAMES = frozenset({"commit", "execute_raw"})


def model_attribute(field: str) -> str:
    """The attribute of a model class for a field of the schema: `title`, but `class_` and `json_`."""
    return f"{field}_" if field in _KEYWORDS or field in _MODEL_NAMES else field


def enum_member(value: str) -> str:
    """The member of an enum class for a value of the schema: `DRAFT`, but `None_` and `name_`."""
    return f"{value}_" if value in _KEYWORDS or value in _ENUM_NAMES else value


def client_attribute(model: str) -> str:
    """The attribute of the client, and the module of the stubs, for a model: `demopost` for `DemoPost`."""
    name = model.lower()
    return f"{name}_" if name in _KEYWORDS or name in _CLIENT_NAMES or name in _BATCH_NAMES else name
