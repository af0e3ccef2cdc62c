"""The console in a browser: by keyboard, beside another moderator, on a phone, without scripts, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forum.accounts.model import Role
from forum.comments.model import Comment
from forum.comments.review.model import Reason
from forum.comments.service_edit import edit_comment
from forum.demo import content
from forum.sites.service import edit_site, get_site
from tests.browser import premiere
from tests.browser.conftest import Reader, Watch
from tests.browser.fandom import discuss, fill_catalogue
from tests.browser.premiere import Fan, Night
from tests.browser.stage import set_stage
from tests.browser.test_accessibility import PERSONAL_LOOKS, overflowing, serious

SECRET = "the neighbour"
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A place where fans write; every test brings what it decides about."""
    with set_stage(tmp_path_factory.mktemp("evening"), seeded=False) as stage:
        fill_catalogue(stage)
        url, _ = discuss(stage, "evening", assumes="")
        night = Night(stage, url)
        for number in range(4):
            night.fans.append(stage.server.run(night.join(f"Fan {number}")))
        stage.server.run(_introduce(night))
        yield night


async def _introduce(night: Night) -> None:
    for fan in night.fans:
        for number in range(3):
            await night.write(fan, f"Hello {number} from {fan.account.name}.")


def reported(night: Night, body: str, reason: Reason = Reason.ABUSE, by: int = 1, note: str = "") -> Comment:
    """A comment that one reader has reported."""

    async def work() -> Comment:
        written = await night.write(night.fans[0], body)
        await night.report(night.fans[by], written, reason, note)
        return written

    return night.stage.server.run(work())


def open_item(night: Night, page: Page, comment: Comment, queue: str = "reported") -> Page:
    """A comment in the console, its script ready."""
    page.goto(f"{night.stage.talk}/mod/c/{comment.id}?site={content.SITE_KEY}&queue={queue}")
    if page.context.pages:
        page.locator("html[data-ready]").wait_for(state="attached")
    return page


def moderating(night: Night, reader: Reader, name: str, **options: Any) -> Page:
    """A browser in which somebody moderates."""
    page = reader(night.stage, **options)
    premiere.moderator(night, page, name)
    return page


def test_words_are_typed_and_nothing_is_lost_when_the_comment_changes(
    evening: Night, reader: Reader, watch: Watch
) -> None:
    watch.forgive("status of 409")
    comment = reported(evening, "A first try.")
    page = open_item(evening, moderating(evening, reader, "Edda"), comment)
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("In your own words").locator("visible=true").fill("Please say it more kindly.")
    visitor = evening.fans[0].visitor
    evening.stage.server.run(edit_comment(evening.rt, visitor, comment.id, body="A second try.", revision=1))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("This has changed while you looked at it.")
    expect(page.locator(".mod-item .body")).to_contain_text("A second try.")
    words = page.get_by_label("In your own words").locator("visible=true")
    expect(words).to_have_value("Please say it more kindly.")
    assert serious(page) == []
    words.press("Control+Enter")
    expect(page.locator(".mod-done")).to_contain_text("Removed.")


def test_two_moderators_see_each_other(evening: Night, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 409")
    comment = reported(evening, "Both of us look at this.")
    ida, edda = moderating(evening, reader, "Ida"), moderating(evening, reader, "Edda Two")
    with ida.expect_response("**/claim"):
        open_item(evening, ida, comment)
    open_item(evening, edda, comment)
    expect(edda.locator("[data-claim]")).to_have_text("Ida is looking at this just now.")
    edda.keyboard.press("d")
    expect(edda.get_by_role("alert")).to_contain_text("You can decide anyway.")
    assert serious(edda) == []
    edda.get_by_role("button", name="Decide all the same").press("Enter")
    expect(edda.locator(".mod-done")).to_contain_text("Reports dismissed.")
    ida.keyboard.press("a")
    expect(ida.get_by_role("alert")).to_contain_text("This has changed while you looked at it.")
    expect(ida.locator(".mod-item .facts")).to_contain_text("Edda Two")


def test_what_comes_in_waits_behind_a_button(evening: Night, reader: Reader) -> None:
    reported(evening, "The first of them.")
    page = moderating(evening, reader, "Lena")
    with page.expect_response("**/api/v1/mod/queues**"):
        page.goto(f"{evening.stage.talk}/mod?site={content.SITE_KEY}&queue=reported")
    expect(page.locator(".mod-item")).to_be_visible()
    before = page.locator(".entry").count()
    later = reported(evening, "And one more.")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".fresh")).to_have_text("New here: 1. Show them")
    expect(page.locator("[data-count=reported]")).to_have_text(str(before + 1))
    assert page.locator(".entry").count() == before
    page.keyboard.press("n")
    expect(page.locator(f".entry[data-id='{later.id}']")).to_be_visible()
    expect(page.locator(".fresh")).to_have_count(0)


