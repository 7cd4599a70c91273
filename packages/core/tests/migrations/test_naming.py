"""Names of migrations."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berceau.migrations.naming import folder_name, later_timestamp, proposed_name


@pytest.mark.parametrize(
    ("given_name", "name"),
    [("Add posts", "add_posts"), ("add-posts!", "add_posts"), ("Überschrift", "uberschrift"), ("  ", ""), ("日本", "")],
)
def test_a_name_becomes_fit_for_a_folder(given_name: str, name: str) -> None:
    assert folder_name(given_name) == name


@given(st.text())
def test_whatever_the_name_the_folder_is_plain_and_short(name: str) -> None:
    made = folder_name(name)

    assert re.fullmatch(r"([a-z0-9]+(_[a-z0-9]+)*)?", made)
    assert len(made) <= 200
    assert folder_name(made) == made


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ('CREATE TABLE "DemoPost" (', "create_demopost"),
        ('CREATE TABLE "A" (\n);\nCREATE TABLE "B" (\n);\nCREATE TABLE "C" (\n);', "create_a_b_and_1_more"),
        ('CREATE TABLE "A" (\n);\nALTER TABLE "A" ADD CONSTRAINT', "create_a"),
        ('ALTER TABLE "shop"."A" ADD', "change_a"),
        ('DROP TABLE "A";', "drop_a"),
        ('CREATE TABLE "A" (\n);\nDROP TABLE "B";', "change_a_b"),
        ('CREATE INDEX "x" ON "A"', "change"),
        ("-- This is an empty migration.", "change"),
    ],
)
def test_a_proposed_name_tells_what_the_script_does(script: str, name: str) -> None:
    assert proposed_name(script, first=False) == name
    assert proposed_name(script, first=True) == "init"


@pytest.mark.parametrize(
    ("now", "names", "timestamp"),
    [
        ("20260101000000", [], "20260101000000"),
        ("20260101000001", ["20260101000000_a"], "20260101000001"),
        ("20260101000000", ["20260101000000_a"], "20260101000001"),
        ("20260101000000", ["20261231235959_a", "20250101000000_b"], "20270101000000"),
        ("20260101000000", ["20269999999999_a"], "20260101000000"),
        ("20260101000000", ["zzz"], "20260101000000"),
    ],
)
def test_a_timestamp_is_later_than_those_of_the_others(now: str, names: list[str], timestamp: str) -> None:
    assert later_timestamp(now, names) == timestamp
