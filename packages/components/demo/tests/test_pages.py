"""The posts' page, as a browser without JavaScript uses it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berceau_demo import service
from berceau_demo.input import PostInput
from berceau_demo.pages import excerpt


async def posts(db, number: int):
    for one in range(number):
        await service.create_post(db, PostInput(title=f"Post {one:02}", author="Ada"))


def articles(text: str) -> list[str]:
    return re.findall(r"<article.*?</article>", text, re.DOTALL)


@pytest.mark.parametrize("path", ["/demo", "/demo/posts"])
async def test_both_addresses_show_the_form_and_the_empty_list(browser, path):
    page = await browser.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "No posts yet" in page.text
    for name in ("title", "content", "author", "status"):
        assert f'<label for="{name}">' in page.text
        assert re.search(rf'<(input|textarea|select) id="{name}" name="{name}"', page.text)


async def test_a_post_is_added_and_shown_first(browser):
    await browser.add(title="The first")
    answer = await browser.add(title="Tea", content="Green, mostly", author="Grace Hopper", status="PUBLISHED")
    assert (answer.status_code, answer.headers["location"]) == (303, "/demo/posts")
    newest, oldest = articles((await browser.get()).text)
    assert "The first" in oldest
    assert re.search(r"<h3[^>]*>Tea</h3>", newest)
    assert "Green, mostly" in newest
    assert "Grace Hopper" in newest
    assert "Published" in newest
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT[\d:.]+\+00:00">\d+ \w+ \d{4}, \d\d:\d\d UTC</time>', newest)
    assert "No posts yet" not in (await browser.get()).text


async def test_a_post_is_deleted(browser, db):
    await browser.add()
    page = (await browser.get()).text
    action = re.search(r'action="(/demo/posts/[^"]+/delete)"', page)[1]
    answer = await browser.send(action)
    assert (answer.status_code, answer.headers["location"]) == (303, "/demo/posts")
    assert await db.demopost.count() == 0


@pytest.mark.parametrize("post_id", ["0b4a6c66-4f0f-4f6e-9a86-8f7f0f9f0b11", "no-uuid", "%00", "'; DROP TABLE x"])
async def test_deleting_what_does_not_exist_leads_back_to_the_list(browser, db, post_id):
    await browser.add()
    answer = await browser.send(f"/demo/posts/{post_id}/delete")
    assert (answer.status_code, answer.headers["location"]) == (303, "/demo/posts")
    assert await db.demopost.count() == 1


async def test_invalid_input_comes_back_with_messages_and_the_typed_values(browser, db):
    answer = await browser.add(title="", content="Kept <b>text</b>", author="x" * 101, status="ARCHIVED")
    assert answer.status_code == 422
    assert re.search(r'<p class="problem" id="title-problem">Enter a title.</p>', answer.text)
    assert re.search(r'<p class="problem" id="author-problem">Use at most 100', answer.text)
    assert 'id="content-problem"' not in answer.text
    assert re.search(r'id="title"[^>]* aria-invalid="true" aria-describedby="title-problem" autofocus>', answer.text)
    assert re.search(r'id="author"[^>]* aria-invalid="true" aria-describedby="author-problem">', answer.text)
    assert f'value="{"x" * 101}"' in answer.text
    assert ">\nKept &lt;b&gt;text&lt;/b&gt;</textarea>" in answer.text
    assert '<option value="ARCHIVED" selected>' in answer.text
    assert "<title>Not saved: Posts" in answer.text
    assert await db.demouser.count() == await db.demopost.count() == 0


async def test_an_empty_form_names_every_required_field(browser):
    answer = await browser.send()
    assert answer.status_code == 422
    assert {"title-problem", "author-problem", "status-problem"} <= set(re.findall(r'id="([\w-]+)"', answer.text))


async def test_a_form_from_elsewhere_is_refused(browser, db):
    answer = await browser.client.post("/demo/posts", data={"title": "Tea", "author": "Ada", "status": "DRAFT"})
    assert answer.status_code == 403
    await browser.get()
    forged = await browser.client.post("/demo/posts", data={"title": "Tea", "author": "Ada", "csrf_token": "a.b"})
    assert forged.status_code == 403
    assert await db.demopost.count() == 0


async def test_markup_stays_text(browser):
    markup = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&amp;"
    await browser.add(title=markup, content=markup, author="<b>Ada</b>")
    page = (await browser.get()).text
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>Ada" not in page
    assert page.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;") == 3  # heading, button, text


async def test_long_text_is_cut_at_200_characters(browser):
    await browser.add(content="x" * 200)
    await browser.add(content="y" * 201)
    page = (await browser.get()).text
    assert f">{'x' * 200}</p>" in page
    assert f">{'y' * 200}…</p>" in page


@given(st.text(max_size=300))
def test_an_excerpt_is_the_beginning_of_the_text(text):
    short = excerpt(text)
    assert text.startswith(short.removesuffix("…") if len(text) > 200 else short)
    assert len(short) <= 201
    assert (short == text) == (len(text) <= 200) or text[200:] == "…"


async def test_twenty_posts_stand_on_a_page(browser, db):
    await posts(db, 45)
    first, second, third = [(await browser.get(f"/demo/posts?page={page}")).text for page in (1, 2, 3)]
    assert [len(articles(page)) for page in (first, second, third)] == [20, 20, 5]
    assert "Page 2 of 3" in second
    assert 'rel="prev" href="/demo/posts"' in second
    assert 'rel="next" href="/demo/posts?page=3"' in second
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in third
    assert "45 posts" in first


async def test_twenty_posts_need_no_second_page(browser, db):
    await posts(db, 20)
    assert "pagination" not in (await browser.get()).text


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1e3", "½", "9" * 5000])
async def test_a_page_number_that_makes_no_sense_is_no_error(browser, db, page):
    await posts(db, 3)
    answer = await browser.get(f"/demo/posts?page={page}")
    assert (answer.status_code, answer.headers.get("location")) in [(200, None), (303, "/demo/posts")]


@pytest.mark.parametrize("page", ["3", "100", "99999999999999999999"])
async def test_a_page_behind_the_last_leads_to_the_last(browser, db, page):
    await posts(db, 21)
    answer = await browser.get(f"/demo/posts?page={page}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/demo/posts?page=2")


async def test_deleting_leads_back_to_the_page_it_was_done_on(browser, db):
    await posts(db, 42)
    page = (await browser.get("/demo/posts?page=2")).text
    form = articles(page)[0]
    assert '<input type="hidden" name="page" value="2">' in form
    answer = await browser.send(re.search(r'action="([^"]+)"', form)[1], page="2")
    assert answer.headers["location"] == "/demo/posts?page=2"


class Outline(HTMLParser):
    """What assistive technology goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.referenced: list[str] = []
        self.headings: list[int] = []
        self.landmarks: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.referenced += (values.get(name) or "").split()
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        if tag in ("header", "main", "nav", "footer"):
            self.landmarks.append(tag)
        self.inline += [name for name in values if name == "style" or name.startswith("on")]


async def test_ids_are_unique_references_lead_somewhere_and_headings_are_in_order(browser):
    await browser.add(title="One")
    await browser.add(title="Two")
    for answer in (await browser.get(), await browser.add(title="", author="")):
        outline = Outline(answer.text)
        assert len(outline.ids) == len(set(outline.ids))
        assert set(outline.referenced) <= set(outline.ids)
        assert outline.headings == [1, 2, 2, 3, 3]
        assert {"header", "nav", "main", "footer"} <= set(outline.landmarks)
        assert not outline.inline


async def test_the_page_tells_browsers_to_be_careful_and_caches_to_keep_off(browser):
    headers = (await browser.get()).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-cache"
    assert "HttpOnly" in headers["set-cookie"]


async def test_the_style_sheets_of_the_page_are_served(browser):
    page = (await browser.get()).text
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    assert len(sheets) == 2
    for sheet in sheets:
        answer = await browser.get(sheet)
        assert answer.headers["content-type"].startswith("text/css")
        assert "immutable" in answer.headers["cache-control"]


async def test_a_browser_reads_a_page_when_the_database_is_gone(browser, db):
    await db.disconnect()
    answer = await browser.get()
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
