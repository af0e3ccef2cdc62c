"""Another site altogether, over https, with third-party cookies blocked: the reader is still known after a reload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import embed
from tests.browser.foreign import Foreign, strict_browser, two_sites

COOKIE: Final = "__Host-guest"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Foreign]:
    """Aftershow and a publisher on two https sites."""
    with two_sites(tmp_path) as place:
        yield place


def edit(page: Page, text: str) -> None:
    thread = embed(page)
    thread.locator(".comment.own").get_by_role("link", name="Edit").click()
    thread.get_by_role("textbox", name="Edit your comment").fill(text)
    thread.get_by_role("button", name="Save").click()
    expect(thread.locator(".comment.own > .body")).to_have_text(text)


@pytest.mark.parametrize("without_storage", [False, True], ids=["storage", "no storage"])
def test_the_author_is_known_after_a_reload(place: Foreign, tmp_path: Path, without_storage: bool) -> None:
    article, talk = place.page(), place.talk
    with strict_browser(tmp_path) as context:
        if without_storage:
            context.add_init_script(
                "for (const name of ['localStorage', 'sessionStorage'])"
                " Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError'); } });"
            )
        page = context.new_page()
        page.goto(article)
        thread = embed(page)
        form = thread.locator("form.composer")
        form.locator("textarea").fill("From another site.")
        form.get_by_label("Name", exact=True).fill("Noor")
        form.get_by_role("button", name="Post").click()
        expect(thread.locator(".comment.own > .body")).to_have_text("From another site.")

        (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == COOKIE]
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "None"
        assert cookie.get("partitionKey")

        page.reload()
        edit(page, "From another site, edited.")
        # As a page of its own Aftershow is somebody else's cookie jar: nothing to edit there.
        page.goto(talk)
        page.goto(f"{talk}/embed/newsroom?url={article}")
        expect(page.locator(".comment .body")).to_have_text("From another site, edited.")
        expect(page.get_by_role("link", name="Edit")).to_have_count(0)


def test_a_reader_reports_as_one_person(place: Foreign, tmp_path: Path) -> None:
    """A guest is made as for a comment, and is the same one the next time."""
    article = place.page()
    place.post(article, "You are a wet sandbag.", name="Ada")
    with strict_browser(tmp_path) as context:
        page = context.new_page()
        page.goto(article)
        thread = embed(page)
        for words in ("Thank you.", "You have reported this comment before."):
            expect(thread.locator("html[data-ready]")).to_be_attached()
            thread.get_by_role("link", name="Report").click()
            # By keyboard: the page scrolls to the form smoothly, and nothing stands still below a pointer meanwhile.
            abuse = thread.get_by_role("radio", name="Insults or threats")
            abuse.press("Space")
            expect(abuse).to_be_checked()
            thread.get_by_role("button", name="Report").press("Enter")
            expect(thread.locator("[data-done]")).to_contain_text(words)
            page.reload()
