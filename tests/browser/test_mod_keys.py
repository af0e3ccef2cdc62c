"""Keys that come faster than the server: a verdict is about what is marked, never about what is still shown."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from forum.comments.model import Comment
from tests.browser.conftest import Reader
from tests.browser.premiere import Night
from tests.browser.test_mod_console import evening, moderating, open_item, reported
from tests.support.moderating import APPROVE

__all__ = ["evening"]
ITEM = "**/mod/c/*part=item*"


def marked(page: Page) -> str:
    """The entry that is marked in the list."""
    return page.locator(".mod-list a.entry[aria-current]").get_attribute("data-id") or ""


def two(night: Night) -> tuple[Comment, Comment]:
    """Two comments that stand one after the other."""
    return reported(night, "A fine comment."), reported(night, "A rude comment.")


def step_on(page: Page, held: list[Route]) -> str:
    """Go on to another entry, whose item does not come until its request is let through; what was open."""
    here = page.locator(".mod-item").get_attribute("data-item") or ""
    ids = [one.get_attribute("data-id") for one in page.locator(".mod-list a.entry").all()]
    page.route(ITEM, lambda route: held.append(route))
    with page.expect_request(ITEM):
        page.keyboard.press("j" if ids.index(here) < len(ids) - 1 else "k")
    expect(page.locator(".mod-item")).to_have_attribute("aria-busy", "true")
    return here


def test_a_key_waits_for_the_item_that_is_marked(evening: Night, reader: Reader) -> None:
    first, _ = two(evening)
    page = open_item(evening, moderating(evening, reader, "Swift"), first)
    held: list[Route] = []
    here = step_on(page, held)
    page.keyboard.press("a")
    expect(page.locator("[data-status]")).to_have_text("Loading…")
    wanted = marked(page)
    assert wanted != here
    with page.expect_request(lambda request: request.url.endswith("/verdict")) as sent:
        held[0].continue_()
    assert sent.value.url.endswith(f"/mod/c/{wanted}/verdict")


def test_a_key_is_forgotten_when_one_moves_on(evening: Night, reader: Reader) -> None:
    first, _ = two(evening)
    page = open_item(evening, moderating(evening, reader, "Restless"), first)
    held: list[Route] = []
    verdicts: list[str] = []
    page.on("request", lambda request: verdicts.append(request.url) if request.url.endswith("/verdict") else None)
    here = step_on(page, held)
    page.keyboard.press("a")
    ids = [one.get_attribute("data-id") for one in page.locator(".mod-list a.entry").all()]
    with page.expect_request(ITEM):
        page.keyboard.press("k" if ids.index(here) < ids.index(marked(page)) else "j")
    expect(page.locator(f".mod-list a.entry[data-id='{here}']")).to_have_attribute("aria-current", "true")
    for route in held:
        route.continue_()
    expect(page.locator(f".mod-item[data-item='{here}']:not([aria-busy])")).to_be_visible()
    assert verdicts == []


def test_a_key_while_a_verdict_is_on_its_way_does_nothing(evening: Night, reader: Reader) -> None:
    first, _ = two(evening)
    page = open_item(evening, moderating(evening, reader, "Hasty"), first)
    held: list[Route] = []
    page.route("**/verdict", lambda route: held.append(route))
    with page.expect_request("**/verdict"):
        page.keyboard.press("a")
    page.keyboard.press("m")
    expect(page.locator("[data-status]")).to_have_text("One moment: this is still being decided.")
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator(".mod-done")).to_contain_text(str(APPROVE.value.capitalize()))
    assert len(held) == 1
