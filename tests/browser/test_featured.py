"""The comment that moderators have put on top, in a browser: covered as the others are, and gone when it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from forum.articles import queries as articles
from forum.articles.model import Gate
from forum.comments import queries
from forum.db import Tx
from tests.browser.conftest import Reader
from tests.browser.fandom import FINISHED, discuss, fill_catalogue
from tests.browser.stage import Stage
from tests.browser.test_accessibility import serious
from tests.browser.test_open_pages import SECRET, come_back, erase, moderate

FAR = '() => localStorage.setItem(\'fan.progress.v1\', \'{"jessica-jones":{"s":"at","u":"S1E13"}}\')'
NOT_FAR = '() => localStorage.setItem(\'fan.progress.v1\', \'{"jessica-jones":{"s":"none"}}\')'


@pytest.fixture(scope="module", autouse=True)
def catalogue(stage: Stage) -> None:
    """The works that scopes name."""
    fill_catalogue(stage)


def put_on_top(stage: Stage, comment_id: str) -> None:
    """What a moderator's verdict comes to."""

    async def work(tx: Tx) -> None:
        comment = await queries.find_comment(tx, int(comment_id))
        assert comment is not None
        found = await articles.find_discussion_locked(tx, comment.discussion_id)
        assert found is not None
        steered = replace(found.steered, featured_id=comment.id)
        await articles.update_steered(tx, site_id=found.site_id, discussion_id=found.id, steered=steered)

    stage.server.run(stage.app.rt.db.write(work))


def top(page: Page) -> Locator:
    return page.get_by_role("region", name="Picked by the moderators")


def test_it_shows_to_whom_the_others_show(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "gate on top")
    comment = stage.post(url, f"It was the {SECRET}.")
    put_on_top(stage, comment)
    page.goto(frame)
    expect(page.get_by_role("button", name="Show it anyway")).to_be_visible()
    expect(top(page)).to_be_hidden()
    assert SECRET not in page.content()
    page.evaluate(FAR)
    page.reload()
    expect(top(page).get_by_text(f"It was the {SECRET}.")).to_be_visible()
    expect(page.get_by_text(f"It was the {SECRET}.")).to_have_count(2)
    top(page).get_by_role("link", name="See it in the discussion").click()
    expect(page.locator(f"#c{comment}")).to_be_in_viewport()


def test_where_its_page_assumes_more_than_a_reader_says_it_is_covered(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "assumed on top", gate=Gate.ASSUME)
    put_on_top(stage, stage.post(url, f"It was the {SECRET}."))
    page.goto(frame)
    expect(top(page).get_by_text(f"It was the {SECRET}.")).to_be_visible()
    page.evaluate(NOT_FAR)
    page.reload()
    expect(top(page).locator(".sp-show")).to_be_visible()
    expect(page.get_by_text(f"It was the {SECRET}.")).to_have_count(0)
    # By hand it opens in both places.
    top(page).locator(".sp-show").click()
    expect(page.get_by_text(f"It was the {SECRET}.")).to_have_count(2)


def test_on_an_open_page_it_is_covered_and_goes_as_the_others(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "covered on top", assumes="")
    comment = stage.post(url, f"It was the {SECRET}.")
    put_on_top(stage, comment)
    page.goto(frame)
    expect(top(page).get_by_text(f"It was the {SECRET}.")).to_be_visible()
    moderate(stage, comment, FINISHED)
    come_back(page)
    expect(top(page).locator(".sp-show")).to_be_visible()
    assert SECRET not in page.content()
    erase(stage, comment)
    come_back(page)
    expect(top(page)).to_have_count(0)
    expect(page.locator(f"#c{comment} .tombstone")).to_be_visible()


def test_axe_finds_nothing(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "axe on top", assumes="")
    put_on_top(stage, stage.post(url, "Worth reading."))
    page.goto(frame)
    expect(top(page)).to_be_visible()
    assert serious(page) == []