def test_revealing_happens_in_place_and_keeps_what_is_typed(evening: Night, reader: Reader) -> None:
    comment = reported(evening, f"It was {SECRET} again.", Reason.SPOILER, note="He is the killer.")
    page = open_item(evening, moderating(evening, reader, "Rosa"), comment, "spoilers")
    assert SECRET not in page.content()
    assert "killer" not in page.content()
    page.keyboard.press("r")
    page.get_by_role("radio", name="Off topic").locator("visible=true").check()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator(".mod-item .body")).to_contain_text(SECRET)
    expect(page.locator(".mod-item")).to_contain_text("He is the killer.")
    page.keyboard.press("r")
    expect(page.get_by_role("radio", name="Off topic").locator("visible=true")).to_be_checked()
    assert serious(page) == []


def test_keys_are_explained_and_can_be_switched_off(evening: Night, reader: Reader) -> None:
    comment = reported(evening, "Keys, please.")
    page = open_item(evening, moderating(evening, reader, "Nora"), comment)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    expect(help_).to_be_visible()
    assert serious(page) == []
    page.get_by_role("checkbox", name="Use single keys in this browser").press("Space")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.keyboard.press("d")
    expect(page.locator(".mod-item")).to_contain_text("Keys, please.")
    assert page.locator(".mod-done").inner_text() == ""
    page.reload()
    page.keyboard.press("d")
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("checkbox", name="Use single keys in this browser")).not_to_be_checked()


