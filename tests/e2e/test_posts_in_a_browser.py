"""The posts' page in Chromium: what a person sees and does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

pytestmark = pytest.mark.e2e

FIELDS = {"title": "Tea at four", "content": "Green, mostly.", "author": "Ada Lovelace"}


@contextmanager
def another_page(browser: Chrome) -> Iterator[None]:
    """Wait until what is done inside has led to another page: a click itself does not wait for a form's answer.

    Between two pages the browser answers with errors of several kinds (stale, no such window, a node that belongs to no
    document); only the next page's own element counts.
    """
    before = browser.find_element(By.TAG_NAME, "html")
    yield
    wait = WebDriverWait(browser, 60, ignored_exceptions=[WebDriverException])
    wait.until(lambda _: browser.find_element(By.TAG_NAME, "html") != before)


def click(browser: Chrome, button: WebElement) -> None:
    with another_page(browser):
        button.click()


def fill(browser: Chrome, status: str = "Published", **fields: str) -> None:
    for name, value in {**FIELDS, **fields}.items():
        field = browser.find_element(By.ID, name)
        field.clear()
        field.send_keys(value)
    Select(browser.find_element(By.ID, "status")).select_by_visible_text(status)


def add(browser: Chrome, **fields: str) -> None:
    fill(browser, **fields)
    click(browser, browser.find_element(By.XPATH, "//button[.='Add post']"))


def articles(browser: Chrome) -> list[WebElement]:
    return browser.find_elements(By.TAG_NAME, "article")


def width_of(browser: Chrome) -> tuple[int, int]:
    """How wide the page is, and how much of it can be seen."""
    wide, seen = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return wide, seen


def focused(browser: Chrome) -> WebElement:
    return browser.switch_to.active_element


def press(browser: Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def test_a_post_is_added_seen_and_deleted(browser):
    assert "No posts yet" in browser.find_element(By.TAG_NAME, "main").text
    add(browser)
    [article] = articles(browser)
    for text in ("Tea at four", "Green, mostly.", "Ada Lovelace", "Published"):
        assert text in article.text
    assert article.find_element(By.TAG_NAME, "time").get_attribute("datetime")
    click(browser, article.find_element(By.TAG_NAME, "button"))
    assert articles(browser) == []
    assert "No posts yet" in browser.find_element(By.TAG_NAME, "main").text


def test_the_newest_post_stands_on_top(browser):
    for title in ("One", "Two", "Three"):
        add(browser, title=title)
    assert [article.find_element(By.TAG_NAME, "h3").text for article in articles(browser)] == ["Three", "Two", "One"]


def test_the_right_post_is_deleted(browser):
    for title in ("One", "Two", "Three"):
        add(browser, title=title)
    [button] = [one for one in browser.find_elements(By.TAG_NAME, "button") if one.accessible_name == "Delete “Two”"]
    click(browser, button)
    assert [article.find_element(By.TAG_NAME, "h3").text for article in articles(browser)] == ["Three", "One"]


def test_invalid_input_is_explained_beside_its_field_and_what_was_typed_stays(browser):
    add(browser, title="", content="Typed with care.", author="Ada", status="Archived")
    title = browser.find_element(By.ID, "title")
    problem = browser.find_element(By.ID, title.get_attribute("aria-describedby"))
    assert problem.text == "Enter a title."
    assert problem.is_displayed()
    assert abs(problem.location["x"] - title.location["x"]) < 5
    assert 0 < problem.location["y"] - title.location["y"] < 120
    assert title.get_attribute("aria-invalid") == "true"
    assert browser.find_element(By.ID, "content").get_attribute("value") == "Typed with care."
    assert browser.find_element(By.ID, "author").get_attribute("value") == "Ada"
    assert Select(browser.find_element(By.ID, "status")).first_selected_option.text == "Archived"
    assert focused(browser) == title
    assert browser.find_element(By.CSS_SELECTOR, "[role=alert]").is_displayed()
    assert articles(browser) == []
    title.send_keys("Now with a title")
    click(browser, browser.find_element(By.XPATH, "//button[.='Add post']"))
    assert "Now with a title" in articles(browser)[0].text


def test_markup_in_a_post_stays_text(browser):
    markup = "<script>document.title='hacked'</script><b>bold</b>"
    add(browser, title=markup, content=markup, author=markup)
    [article] = articles(browser)
    assert article.find_element(By.TAG_NAME, "h3").text == markup
    assert article.text.count(markup) >= 3
    assert article.find_elements(By.CSS_SELECTOR, "script, b") == []
    assert "hacked" not in browser.title


def test_the_keyboard_alone_is_enough(browser):
    press(browser, Keys.TAB)
    assert focused(browser).text == "Skip to content"
    assert focused(browser).is_displayed()
    press(browser, Keys.ENTER, Keys.TAB)
    assert focused(browser).get_attribute("id") == "title"
    press(browser, "By keyboard", Keys.TAB, "No mouse.", Keys.TAB, "Grace", Keys.TAB, "P", Keys.TAB)
    assert focused(browser).text == "Add post"
    with another_page(browser):
        press(browser, Keys.SPACE)
    [article] = articles(browser)
    assert "By keyboard" in article.text
    assert "Published" in article.text
    for _ in range(20):
        press(browser, Keys.TAB)
        if focused(browser).accessible_name == "Delete “By keyboard”":
            break
    with another_page(browser):
        press(browser, Keys.ENTER)
    assert articles(browser) == []


def test_focus_can_be_seen_on_everything_that_takes_it(browser):
    add(browser)
    seen = []
    browser.execute_script("document.activeElement.blur()")
    for _ in range(11):
        press(browser, Keys.TAB)
        element = focused(browser)
        if element.tag_name == "body":
            break
        seen.append(element.accessible_name)
        assert element.value_of_css_property("outline-style") == "solid", element.accessible_name
        assert element.value_of_css_property("outline-width") == "3px", element.accessible_name
    assert {"Skip to content", "Posts", "Title", "Author", "Status", "Add post", "Delete “Tea at four”"} <= set(seen)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_screen_needs_no_scrolling_sideways(browser, width):
    add(browser, title="Donaudampfschifffahrtsgesellschaftskapitän" * 4, content="x" * 400, author="y" * 100)
    emulate(browser, width)
    try:
        browser.refresh()
        assert width_of(browser) == (width, width)
        for element in browser.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), textarea, select, button"):
            box = element.rect
            assert box["height"] >= 44, element.accessible_name
            assert box["x"] + box["width"] <= width, element.accessible_name
        browser.find_element(By.ID, "title").clear()
        click(browser, browser.find_element(By.XPATH, "//button[.='Add post']"))
        assert width_of(browser) == (width, width)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def emulate(browser: Chrome, width: int) -> None:
    """A phone's screen; a window cannot be made as narrow."""
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def test_every_field_has_a_label_and_every_id_stands_once(browser):
    add(browser, title="One")
    add(browser, title="Two")
    names = {
        field.get_attribute("name"): field.accessible_name
        for field in browser.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), textarea, select")
    }
    assert names == {"title": "Title", "content": "Text (optional)", "author": "Author", "status": "Status"}
    ids = [element.get_attribute("id") for element in browser.find_elements(By.CSS_SELECTOR, "[id]")]
    assert len(ids) == len(set(ids))
    assert [link.text for link in browser.find_elements(By.CSS_SELECTOR, "nav a[aria-current=page]")] == ["Posts"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser, scheme):
    for status in ("Draft", "Published", "Archived"):
        add(browser, status=status)
    add(browser, title="")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        contrasts = browser.execute_script(CONTRASTS)
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(contrasts) > 20
    weak = {text: round(ratio, 2) for text, ratio in contrasts if ratio < 4.5}
    assert weak == {}


