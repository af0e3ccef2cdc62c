"""Links that lead to one comment, and lists that go on in place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader, Watch
from tests.browser.stage import Stage

TINTED = "(at) => getComputedStyle(at).backgroundColor !== 'rgba(0, 0, 0, 0)'"


@pytest.fixture(scope="module")
def places(stage: Stage) -> dict[str, str]:
    """A long discussion: its address, and ids of comments in its several corners."""
    url = stage.page("places")
    roots = [stage.post(url, f"Root {n}.") for n in range(52)]
    late = [stage.post(url, f"Answer {n}.", parent=roots[-1]) for n in range(210)]
    parent = roots[40]
    for level in range(1, 10):
        parent = stage.post(url, f"Level {level}.", parent=parent)
    home = stage.describe(url, title="Places")
    return {"shallow": roots[30], "other page": roots[0], "late": late[-1], "deep": parent, "home": home}


@pytest.mark.parametrize("where", ["shallow", "other page", "late", "deep"])
def test_a_permalink_finds_its_comment(stage: Stage, reader: Reader, places: dict[str, str], where: str) -> None:
    page = reader(stage)
    page.goto(f"{stage.talk}/c/{places[where]}")
    node = page.locator(f'li[data-comment="{places[where]}"]')
    article = node.locator("> .comment")
    expect(article).to_be_in_viewport()
    expect(page).to_have_url(re.compile(f"#c{places[where]}$"))
    assert article.evaluate(TINTED)


def test_a_permalink_inside_a_folded_thread_opens_it(stage: Stage, reader: Reader, places: dict[str, str]) -> None:
    page = reader(stage)
    page.goto(f"{stage.talk}/d/{places['home'].rsplit('/', 1)[1]}")
    fold = page.locator("[data-fold]").first
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect(page.locator("[data-fold]").first).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".thread > .node > .replies").first).to_be_hidden()


def shown(page: Page) -> int:
    return page.locator("li[data-comment]").count()


def test_more_replies_load_in_place(stage: Stage, reader: Reader, places: dict[str, str]) -> None:
    page = reader(stage)
    page.goto(places["home"])
    before = shown(page)
    link = page.locator("a[data-more]").first
    waiting = int(re.sub(r"\D", "", link.inner_text()))
    address = page.url
    link.click()
    expect(page.locator("[data-status]")).to_have_text(re.compile(r"^More comments shown: \d+"))
    assert before < shown(page) <= before + waiting
    assert page.url == address
    focused = page.locator(".comment:focus")
    expect(focused).to_be_in_viewport()
    expect(focused).to_contain_text(re.compile(r"Answer \d+"))
    while page.get_by_role("link", name="More comments").count():
        now = shown(page)
        page.get_by_role("link", name="More comments").click()
        expect(page.locator("li[data-comment]")).not_to_have_count(now)
    expect(page.get_by_text("Root 0.", exact=True)).to_be_visible()
    everything = page.locator("li[data-comment]").evaluate_all("(all) => all.map((at) => at.dataset.comment)")
    assert len(set(everything)) == len(everything)


def test_more_that_cannot_load_says_so(stage: Stage, reader: Reader, watch: Watch, places: dict[str, str]) -> None:
    watch.forgive("ERR_INTERNET_DISCONNECTED")
    page = reader(stage)
    page.goto(places["home"])
    link = page.locator("a[data-more]").first
    page.context.set_offline(True)
    link.click()
    expect(link).to_contain_text("Could not load. Try again")
    page.context.set_offline(False)
    before = shown(page)
    link.click()
    expect(page.locator("li[data-comment]")).not_to_have_count(before)
