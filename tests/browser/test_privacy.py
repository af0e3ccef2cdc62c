"""Reading leaves nothing behind, and every page keeps to its two origins and its policy (the `watch` of each test)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import BUSY, QUIET, Stage

STORED = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean)"


def test_reading_sets_no_cookie_and_keeps_nothing(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.news)
    page.goto(f"{stage.article(QUIET)}#comments")
    thread = embed(page)
    expect(thread.locator(".thread .comment").first).to_be_visible()
    thread.get_by_role("link", name="Oldest").click()
    expect(thread.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    page.goto(f"{stage.article(BUSY)}#comments")
    expect(thread.locator("[data-gate]")).to_be_visible()
    assert inside(page).evaluate(STORED) == []
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []


def test_a_tab_remembers_only_what_its_reader_has_said_there(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(f"{stage.article(BUSY)}#comments")
    thread = embed(page)
    thread.get_by_role("button", name="Show it anyway").click()
    expect(thread.locator(".thread .comment").first).to_be_visible()
    before = thread.locator(".thread .comment").count()
    thread.get_by_role("link", name="More comments").click()
    expect(thread.locator(".thread .comment").nth(before)).to_be_visible()
    expect(thread.locator("[data-status]")).to_have_text(re.compile(r"^(More comments|Passages) shown: \d+"))
    assert inside(page).evaluate(STORED) == ["aftershow.opened"]
    assert inside(page).evaluate("() => Object.keys(localStorage)") == []
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []


def inside(page: Page) -> Frame:
    """The document in the frame."""
    return next(frame for frame in page.frames if frame is not page.main_frame)


@pytest.mark.parametrize("path", ["/", "/api/docs", "/d/1", "/embed/newsroom?url=http://elsewhere.example/"])
def test_pages_of_every_kind_keep_to_themselves(stage: Stage, reader: Reader, watch: Watch, path: str) -> None:
    watch.forgive("status of 404")
    page = reader(stage)
    page.goto(stage.talk + path)
    expect(page.get_by_role("heading").first).to_be_visible()
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []
