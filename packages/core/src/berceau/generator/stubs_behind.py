"""The types behind relations, and the form of them that each checker sees.

Whenever a checker reads a TypedDict it reads all that can be reached from its keys: mypy for each key anew, pyright
one type inside the other until its stack is full. Were the types of a schema's models to lead to each other through
its relations, a hundred models would take mypy minutes, and pyright could not check them at all. So types behind a
relation are others than those of the model's own operations: fields are exact, what leads to a further relation takes
any mapping.

They are there in two forms, as mypy is quicker with generic ones, and pyright understands only plain ones. `MYPY` is
always true for mypy, and other checkers do not know what it is; of `os.name` pyright knows that it is not "mypy".
"""

from __future__ import annotations

from dataclasses import dataclass

FOR_MYPY = 'if os.name == "mypy":\n'
NOT_FOR_MYPY = "if not MYPY:\n"
ANY_MAPPING = "AnyMapping"

SHARED = "_shared"
"""The module of the filters and other types that belong to no model in particular."""

NESTED = "_nested"
"""The module of filters inside filters, which mypy does not see."""

RELATED_MYPY = "_related._mypy"
"""The module of the types behind relations in their form for mypy."""

RELATION_ARGUMENTS = (
    "{0}Args",
    "Optional{0}Args",
    "FindMany{0}Args",
    "{0}CountOutputTypeArgs",
    "{0}CountOutputTypeSelect",
    "{0}CountOutputTypeWhere",
)
"""The types of what a relation to a model is asked for."""

_WHERE, _INPUTS, _RELATED = "_where.", "_inputs.", "_related."


@dataclass(frozen=True)
class Place:
    """A name in a module of the package."""

    module: str
    name: str


@dataclass(frozen=True)
class Seen:
    """What a name stands for: what mypy sees, and what other checkers see."""

    mypy: Place
    others: Place


def where_home(attribute: str) -> str:
    """The module of the conditions on a model's records; `attribute` is the model's in the client."""
    return f"{_WHERE}{attribute}"


def input_home(attribute: str) -> str:
    """The module of a model's other inputs and of the numbers over its records."""
    return f"{_INPUTS}{attribute}"


def related_home(attribute: str) -> str:
    """The module of the types of a model behind relations."""
    return f"{_RELATED}{attribute}"


def seen_from(here: str, module: str, name: str) -> Seen | None:
    """What the module `here` gets to see of a name of another module, if it is not simply that.

    That is so for what all checkers read and leads to what they see in different forms: inputs and filters.
    """
    if here != SHARED and not here.startswith((_WHERE, _INPUTS)):
        return None
    if module == NESTED:
        return Seen(Place(SHARED, ANY_MAPPING), Place(NESTED, name))
    if module.startswith(_RELATED) or (module.startswith((_WHERE, _INPUTS)) and _model(module) != _model(here)):
        return behind(module, name)
    return None


def behind(module: str, name: str) -> Seen:
    """A type behind a relation; `module` is one of the model's modules."""
    return Seen(Place(RELATED_MYPY, name), Place(f"{_RELATED}{_model(module)}", name))


def _model(module: str) -> str:
    """Of which model a module is, as the attribute that the client has for it."""
    return module.partition(".")[2]
