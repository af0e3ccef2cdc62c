"""A premiere night: 200 comments, 30 reports by 12 people, a brigade of newcomers. One moderator clears every queue
without a mouse and without being spoiled, and everybody learns what happened to what they wrote, and why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from forum.errors import Forbidden
from tests.browser import premiere
from tests.browser.conftest import OwnStage, Reader
from tests.browser.premiere import COMMENTS, FLAGGERS, FLAGS, SECRET, Night
from tests.browser.test_accessibility import serious

ITEM = "() => document.querySelector('.mod-item')?.dataset.item ?? ''"
SETTLED = """was => !document.querySelector('[aria-busy]')
    && (document.querySelector('.mod-item')?.dataset.item ?? '') !== was"""


def press(page: Page, *keys: str) -> None:
    """Press keys, one after the other."""
    for key in keys:
        page.keyboard.press(key)


def decide(page: Page, *keys: str) -> None:
    """Press what gives a verdict, and wait until the next comment (or none) is there."""
    was = page.evaluate(ITEM)
    assert was
    press(page, *keys)
    page.wait_for_function(SETTLED, arg=was)


def go(page: Page, key: str, name: str) -> None:
    """Go to a queue by its number; its first comment opens."""
    press(page, key)
    expect(page.locator("#list-head")).to_have_text(name)
    page.wait_for_function("() => !document.querySelector('.entry') || document.querySelector('.mod-item')")


def waiting(page: Page, queue: str) -> str:
    """How many wait, as the menu says."""
    return page.locator(f"[data-count={queue}]").text_content() or ""


def test_a_premiere_night(own_stage: OwnStage, reader: Reader) -> None:
    stage = own_stage()
    night = premiere.begin(stage)
    assert (len(night.ids), night.flags, len(night.flaggers)) == (COMMENTS, FLAGS, FLAGGERS)
    page = reader(stage)
    received = listen(page)
    premiere.moderator(night, page)
    page.goto(f"{stage.talk}/mod")
    expect(page.locator(".mod-item")).to_be_visible()
    assert serious(page) == []
    clear_pending(page)
    clear_spoilers(page)
    assert any("Reveal to moderate" in text for text in received)
    assert not any(SECRET in text for text in received)
    clear_reported(page)
    clear_unmoderated(page)
    for queue in ("pending", "reported", "spoilers", "unmoderated"):
        assert waiting(page, queue) == "", queue
    page.goto(f"{stage.talk}/mod/log")
    assert serious(page) == []
    authors_read(night, reader)


def listen(page: Page) -> list[str]:
    """Everything that the console sends to a browser, from now on."""
    received: list[str] = []

    def pass_on(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        received.append(answer.text())
        route.fulfill(response=answer)

    page.route(re.compile(r"/mod(?![\w.])"), pass_on)
    return received


def clear_pending(page: Page) -> None:
    """Four advertisements: their author is banned with the first, a mistake about the second is undone."""
    assert waiting(page, "pending") == "4"
    press(page, "b")
    expect(page.get_by_role("radio", name="Ban:")).to_be_focused()
    assert serious(page) == []
    press(page, "Tab", "Tab", "ArrowDown")
    expect(page.get_by_role("radio", name="Advertising or repetition").locator("visible=true")).to_be_checked()
    press(page, "Tab", "Tab", "ArrowDown", "ArrowDown")
    expect(page.get_by_role("radio", name="It is spam")).to_be_checked()
    decide(page, "Enter")
    expect(page.get_by_role("status").get_by_text("Banned.")).to_be_visible()
    mistaken = page.evaluate(ITEM)
    decide(page, "a")
    expect(page.get_by_text("Approved.", exact=False).first).to_be_visible()
    decide(page, "u")
    assert page.evaluate(ITEM) == mistaken
    assert waiting(page, "pending") == "3"
    decide(page, "m")
    decide(page, "m")
    decide(page, "m")
    expect(page.get_by_text("Nothing is waiting here.").first).to_be_visible()
    assert serious(page) == []


def clear_spoilers(page: Page) -> None:
    """One comment that six readers say gives something away: covered without being read."""
    go(page, "3", "Spoilers")
    expect(page.get_by_role("button", name="Reveal to moderate: Jessica Jones S1E13")).to_be_visible()
    assert serious(page) == []
    decide(page, "c")
    expect(page.get_by_role("status").get_by_text("Covered.")).to_be_visible()
    expect(page.get_by_text("Nothing is waiting here.").first).to_be_visible()


def clear_reported(page: Page) -> None:
    """The insult is on top, and goes with a word to its author; the brigade's reports, and the rest, are put aside."""
    go(page, "2", "Reported")
    expect(page.locator(".mod-item .body")).to_contain_text("is an idiot")
    assert serious(page) == []
    press(page, "r")
    expect(page.get_by_role("radio", name="Insults or threats").locator("visible=true")).to_be_focused()
    press(page, "Tab", "Enter", "Tab")
    page.keyboard.type("Be kind")
    press(page, "Tab")
    page.keyboard.type("You can say that without calling people names.")
    assert serious(page) == []
    decide(page, "Control+Enter")
    expect(page.locator(".mod-item .body")).to_contain_text("I did not like the ending")
    decide(page, "d")
    clear_by_many(page, "Reported")


def clear_unmoderated(page: Page) -> None:
    """What nobody has reported, a page at a time."""
    go(page, "4", "Unmoderated")
    assert serious(page) == []
    clear_by_many(page, "Unmoderated")


def clear_by_many(page: Page, name: str) -> None:
    """Select all, look at what that does, do it; until nothing is left."""
    looked = False
    while page.locator(".entry").count():
        before = page.locator(".entry").first.get_attribute("data-id")
        press(page, "X", "e")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Decide about")
        expect(page.locator("input[name=verdict]:checked")).to_be_focused()
        if not looked:
            assert serious(page) == []
            looked = True
        press(page, "Enter")
        expect(page.locator("#list-head")).to_have_text(name)
        expect(page.locator(f".entry[data-id='{before}']")).to_have_count(0)
        page.wait_for_function("() => document.documentElement.hasAttribute('data-ready')")


def authors_read(night: Night, reader: Reader) -> None:
    """Whoever wrote what was decided about learns what happened, why, and what they can do."""
    spammer, author, rude = night.fans[7], night.fans[8], night.fans[9]
    told = {}
    for fan in (spammer, author, rude):
        page = reader(night.stage)
        premiere.let_in(night.stage, page, fan)
        page.goto(f"{night.stage.talk}/settings/moderation")
        told[fan.account.id] = page.get_by_role("main").inner_text()
        assert serious(page) == []
    assert "You are banned here" in told[spammer.account.id]
    assert "The reason: it is advertising" in told[spammer.account.id]
    assert "It was covered for people who have not got that far." in told[author.account.id]
    assert "It was removed." in told[rude.account.id]
    assert "The reason: it insults or threatens people." in told[rude.account.id]
    assert "Be kind" in told[rude.account.id]
    assert "You can say that without calling people names." in told[rude.account.id]
    with pytest.raises(Forbidden) as refused:
        night.stage.server.run(night.write(spammer, "One more table."))
    assert refused.value.code == "banned"
