"""What people may send: the fields of a post, checked and cleaned, for the form and for the JSON API alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from berceau_client.enums import DemoPostStatus

TITLE_LENGTH = 200
AUTHOR_LENGTH = 100
CONTENT_LENGTH = 20_000


def _one_line(value: object) -> object:
    """Composed characters, and single blanks for whatever white space there is: equal names become equal texts."""
    return " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    """Browsers send CRLF; a text of blanks alone is no text."""
    if not isinstance(value, str):
        return value
    return value.replace("\r\n", "\n").replace("\r", "\n").strip() or None


def _storable(text: str) -> str:
    """PostgreSQL keeps any character but one."""
    if "\0" in text:
        raise PydanticCustomError("not_storable", "This holds a character that cannot be stored.")
    return text


def _visible(text: str) -> str:
    """Not of separators, marks of direction and the like alone."""
    if all(unicodedata.category(character)[0] in "CZ" for character in text):
        raise PydanticCustomError("string_too_short", "This holds nothing that could be seen.")
    return text


Title = Annotated[
    str,
    StringConstraints(min_length=1, max_length=TITLE_LENGTH),
    AfterValidator(_storable),
    AfterValidator(_visible),
    BeforeValidator(_one_line),  # the last of these comes first
]
Author = Annotated[
    str,
    StringConstraints(min_length=1, max_length=AUTHOR_LENGTH),
    AfterValidator(_storable),
    AfterValidator(_visible),
    BeforeValidator(_one_line),  # the last of these comes first
]
Text = Annotated[str, StringConstraints(max_length=CONTENT_LENGTH), AfterValidator(_storable)]
Content = Annotated[Text | None, BeforeValidator(_lines)]


class PostInput(BaseModel):
    """A new post; its author is found by name, or made."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    content: Content = None
    author: Author
    status: DemoPostStatus = DemoPostStatus.DRAFT


class PostChanges(TypedDict, total=False):
    """What is to change in a post; what is left out stays as it is."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]

    title: Title
    content: Content
    author: Author
    status: DemoPostStatus


_MESSAGES = {
    ("title", "string_too_short"): "Enter a title.",
    ("title", "string_too_long"): f"Use at most {TITLE_LENGTH} characters for the title.",
    ("author", "string_too_short"): "Enter the author’s name.",
    ("author", "string_too_long"): f"Use at most {AUTHOR_LENGTH} characters for the name.",
    ("content", "string_too_long"): f"Use at most {CONTENT_LENGTH:,} characters for the text.",
    ("status", "enum"): "Choose one of the statuses.",
}


def problems_by_field(error: ValidationError) -> Mapping[str, str]:
    """One message for each field that is wrong, in words for the person who has filled it in."""
    problems: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False):
        field = str(problem["loc"][0])
        problems.setdefault(field, _MESSAGES.get((field, problem["type"]), problem["msg"]))
    return problems