def test_on_a_phone_one_column_at_a_time(evening: Night, reader: Reader) -> None:
    reported(evening, "On a phone.")
    page = moderating(evening, reader, "Pia", **PHONE)
    page.goto(f"{evening.stage.talk}/mod?site={content.SITE_KEY}&queue=reported")
    page.locator("html[data-ready]").wait_for(state="attached")
    expect(page.locator(".mod-item")).to_have_count(0)
    first = page.locator(".entry").first
    first.click()
    expect(page.locator(".mod-item")).to_be_visible()
    expect(page.locator(".mod-list")).to_be_hidden()
    page.get_by_role("link", name="Reported").locator("visible=true").click()
    expect(page.locator(".mod-list")).to_be_visible()
    expect(first).to_be_focused()
    first.click()
    page.get_by_role("button", name="Dismiss the reports").click()
    expect(page.locator(".mod-done")).to_contain_text("Reports dismissed.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".mod-done")).to_contain_text("Undone.")


def test_without_scripts(evening: Night, reader: Reader) -> None:
    comment = reported(evening, "Plain forms will do.")
    page = moderating(evening, reader, "Otto", java_script_enabled=False)
    page.goto(f"{evening.stage.talk}/mod?site={content.SITE_KEY}&queue=reported")
    page.locator(f".entry[data-id='{comment.id}']").click()
    page.locator("summary").get_by_text("Remove…").click()
    page.get_by_role("radio", name="Off topic").locator("visible=true").check()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".mod-done")).to_contain_text("Removed.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".mod-done")).to_contain_text("Undone.")
    expect(page.locator(".mod-item .body")).to_contain_text("Plain forms will do.")
    page.locator(f"input[name=pick][value^='{comment.id}:']").check()
    page.get_by_role("button", name="Decide…").click()
    page.get_by_role("radio", name="Dismiss the reports").check()
    page.get_by_role("button", name="Apply to 1 comment").click()
    expect(page.locator(".mod-done")).to_contain_text("Comments: 1")


def test_somebody_who_is_signed_out_meanwhile_keeps_their_words(evening: Night, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 401")
    comment = reported(evening, "Half a word.")
    page = open_item(evening, moderating(evening, reader, "Sina"), comment)
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    words = page.get_by_label("In your own words").locator("visible=true")
    words.fill("A long explanation.")
    page.context.clear_cookies()
    words.press("Control+Enter")
    expect(page.locator(".mod-done")).to_contain_text("You are signed out.")
    expect(words).to_have_value("A long explanation.")


def test_the_way_in_is_there_for_those_who_moderate(evening: Night, reader: Reader) -> None:
    page, fan = reader(evening.stage), evening.fans[2]
    premiere.let_in(evening.stage, page, fan)
    page.goto(f"{evening.stage.talk}/settings")
    expect(page.locator(".masthead > .person")).to_be_visible()
    expect(page.locator("[data-moderate]")).to_be_hidden()
    edda = moderating(evening, reader, "Wilma")
    edda.goto(f"{evening.stage.talk}/settings")
    edda.get_by_role("link", name="Moderation", exact=True).click()
    expect(edda.locator("main.mod")).to_be_visible()
    edda.goto(evening.stage.talk)
    expect(edda.get_by_role("link", name="Moderation", exact=True)).to_be_visible()


@pytest.mark.parametrize("way", PERSONAL_LOOKS)
def test_every_page_for_everybody(evening: Night, reader: Reader, way: str) -> None:
    options = PERSONAL_LOOKS[way]
    comment = reported(evening, f"A_very_long_word_{'x' * 90} for {way}", Reason.OTHER, note="Look at the length.")
    spoiler = reported(evening, f"It was {SECRET}, for {way}.", Reason.SPOILER)
    page = reader(evening.stage, **options)
    fan: Fan = premiere.moderator(evening, page, f"Mo {list(PERSONAL_LOOKS).index(way)}", Role.EDITOR)
    site, author = content.SITE_KEY, f"account:{evening.fans[0].account.id}"
    paths = [
        *(f"/mod?site={site}&queue={queue}" for queue in ("reported", "spoilers", "unmoderated", "removed")),
        *(f"/mod?site={site}&queue=reported&person={fan.account.id}&age=-24",),
        f"/mod/c/{comment.id}?site={site}&queue=reported",
        f"/mod/c/{spoiler.id}?site={site}&queue=spoilers",
        f"/mod/bulk?site={site}&author={author}",
        f"/mod/log?site={site}",
    ]
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(f"{evening.stage.talk}{path}")
        page.locator("html[data-ready]").wait_for(state="attached")
        page.wait_for_function("() => !document.querySelector('[aria-busy]')")
        for summary in page.locator("main summary").all():
            if summary.is_visible():
                summary.click()
        found[path] = [*serious(page), *overflowing(page)]
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_with_forced_colours_and_reduced_motion(evening: Night, reader: Reader) -> None:
    comment = reported(evening, "Seen in forced colours.")
    page = moderating(evening, reader, "Fritz", forced_colors="active", reduced_motion="reduce")
    open_item(evening, page, comment)
    outline = page.locator(".mod-list li:has([aria-current])").evaluate("li => getComputedStyle(li).outlineStyle")
    assert outline == "solid"
    assert serious(page) == []


def test_somebody_with_several_sites_picks_one(evening: Night, reader: Reader, tmp_path: Path) -> None:
    page = reader(evening.stage)
    edda = premiere.moderator(evening, page, "Zoe")

    async def more() -> None:
        from forum.accounts import queries as accounts

        site = await get_site(evening.rt, "careful")
        await edit_site(evening.rt.db, site)
        now = evening.rt.clock.now()
        await evening.rt.db.write(
            lambda tx: accounts.set_role(tx, site_id=site.id, account_id=edda.account.id, role=Role.MODERATOR, now=now)
        )

    evening.stage.server.run(more())
    page.goto(f"{evening.stage.talk}/mod?site={content.SITE_KEY}&queue=reported")
    page.locator(".mod-sites summary").click()
    page.get_by_role("link", name="Careful").click()
    expect(page.locator(".mod-sites summary")).to_contain_text("Careful")
