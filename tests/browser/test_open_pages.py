"""A page that stays open: what is covered or deleted on the server goes from it when its reader comes back to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from forum.comments import queries
from forum.comments.service_scope import Verdict
from forum.db import Tx
from forum.demo import content
from forum.moderation.deciding.service_cover import rescope
from forum.sites.service import get_site
from forum.spoilers.service import read_tokens
from tests.browser.conftest import Reader
from tests.browser.fandom import FINISHED, cover, discuss, fill_catalogue, follow
from tests.browser.stage import Stage

SECRET = "Zebrafinch"
# What the browser tells a page that comes back into view.
COME_BACK = "() => document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module", autouse=True)
def catalogue(stage: Stage) -> None:
    """The works that scopes name."""
    fill_catalogue(stage)


def moderate(stage: Stage, comment_id: str, *tokens: str) -> None:
    """Cover a comment as a moderator does."""

    async def work() -> None:
        rt = stage.app.rt
        scope, _ = await read_tokens(rt, tokens, at=rt.clock.now())
        await rescope(rt, await get_site(rt, content.SITE_KEY), int(comment_id), Verdict(scope, "test"))

    stage.server.run(work())


def erase(stage: Stage, comment_id: str) -> None:
    """Take a comment away as its author does."""

    async def work(tx: Tx) -> None:
        found = await queries.find_comment(tx, int(comment_id))
        assert found is not None
        await queries.erase_comment(tx, found)
        await queries.count_comment(tx, found, by=-1)

    stage.server.run(stage.app.rt.db.write(work))


def come_back(page: Page) -> None:
    page.evaluate(COME_BACK)


def test_what_is_covered_meanwhile_goes(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "covered meanwhile", assumes="")
    stays = stage.post(url, "This stays as it is.")
    root = stage.post(url, f"It was the {SECRET}.")
    reply = stage.post(url, f"The {SECRET}, really?", parent=root)
    asked = follow(page)
    page.goto(frame)
    expect(page.get_by_text(f"It was the {SECRET}.")).to_be_visible()
    before = page.locator(f"#c{stays} .body").element_handle()

    moderate(stage, root, FINISHED)
    come_back(page)
    expect(cover(page)).to_have_count(2)
    assert SECRET not in page.content()
    assert asked == []
    for comment in (root, reply):
        expect(page.locator(f"#c{comment} > .comment .sp-show")).to_be_visible()
    # What nobody has touched is the very same element as before.
    assert before is not None
    assert before.evaluate("(body) => body.isConnected")
    expect(page.locator("[data-status]")).to_have_text("Something here was covered or deleted since.")


def test_who_has_come_that_far_goes_on_reading(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "covered for others", assumes="")
    root = stage.post(url, f"It was the {SECRET}.")
    page.goto(frame)
    page.evaluate('() => localStorage.setItem(\'fan.progress.v1\', \'{"jessica-jones":{"s":"at","u":"S1E13"}}\')')
    page.reload()
    moderate(stage, root, FINISHED)
    come_back(page)
    expect(cover(page).get_by_text(f"It was the {SECRET}.")).to_be_visible()


def test_what_is_deleted_meanwhile_goes(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "deleted meanwhile", assumes="")
    root = stage.post(url, f"It was the {SECRET}.")
    page.goto(frame)
    erase(stage, root)
    come_back(page)
    expect(page.locator(f"#c{root} .tombstone")).to_be_visible()
    assert SECRET not in page.content()


def test_a_discussion_that_begins_to_assume_something_is_covered(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    _, frame = discuss(stage, "assumes later", assumes="")
    stage.post(stage.page("assumes later"), f"It was the {SECRET}.")
    page.goto(frame)
    expect(page.get_by_text(f"It was the {SECRET}.")).to_be_visible()
    discuss(stage, "assumes later")
    come_back(page)
    expect(page.locator(".sp-show")).to_be_visible()
    assert SECRET not in page.content()
