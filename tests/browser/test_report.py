"""Report a comment: in its place inside an embed, by keyboard, on another site altogether, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect
from sqlalchemy import select

from forum.comments.review.tables import flag as flags
from forum.db import Prepared
from forum.spoilers.service import book
from tests.browser.conftest import Reader, Watch, embed
from tests.browser.fandom import discuss, fill_catalogue
from tests.browser.stage import Stage
from tests.browser.test_accessibility import serious

THANKS = "Thank you. A moderator will look at it."
_FLAGS = Prepared(select(flags.c.comment_id, flags.c.reason, flags.c.note, flags.c.scope_id))


@pytest.fixture(scope="module", autouse=True)
def works(stage: Stage) -> None:
    """The catalogue knows what the discussions are about."""
    fill_catalogue(stage)


@pytest.fixture
def forgiving(watch: Watch) -> None:
    """Browsers tell of every form that was not taken."""
    watch.forgive("status of 422")


def kept(stage: Stage, comment: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The flags of a comment: reason, note, scope."""

    async def read() -> list[tuple[str, str, tuple[str, ...]]]:
        known = await book(stage.app.rt)
        async with stage.app.rt.db.read(fresh=True) as tx:
            rows = [row for row in await tx.fetch_all(_FLAGS) if row.comment_id == int(comment)]
        return [(row.reason, row.note, known.scope(row.scope_id).tokens) for row in rows]

    return stage.server.run(read())


def node(page: Page | FrameLocator, comment: str) -> Locator:
    """Where a comment stands."""
    return page.locator(f'li[data-comment="{comment}"]')


@pytest.mark.usefixtures("forgiving")
def test_in_its_place_inside_an_embed(stage: Stage, reader: Reader) -> None:
    url = stage.page("reported")
    comment, other = stage.post(url, "You are a wet sandbag."), stage.post(url, "I like it.")
    page = reader(stage)
    page.goto(url)
    thread = embed(page)
    expect(thread.locator("html[data-ready]")).to_be_attached()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    here = node(thread, comment)
    here.get_by_role("link", name="Report").click()
    form = here.locator("form[data-report]")
    expect(form.get_by_role("radio").first).to_be_focused()
    assert any("/js/report.js" in address for address in loaded)
    # Nobody is asked how far before it is said to be a spoiler.
    expect(form.get_by_role("group", name="A spoiler of what, and how far?")).to_be_hidden()
    form.get_by_role("radio", name="Something else").check()
    form.get_by_role("button", name="Report").click()
    problem = here.get_by_text("Say in a few words what is wrong with it.")
    expect(problem).to_be_visible()
    expect(form.get_by_role("radio", name="Something else")).to_be_checked()
    expect(form.locator("textarea")).to_be_focused()
    form.locator("textarea").fill("It drips.")
    form.get_by_role("button", name="Report").click()
    expect(here.get_by_text(THANKS)).to_be_focused()
    expect(form).to_have_count(0)
    assert kept(stage, comment) == [("other", "It drips.", ())]
    # Once more: nothing changes, and it is said.
    here.get_by_role("link", name="Report").click()
    form.get_by_role("radio", name="Against the law").check()
    form.get_by_role("button", name="Report").click()
    expect(here.get_by_text("You have reported this comment before.")).to_be_visible()
    assert kept(stage, comment) == [("other", "It drips.", ())]
    expect(node(thread, other).locator("[data-done]")).to_have_count(0)
    expect(page).to_have_url(url)


def test_a_spoiler_by_keyboard_alone(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "spoiled")
    comment = stage.post(url, "Nothing is covered here.")
    page = reader(stage)
    page.goto(frame)
    page.get_by_role("button", name="Show it anyway").click()
    link = node(page, comment).get_by_role("link", name="Report")
    link.focus()
    page.keyboard.press("Enter")
    form = page.locator("form[data-report]")
    expect(form.get_by_role("radio", name="Gives something away")).to_be_focused()
    assert serious(page) == []
    # Escape leads back to where it came from.
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_role("radio", name="Gives something away")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    scope = form.get_by_role("combobox", name="Up to")
    expect(scope).to_be_focused()
    assert serious(page) == []
    scope.select_option(label="Luke Cage S1E4")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("In the second line.")
    form.get_by_role("button", name="Report").press("Enter")
    expect(node(page, comment).get_by_text(THANKS)).to_be_focused()
    assert kept(stage, comment) == [("spoiler", "In the second line.", ("luke-cage:S1E4",))]


@pytest.mark.usefixtures("forgiving")
def test_without_scripts(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "plain")
    comment = stage.post(url, "Nothing is covered here.")
    thread = reader(stage, java_script_enabled=False)
    thread.goto(frame)
    thread.get_by_role("button", name="Show it anyway").click()
    node(thread, comment).get_by_role("link", name="Report").click()
    expect(thread.get_by_role("heading", name="Report a comment")).to_be_visible()
    form = thread.locator("form[data-report]")
    form.get_by_role("radio", name="Gives something away").check()
    form.get_by_role("button", name="Report").click()
    expect(thread.get_by_role("alert")).to_have_text("Say of what it is a spoiler, and how far.")
    form.get_by_role("textbox", name="Something else: its title, and how far").fill("jj s1e4")
    form.get_by_role("button", name="Report").click()
    expect(thread.get_by_text(THANKS)).to_be_visible()
    assert kept(stage, comment) == [("spoiler", "", ("jessica-jones:S1E4",))]
    thread.get_by_role("link", name="Back to the discussion").click()
    expect(thread.get_by_role("button", name="Show it anyway")).to_be_visible()
    assert "frame=1" in thread.url


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 700}}])
def test_the_page_is_accessible(stage: Stage, reader: Reader, look: dict[str, object]) -> None:
    url, _ = discuss(stage, f"accessible{len(look)}{next(iter(look))}")
    comment = stage.post(url, "Nothing is covered here.")
    page = reader(stage, **look)
    for language in ("en", "ar"):
        page.goto(f"{stage.talk}/c/{comment}/report?lang={language}")
        page.locator('[value="spoiler"]').check()
        expect(page.locator("select")).to_be_visible()
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
