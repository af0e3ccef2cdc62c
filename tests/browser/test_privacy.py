"""Reading leaves nothing behind, and every page keeps to its two origins and its policy (the `watch` of each test)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import BUSY, Stage

STORED = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean)"


def test_reading_sets_no_cookie_and_keeps_nothing(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.news)
    page.goto(f"{stage.article(BUSY)}#comments")
    thread = embed(page)
    expect(thread.locator(".thread .comment").first).to_be_visible()
    thread.get_by_role("link", name="Oldest").click()
    expect(thread.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    thread.get_by_role("link", name="More comments").click()
    expect(thread.locator("[data-status]")).to_have_text(re.compile(r"^More comments shown: \d+"))
    inside = next(frame for frame in page.frames if frame is not page.main_frame)
    assert inside.evaluate(STORED) == []
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []


@pytest.mark.parametrize("path", ["/", "/api/docs", "/d/1", "/embed/newsroom?url=http://elsewhere.example/"])
def test_pages_of_every_kind_keep_to_themselves(stage: Stage, reader: Reader, watch: Watch, path: str) -> None:
    watch.forgive("status of 404")
    page = reader(stage)
    page.goto(stage.talk + path)
    expect(page.get_by_role("heading").first).to_be_visible()
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []
