"""Covered text: nothing of it is in the page until somebody uncovers it, and nothing once it is covered again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from forum.articles.model import Gate
from tests.browser.conftest import Reader, Watch
from tests.browser.fandom import FINISHED, cover, discuss, far, fill_catalogue, follow, sent
from tests.browser.stage import Stage, set_stage

SECRET = "Zebrafinch"
HIDDEN = f"Before it [Jessica Jones S1E13]||the {SECRET} sings|| and after it."
AT_THE_END = {"fan.progress.v1": '{"jessica-jones":{"s":"at","u":"S1E13"}}'}
HAS_SECRET = f"() => document.documentElement.outerHTML.includes('{SECRET}')"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both servers with a catalogue of four works, without the demo's."""
    with set_stage(tmp_path_factory.mktemp("stage"), seeded=False) as stage:
        fill_catalogue(stage)
        yield stage


def open_discussion(stage: Stage, page: Page, name: str, *bodies: str) -> str:
    """A discussion that assumes nothing with these comments, open in the browser; its article's address."""
    url, frame = discuss(stage, name, assumes="")
    for body in bodies:
        stage.post(url, body)
    page.goto(frame)
    return url


def say(page: Page, stored: dict[str, str]) -> None:
    """What an earlier visit has left in this browser; read when the page is loaded again."""
    page.evaluate("(all) => Object.entries(all).forEach(([key, value]) => localStorage.setItem(key, value))", stored)


def test_the_button_stays_and_the_text_comes_and_goes(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    asked = follow(page)
    open_discussion(stage, page, "comes and goes", HIDDEN)
    found = cover(page)
    show = found.get_by_role("button", name="Show spoiler: Jessica Jones S1E13", exact=True)
    expect(show).to_have_attribute("aria-expanded", "false")
    assert not page.evaluate(HAS_SECRET)
    assert asked == []

    show.focus()
    page.keyboard.press("Enter")
    hide = found.get_by_role("button", name="Hide spoiler: Jessica Jones S1E13", exact=True)
    expect(hide).to_be_focused()
    expect(hide).to_have_attribute("aria-expanded", "true")
    expect(found.locator("> .sp-body")).to_have_text(f"the {SECRET} sings")
    expect(page.locator("[data-status]")).to_have_text("Spoiler shown")
    assert [sent(request)["why"] for request in asked] == ["explicit"]

    page.keyboard.press("Space")
    expect(show).to_be_focused()
    expect(found.locator("> .sp-body")).to_be_hidden()
    assert not page.evaluate(HAS_SECRET)
    assert page.evaluate("() => localStorage.getItem('fan.progress.v1')") is None


def test_only_a_press_uncovers(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    asked = follow(page)
    open_discussion(stage, page, "only a press", HIDDEN)
    button = cover(page).get_by_role("button").first
    button.hover()
    button.focus()
    page.mouse.wheel(0, 400)
    page.mouse.wheel(0, -400)
    page.locator(".comment .when").first.focus()
    expect(button).to_have_attribute("aria-expanded", "false")
    assert asked == []


def test_selecting_inside_does_not_close(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    open_discussion(stage, page, "selecting", HIDDEN)
    cover(page).get_by_role("button").click()
    body = cover(page).locator("> .sp-body")
    body.dblclick()
    expect(body).to_be_visible()
    assert page.evaluate("() => getSelection().toString().trim()") != ""


def test_everything_that_is_cleared_comes_in_one_request(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    bodies = [f"Number {n}: [Jessica Jones S1E{n % 13 + 1}]||{SECRET} {n}||" for n in range(20)]
    open_discussion(stage, page, "one request", *bodies, "[Luke Cage S1E1]||not for me||", "||nobody knows||")
    say(page, AT_THE_END)
    asked = follow(page)
    page.reload()
    expect(page.locator(".sp-open")).to_have_count(20)
    expect(page.locator("[data-status]")).to_have_text("Passages shown: 20")
    expect(page.locator(".sp:not(.sp-open)")).to_have_count(2)
    assert [sent(request)["why"] for request in asked] == ["progress"]
    assert sent(asked[0])["progress"] == {"jessica-jones": {"s": "at", "u": "S1E13"}}
    assert "S1E13" not in asked[0].url


def test_what_was_uncovered_by_hand_lasts_as_long_as_the_tab(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    open_discussion(stage, page, "tab", HIDDEN, "[Luke Cage S1E1]||unbreakable||")
    cover(page).get_by_role("button").click()
    expect(cover(page).locator("> .sp-body")).to_be_visible()
    cover(page, "Luke Cage S1E1").get_by_role("button").click()
    expect(page.get_by_text("unbreakable")).to_be_visible()
    asked = follow(page)
    page.reload()
    expect(page.locator(".sp-open")).to_have_count(2)
    assert len(asked) == 1
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".comment")).to_have_count(2)
    expect(other.locator(".sp-open")).to_have_count(0)


def test_what_nests_and_needs_more_stays_covered(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    inner = f"[Luke Cage S1E2]||{SECRET}|| and [Jessica Jones S1E2]>!earlier still!<"
    open_discussion(stage, page, "nests", f":::spoiler Jessica Jones S1E13\nOuter words, {inner}\n:::")
    page.get_by_role("button", name="Show spoiler: Jessica Jones S1E13").click()
    expect(page.get_by_text("Outer words")).to_be_visible()
    expect(page.get_by_text("earlier still")).to_be_visible()
    assert not page.evaluate(HAS_SECRET)
    page.get_by_role("button", name=re.compile("Show spoiler: .*Luke Cage S1E2")).click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.reload()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.get_by_role("button", name="Hide spoiler: Jessica Jones S1E13", exact=True).first.click()
    expect(page.get_by_text("Outer words")).to_have_count(0)
    assert not page.evaluate(HAS_SECRET)


def test_an_error_keeps_the_cover_and_says_so(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("ERR_FAILED")
    page = reader(stage)
    open_discussion(stage, page, "error", HIDDEN)
    page.route("**/api/v1/reveals", lambda route: route.abort())
    button = cover(page).get_by_role("button")
    button.click()
    expect(cover(page)).to_contain_text("This could not be loaded, so it stays hidden. Try again.")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.unroute("**/api/v1/reveals")
    button.click()
    expect(cover(page).locator("> .sp-body")).to_be_visible()
    expect(cover(page).locator(".problem")).to_have_count(0)


def test_copies_and_paper_get_the_label(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    open_discussion(stage, page, "copies", HIDDEN)
    page.keyboard.press("Control+a")
    copied = page.evaluate("() => getSelection().toString()")
    assert re.search(r"Before it\s+.*Jessica Jones S1E13\s+and after it", copied)
    page.emulate_media(media="print")
    expect(cover(page).get_by_role("button")).to_be_visible()
    expect(cover(page).locator("> .sp-body")).to_be_hidden()


def test_comments_that_come_later_are_treated_the_same(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    older = [f"Older {n} [Jessica Jones S1E1]||{SECRET}||" for n in range(3)]
    open_discussion(stage, page, "later", *older, *(f"Newer {n}" for n in range(50)))
    say(page, AT_THE_END)
    page.reload()
    asked = follow(page)
    page.get_by_role("link", name="More comments").click()
    expect(page.locator(".sp-open")).to_have_count(3)
    assert len(asked) == 1


def test_all_can_be_hidden_again_and_shown_up_to_here(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    open_discussion(stage, page, "hide all", HIDDEN, "[Luke Cage S1E1]||unbreakable||")
    hide_all = page.get_by_role("button", name="Hide all again")
    expect(hide_all).to_be_hidden()
    far(page).get_by_role("button", name="Finished S1").click()
    cover(page, "Luke Cage S1E1").get_by_role("button").click()
    expect(page.locator(".sp-open")).to_have_count(2)
    hide_all.click()
    expect(page.locator(".sp-open")).to_have_count(0)
    expect(hide_all).to_be_hidden()
    assert not page.evaluate(HAS_SECRET)
    far(page).get_by_role("button", name="Show all up to here").click()
    expect(cover(page).locator("> .sp-body")).to_be_visible()
    expect(page.locator(".sp-open")).to_have_count(1)


def test_a_reply_is_covered_like_what_it_answers(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "inherits", assumes="")
    root = stage.post(url, HIDDEN)
    stage.post(url, "I cried at that too.", parent=root)
    page = reader(stage)
    page.goto(frame)
    whole = page.locator(f'[data-comment="{root}"] .replies .body > .sp')
    expect(whole).to_have_attribute("data-scope", FINISHED)
    expect(page.get_by_text("I cried")).to_have_count(0)
    whole.get_by_role("button").click()
    expect(page.get_by_text("I cried")).to_be_visible()


def test_a_passage_without_scripts(stage: Stage, reader: Reader) -> None:
    page = reader(stage, java_script_enabled=False)
    open_discussion(stage, page, "no scripts", HIDDEN)
    page.goto(f"{page.url}&theme=dark")
    page.get_by_role("button", name="Show spoiler: Jessica Jones S1E13").click()
    expect(page).to_have_url(re.compile(r"/s/[^/?]+\?"))
    expect(page.get_by_role("heading", name="Spoiler: Jessica Jones S1E13")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_text(SECRET)).to_have_count(0)
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.get_by_role("link", name="Back to the discussion").click()
    expect(page.get_by_text("Before it")).to_be_visible()
    expect(page.get_by_text(SECRET)).to_have_count(0)


def test_a_gate_that_is_off_only_labels(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "off", gate=Gate.OFF)
    stage.post(url, f"Open words. {HIDDEN}")
    page = reader(stage)
    page.goto(frame)
    expect(page.get_by_text("Open words.")).to_be_visible()
    expect(cover(page)).to_have_count(1)
    expect(page.locator("[data-gate]")).to_have_count(0)
