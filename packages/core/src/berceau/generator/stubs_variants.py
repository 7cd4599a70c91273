"""Input types that say nothing new, and the types that stand for them.

Prisma gives each model a variant of its data for each relation that leads to it, without the field that leads back, and
with it everything that such data is wrapped into. With a model that all others are related to that grows with the
square of its relations. A variant is kept only where it requires less than the whole, so that there is one for each
required relation; without the others a nested write may name the relation that it came by, which the client refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from berceau.generator.stubs_shapes import Shape, Signature

_DATA = re.compile(r"((?:Unchecked)?(?:Create|UpdateMany|Update))Without\w+Input|(CreateMany)\w+Input")
_WRAPPED = re.compile(r"(\w+?)Without\w*?(NestedInput|Input)|(CreateMany)\w+(InputEnvelope)")
_TAKEN = {"UpsertInput": "UpsertNestedInput"}
"""Names that the stubs have for something else."""


def same_types(shapes: Mapping[str, Shape], homes: Mapping[str, str]) -> dict[str, str]:
    """Types that say nothing new → the type that says the same, which is never one of the first.

    Unchecked types whose fields are those of their checked counterpart, the copy of each filter that Prisma makes for
    use inside `not`, variants of a model's data that the whole covers, and wrappers that are alike with all that.
    """
    found = {}
    for name, shape in shapes.items():
        plain = checked_name(homes, name) if name in homes else name.removeprefix("Nested")
        if plain and plain != name and shapes.get(plain) == shape:
            found[name] = plain
        whole = _whole(homes, name)
        if whole in shapes and whole != name and _covers(shapes[whole], shape):
            found[name] = whole
    wrappers = [name for name in homes if name not in found and short_name(homes, name) != name]
    count = -1
    while count != len(found):
        count = len(found)
        seen: dict[tuple[str, frozenset[tuple[str, Signature]]], str] = {}
        for name in wrappers:
            fields = frozenset((key, _plain(found, signature)) for key, signature in shapes[name].items())
            first = seen.setdefault((short_name(homes, name), fields), name)
            if first != name:
                found[name] = first
        wrappers = [name for name in wrappers if name not in found]
    return {name: _last(found, name) for name in found}


def short_names(shapes: Mapping[str, Shape], homes: Mapping[str, str], same: Mapping[str, str]) -> dict[str, str]:
    """Wrappers that are the same for all relations → a name without a relation."""
    families: dict[str, list[str]] = {}
    for name in homes:
        if name not in same and (short := short_name(homes, name)) != name:
            families.setdefault(short, []).append(name)
    return {names[0]: short for short, names in families.items() if len(names) == 1 and short not in shapes}


def checked_name(homes: Mapping[str, str], name: str) -> str | None:
    """`DemoPostCreateInput` for `DemoPostUncheckedCreateInput`; None for what is not unchecked."""
    model = homes.get(name)
    if model is None or not name.startswith("Unchecked", len(model)):
        return None
    rest = name[len(model) + len("Unchecked") :]
    return model + ("UpdateManyMutationInput" if rest == "UpdateManyInput" else rest)


def short_name(homes: Mapping[str, str], name: str) -> str:
    """`DemoPostCreateNestedManyInput` for `DemoPostCreateNestedManyWithoutAuthorInput`."""
    model = homes[name]
    match = _WRAPPED.fullmatch(name, len(model))
    short = "".join(filter(None, match.groups())) if match else ""
    return f"{model}{_TAKEN.get(short, short)}" if match else name


def _whole(homes: Mapping[str, str], name: str) -> str:
    model = homes.get(name, "")
    match = _DATA.fullmatch(name, len(model))
    return f"{model}{match[1] or match[2]}Input" if match else name


def _covers(whole: Shape, variant: Shape) -> bool:
    return all(whole.get(key) == signature for key, signature in variant.items()) and not any(
        required for key, (required, _) in whole.items() if key not in variant
    )


def _plain(same: Mapping[str, str], signature: Signature) -> Signature:
    required, accepted = signature
    return required, tuple(dict.fromkeys((_last(same, name), kind, is_list) for name, kind, is_list in accepted))


def _last(same: Mapping[str, str], name: str) -> str:
    while name in same:
        name = same[name]
    return name
