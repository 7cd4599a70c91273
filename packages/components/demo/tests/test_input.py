"""What people may send, and what they are told when they may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from berceau_demo.input import PostChanges, PostInput, problems_by_field

VALID = {"title": "Tea", "content": "", "author": "Ada", "status": "DRAFT"}


def problems(**fields: str):
    with pytest.raises(ValidationError) as error:
        PostInput.model_validate({**VALID, **fields})
    return problems_by_field(error.value)


def test_a_title_of_200_characters_and_an_author_of_100_are_taken():
    post = PostInput.model_validate({**VALID, "title": "ö" * 200, "author": "😀" * 100})
    assert (len(post.title), len(post.author)) == (200, 100)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": ""}, {"title": "Enter a title."}),
        ({"title": " \t\n\u2003"}, {"title": "Enter a title."}),
        ({"title": "\u200b\u202e"}, {"title": "Enter a title."}),
        ({"title": "x" * 201}, {"title": "Use at most 200 characters for the title."}),
        ({"author": ""}, {"author": "Enter the author’s name."}),
        ({"author": "x" * 101}, {"author": "Use at most 100 characters for the name."}),
        ({"content": "x" * 20_001}, {"content": "Use at most 20,000 characters for the text."}),
        ({"content": "a\0b"}, {"content": "This holds a character that cannot be stored."}),
        ({"title": "a\0b"}, {"title": "This holds a character that cannot be stored."}),
        ({"status": "LOST"}, {"status": "Choose one of the statuses."}),
        ({"status": ""}, {"status": "Choose one of the statuses."}),
    ],
)
def test_each_mistake_has_a_message_beside_its_field(fields, expected):
    assert problems(**fields) == expected


def test_several_mistakes_are_told_at_once():
    assert list(problems(title="", author="", status="?")) == ["title", "author", "status"]


def test_white_space_is_tidied_up_so_that_equal_names_are_equal():
    composed, decomposed = "José  Maria", " Jose\u0301\nMaria "
    names = {PostInput.model_validate({**VALID, "author": name}).author for name in (composed, decomposed)}
    assert names == {"José Maria"}


def test_line_ends_of_browsers_become_plain_and_an_empty_text_becomes_none():
    assert PostInput.model_validate({**VALID, "content": " a\r\nb\rc\n "}).content == "a\nb\nc"
    assert PostInput.model_validate({**VALID, "content": " \r\n "}).content is None


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_taken_can_be_stored_and_seen(title, content, author):
    try:
        post = PostInput.model_validate({"title": title, "content": content, "author": author})
    except ValidationError as error:
        refused = set(problems_by_field(error))
    else:
        refused = None
    if refused is not None:
        assert refused <= {"title", "content", "author"}
        return
    assert 1 <= len(post.title) <= 200
    assert 1 <= len(post.author) <= 100
    assert "\0" not in post.title + post.author + (post.content or "")
    assert post.title == post.title.strip()


def test_changes_hold_only_what_was_sent():
    changes = TypeAdapter(PostChanges)
    assert changes.validate_python({}) == {}
    assert changes.validate_python({"content": None}) == {"content": None}
    for wrong in ({"title": None}, {"author": ""}, {"status": None}, {"id": "x"}):
        with pytest.raises(ValidationError):
            changes.validate_python(wrong)
