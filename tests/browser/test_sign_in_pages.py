"""Signing in on Aftershow's own pages, with scripts and without, and what an open page makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.foreign import Foreign, strict_browser, two_sites

THOUGHT: Final = "A thought that took a while."
ARTICLE: Final = "stage/article"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Foreign]:
    """Aftershow and a publisher on two https sites."""
    with two_sites(tmp_path, mail_url=f"file:{tmp_path}/mail") as place:
        yield place


def test_there_and_back_with_the_text_kept(place: Foreign, tmp_path: Path) -> None:
    comment = place.post(place.page(), "The first one.", name="Noor")
    with strict_browser(tmp_path) as context:
        waiting = context.new_page()
        waiting.goto(f"{place.talk}/c/{comment}")
        waiting.locator("textarea").fill("Written meanwhile.")
        page = context.new_page()
        page.goto(f"{place.talk}/c/{comment}")
        discussion = page.url.partition("#")[0]
        page.locator("textarea").fill(THOUGHT)
        page.locator("form.composer").get_by_role("link", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        place.sign_in(context, place.account("Ada"))
        page.reload()
        page.get_by_role("link", name="Go on").click()
        expect(page).to_have_url(discussion)
        expect(page.locator("textarea")).to_have_value(THOUGHT)
        expect(page.locator("form.composer [data-as] bdi")).to_have_text("Ada")
        expect(page.locator(".masthead .person")).to_have_attribute("href", "/settings")
        # A page that was open all the while hears of it.
        expect(waiting.locator("form.composer [data-as] bdi")).to_have_text("Ada")
        expect(waiting.locator("textarea")).to_have_value("Written meanwhile.")
        page.goto(place.talk)
        expect(page.locator(".masthead .person bdi")).to_have_text("Ada")


def test_without_scripts(place: Foreign, tmp_path: Path) -> None:
    comment = place.post(place.page(), "The first one.", name="Noor")
    with strict_browser(tmp_path, java_script_enabled=False) as context:
        place.sign_in(context, place.account("Ada"))
        page = context.new_page()
        page.goto(f"{place.talk}/c/{comment}")
        page.locator("form.composer").get_by_role("link", name="Sign in", exact=True).click()
        page.get_by_role("link", name="Go on").click()
        form = page.locator("form.composer")
        expect(form.locator("[data-as] bdi")).to_have_text("Ada")
        expect(form.get_by_label("Name", exact=True)).to_have_count(0)
        form.locator("textarea").fill("Without any scripts.")
        form.get_by_role("button", name="Post").click()
        own = page.locator(".comment.own")
        expect(own.locator(".body")).to_have_text("Without any scripts.")
        expect(own.locator(".name bdi")).to_have_text("Ada")


def test_without_scripts_where_guests_may_not_write(place: Foreign, tmp_path: Path) -> None:
    comment = place.post(place.page(), "The first one.", name="Noor")
    place.change_site(guests=False)
    with strict_browser(tmp_path, java_script_enabled=False) as context:
        place.sign_in(context, place.account("Ada"))
        page = context.new_page()
        page.goto(f"{place.talk}/c/{comment}")
        expect(page.locator("textarea")).to_have_count(0)
        page.get_by_role("link", name="Sign in to comment").click()
        page.get_by_role("link", name="Go on").click()
        page.locator("form.composer textarea").fill("Without any scripts.")
        page.get_by_role("button", name="Post").click()
        expect(page.locator(".comment.own .body")).to_have_text("Without any scripts.")
