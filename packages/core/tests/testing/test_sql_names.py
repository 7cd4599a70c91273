"""Migrations speak of the schema that they are applied to: names are changed, texts are not."""

from __future__ import annotations

import pytest

from berceau.testing.sql_names import in_schema, makes_extensions


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('CREATE TYPE "public"."Mood" AS ENUM (\'public.x\');', 'CREATE TYPE "t"."Mood" AS ENUM (\'public.x\');'),
        ("ALTER TABLE public.post ADD x public.mood", 'ALTER TABLE "t".post ADD x "t".mood'),
        ("CREATE SCHEMA IF NOT EXISTS public;", 'CREATE SCHEMA IF NOT EXISTS "t";'),
        ("GRANT USAGE ON SCHEMA PUBLIC TO public", 'GRANT USAGE ON SCHEMA "t" TO public'),
        ("SET search_path = public, other", 'SET search_path = "t", other'),
        ("ALTER FUNCTION f() SET search_path TO other, public", 'ALTER FUNCTION f() SET search_path TO other, "t"'),
        ("SELECT a.public.b, '''public.x', E'\\'public.x', $$public.x$$", None),
        ("SELECT $q$ $$public.x$$ $q$ -- public.x\n/* public.x /* public.y */ public.z */", None),
        ('SELECT "Public".x, notpublic.x, public, x AS public', None),
        ("CREATE EXTENSION IF NOT EXISTS citext;", 'CREATE EXTENSION IF NOT EXISTS citext SCHEMA "public";'),
        ("CREATE EXTENSION citext WITH SCHEMA public", None),
    ],
)
def test_names_of_the_schema_and_only_those(sql, expected):
    assert in_schema(sql, "public", "t") == (sql if expected is None else expected)


def test_an_extension_is_found_where_it_is_a_statement():
    assert makes_extensions("create extension citext")
    assert not makes_extensions("SELECT 'CREATE EXTENSION citext' -- CREATE EXTENSION")
