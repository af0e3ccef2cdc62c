"""The console on a phone: an item takes the place of its list, Back leads to the list again, and fingers hit what they
point at."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from forum.accounts.model import Role
from forum.comments.model import Comment
from forum.comments.review.model import Reason
from forum.demo import content
from tests.browser import premiere
from tests.browser.conftest import Reader, Watch
from tests.browser.premiere import Night
from tests.browser.test_accessibility import overflowing, serious
from tests.browser.test_mod_console import PHONE, evening, moderating, open_item, reported

__all__ = ["evening"]
ITEM = re.compile(r"/mod/c/\d+\?")
LIST = re.compile(r"/mod\?")
# What can be pressed and is smaller than a finger. Links in a sentence are as high as its lines.
SMALL = """() => [...document.querySelectorAll("main :is(a, button, summary, select, input, textarea)")]
    .filter((one) => one.checkVisibility() && !one.matches("dialog *, [type=hidden]"))
    .map((one) => [one.closest("label") ?? one, one])
    .filter(([box]) => box.getBoundingClientRect().height < 43.5)
    .map(([box, one]) => `${one.outerHTML.slice(0, 120)}: ${box.getBoundingClientRect().height}`)"""


def phone(night: Night, reader: Reader, name: str, queue: str = "reported") -> Page:
    """A moderator before a list on their phone, who came there from their settings."""
    page = moderating(night, reader, name, **PHONE)
    page.goto(f"{night.stage.talk}/settings")
    page.goto(f"{night.stage.talk}/mod?site={content.SITE_KEY}&queue={queue}")
    page.locator("html[data-ready]").wait_for(state="attached")
    return page


def tap(page: Page, comment: Comment) -> None:
    """Open an entry of the list."""
    page.locator(f".entry[data-id='{comment.id}']").click()
    expect(page.locator(f".mod-item[data-item='{comment.id}']")).to_be_visible()


def boxes(places: Locator) -> list[tuple[float, float]]:
    """Where things stand."""
    found = [one.bounding_box() for one in places.all()]
    return [(box["x"], box["y"]) for box in found if box is not None]


def laid_out(places: list[tuple[float, float]]) -> list[tuple[float, int]]:
    """Where they stand to each other."""
    return [(x, round(y - places[0][1])) for x, y in places]


def test_back_leads_from_an_item_to_its_list(evening: Night, reader: Reader) -> None:
    comment = reported(evening, "Back and forth.")
    page = phone(evening, reader, "Bo")
    tap(page, comment)
    expect(page).to_have_url(ITEM)
    page.locator("summary").get_by_text("Remove…").click()
    page.get_by_text("Tell its author more").locator("visible=true").click()
    page.get_by_label("In your own words").locator("visible=true").fill("Half a sentence")
    page.go_back()
    expect(page).to_have_url(LIST)
    expect(page.locator(".mod-list")).to_be_visible()
    expect(page.locator(".mod-item")).to_be_hidden()
    expect(page.locator(f".entry[data-id='{comment.id}']")).to_be_focused()
    page.go_forward()
    expect(page).to_have_url(ITEM)
    expect(page.get_by_label("In your own words").locator("visible=true")).to_have_value("Half a sentence")
    page.go_back()
    tap(page, comment)
    expect(page.get_by_label("In your own words").locator("visible=true")).to_have_value("Half a sentence")
    page.get_by_role("link", name="Reported").locator("visible=true").click()
    expect(page.locator(".mod-list")).to_be_visible()
    expect(page).to_have_url(LIST)
    page.go_back()
    expect(page).to_have_url(f"{evening.stage.talk}/settings")


def test_back_leads_to_the_list_after_verdicts(evening: Night, reader: Reader) -> None:
    for number in range(2):
        reported(evening, f"One of two, number {number}.")
    page = phone(evening, reader, "Back")
    left = page.locator(".entry").count()
    page.locator(".entry").first.click()
    for _ in range(left):
        shown = page.locator(".mod-item").get_attribute("data-item")
        page.get_by_role("button", name="Dismiss the reports").click()
        expect(page.locator(f".mod-item[data-item='{shown}']")).to_have_count(0)
    # Nothing is left: the list is there, and undoing opens an item with the list one step back.
    expect(page).to_have_url(LIST)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(ITEM)
    expect(page.locator(".mod-item")).to_be_visible()
    page.go_back()
    expect(page.locator(".mod-list")).to_be_visible()
    expect(page).to_have_url(LIST)
    page.go_back()
    expect(page).to_have_url(f"{evening.stage.talk}/settings")


def test_an_item_that_was_led_to_goes_back_where_one_came_from(evening: Night, reader: Reader) -> None:
    comment = reported(evening, "From elsewhere.")
    page = moderating(evening, reader, "Elsa", **PHONE)
    page.goto(f"{evening.stage.talk}/settings")
    open_item(evening, page, comment)
    page.get_by_role("link", name="Reported").locator("visible=true").click()
    expect(page.locator(".mod-list")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{evening.stage.talk}/settings")


def stepping(evening: Night, page: Page) -> tuple[Locator, Route]:
    """An item is open and the next one asked for; the entry of the first, and the answer that has not come."""
    first, second = page.locator(".entry").nth(0), page.locator(".entry").nth(1)
    first.click()
    expect(page.locator(f".mod-item[data-item='{first.get_attribute('data-id')}']")).to_be_visible()
    held: list[Route] = []
    page.route(re.compile(r"/mod/c/\d+\?.*part=item"), lambda route: held.append(route))
    with page.expect_request(re.compile(rf"/mod/c/{second.get_attribute('data-id')}\?.*part=item")):
        page.locator("[data-step]").click()
    expect(page.locator(".mod-item[aria-busy]")).to_have_count(1)
    return first, held[0]


def answered(page: Page, route: Route) -> None:
    """Let the answer come, and what it would do be done."""
    with page.expect_response(route.request.url) as come:
        route.continue_()
    come.value.finished()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def test_an_item_that_was_left_does_not_open_itself(evening: Night, reader: Reader) -> None:
    for number in range(2):
        reported(evening, f"Left behind, number {number}.")
    page = phone(evening, reader, "Lea")
    _, route = stepping(evening, page)
    page.get_by_role("link", name="Reported").locator("visible=true").click()
    expect(page.locator(".mod-list")).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    answered(page, route)
    expect(page.locator(".mod-list")).to_be_visible()
    expect(page.locator(".mod-item")).to_be_hidden()
    expect(page).to_have_url(LIST)


def test_an_item_that_one_came_back_to_stays(evening: Night, reader: Reader) -> None:
    for number in range(2):
        reported(evening, f"Back again, number {number}.")
    page = phone(evening, reader, "Ada")
    first, route = stepping(evening, page)
    page.go_back()
    first.click()
    expect(page.locator(".mod-item")).to_be_visible()
    expect(first).to_have_attribute("aria-current", "true")
    answered(page, route)
    expect(page.locator(".mod-item")).to_have_attribute("data-item", first.get_attribute("data-id") or "")
    expect(page.locator(".mod-item")).to_be_visible()


@pytest.mark.parametrize("options", [PHONE, {"viewport": {"width": 1280, "height": 720}}], ids=["phone", "wide"])
def test_no_button_moves_under_a_pointer(evening: Night, reader: Reader, options: dict[str, Any]) -> None:
    """Where something else stood under the pointer in the end, that would be done."""
    comment = reported(evening, "A button is where it is.")
    page = open_item(evening, moderating(evening, reader, f"Still {len(options)}", **options), comment)
    page.get_by_role("button", name="Dismiss the reports").scroll_into_view_if_needed()
    verdicts = page.locator(".verdicts > form > button, .verdicts > details > summary")
    places = boxes(verdicts)
    said = set()
    for one in verdicts.all():
        one.hover()
        one.focus()
        said.add(page.locator(".effect [data-now]").inner_text())
        assert boxes(verdicts) == places
    assert len(said) > 3
    # Opening a form leaves the buttons in their order, and only one form is open.
    for name in ("Remove…", "The author…"):
        page.locator(".verdicts summary").get_by_text(name).click()
        assert laid_out(boxes(verdicts)) == laid_out(places)
        expect(page.locator(".verdicts details[open]")).to_have_count(1)
    assert serious(page) == []
    page.get_by_role("radio", name="Mute: no new comments").check()
    expect(page.locator("[data-picked-effect]")).to_contain_text("No new comments on this site.")


def test_everything_is_large_enough_for_a_finger(evening: Night, reader: Reader) -> None:
    comment = reported(evening, "Large enough?", Reason.OTHER, note="A note.")
    page = reader(evening.stage, **PHONE)
    premiere.moderator(evening, page, "Finn", Role.EDITOR)
    site = content.SITE_KEY
    paths = (
        f"/mod?site={site}&queue=reported",
        f"/mod/c/{comment.id}?site={site}&queue=reported",
        f"/mod/bulk?site={site}&author=account:{evening.fans[0].account.id}",
        f"/mod/log?site={site}",
        f"/mod/discussions?site={site}",
        f"/mod/d/{comment.discussion_id}",
        f"/mod/rules?site={site}",
    )
    found = {}
    for path in paths:
        page.goto(f"{evening.stage.talk}{path}")
        page.locator("html[data-ready]").wait_for(state="attached")
        for summary in page.locator("main summary").all():
            if summary.is_visible():
                summary.click()
        found[path] = [*page.evaluate(SMALL), *overflowing(page)]
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_what_was_typed_outlives_the_session_without_scripts(
    evening: Night, reader: Reader, watch: Watch, locale: str
) -> None:
    watch.forgive("status of 401")
    comment = reported(evening, f"Signed out in between, {locale}.")
    page = moderating(evening, reader, f"Sven {locale}", java_script_enabled=False, locale=locale, **PHONE)
    page.goto(f"{evening.stage.talk}/mod/c/{comment.id}?site={content.SITE_KEY}&queue=reported")
    page.locator("summary[data-key=r]").click()
    page.locator("#remove-words").locator("..").locator("..").locator("summary").click()
    page.locator("#remove-words").fill("A long explanation.")
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.locator(".verdicts button.danger").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("textarea[name=words]")).to_have_value("A long explanation.")
    assert page.locator("a[target=_blank]").get_attribute("href", timeout=1000)
    assert page.evaluate(SMALL) == []
    assert overflowing(page) == []
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    page.locator("form.stack button").click()
    expect(page.locator("main.mod")).to_be_visible()
    page.goto(f"{evening.stage.talk}/mod/log?site={content.SITE_KEY}")
    expect(page.get_by_text("A long explanation.").first).to_be_visible()