# for each element with text of its own: the contrast as WCAG defines it, from the nearest background that is painted
CONTRASTS = """
const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = text => text.match(/[\\d.]+/g).map(Number);
const background = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll('body *')]
  .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(element => {
    const lights = [parse(getComputedStyle(element).color), background(element)].map(luminance).sort((a, b) => b - a);
    return [element.textContent.trim().slice(0, 40), (lights[0] + 0.05) / (lights[1] + 0.05)];
  });
"""


def test_nothing_on_the_page_breaks_the_security_policy(browser):
    browser.get_log("browser")  # what earlier tests have left
    add(browser)
    assert browser.get_log("browser") == []


def test_a_form_of_another_site_changes_nothing(browser, site, tmp_path):
    add(browser)
    evil = tmp_path / "evil.html"
    evil.write_text(
        f"<form method=post action='{site}/demo/posts'><input name=title value=Evil><input name=author value=Eve>"
        "<input name=status value=DRAFT><button>Win a prize</button></form>"
    )
    browser.get(evil.as_uri())
    click(browser, browser.find_element(By.TAG_NAME, "button"))
    assert "reload the page and send it again" in browser.page_source
    browser.get(f"{site}/demo/posts")
    assert [article.find_element(By.TAG_NAME, "h3").text for article in articles(browser)] == ["Tea at four"]


def test_an_address_that_does_not_exist_leads_back(browser, site):
    browser.get(f"{site}/demo/nowhere")
    assert browser.find_element(By.TAG_NAME, "h1").text == "Not Found"
    click(browser, browser.find_element(By.LINK_TEXT, "To the first page"))
    assert browser.find_element(By.TAG_NAME, "h1").text == "Installed components"
    click(browser, browser.find_element(By.CSS_SELECTOR, "main a"))
    assert browser.find_element(By.TAG_NAME, "h1").text == "Posts"


def test_more_posts_than_a_page_holds_can_be_leafed_through(browser, site):
    for number in range(21):
        add(browser, title=f"Post {number}")
    assert len(articles(browser)) == 20
    click(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "Older posts"))
    [last] = articles(browser)
    assert "Post 0" in last.text
    click(browser, last.find_element(By.TAG_NAME, "button"))
    assert len(articles(browser)) == 20
    assert browser.current_url == f"{site}/demo/posts"


def test_everything_works_without_javascript(open_browser, site):
    browser = open_browser(javascript=False)
    browser.get("data:text/html,<title>off</title><script>document.title='on'</script>")
    assert browser.title == "off"
    browser.get(f"{site}/demo/posts")
    add(browser, title="", author="")
    assert browser.find_element(By.ID, "title-problem").text == "Enter a title."
    add(browser)
    [article] = articles(browser)
    assert "Tea at four" in article.text
    click(browser, article.find_element(By.TAG_NAME, "button"))
    assert articles(browser) == []
