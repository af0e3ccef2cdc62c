"""Covers within covers, what a page assumes before its scripts run, and advice that changes only what it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from forum.articles.model import Gate
from tests.browser.conftest import Reader, Watch
from tests.browser.fandom import cover, discuss, far, fill_catalogue
from tests.browser.stage import Stage, set_stage

NESTED = "introword\n\n:::spoiler Jessica Jones S1E8\nXylophone\n\nYttrium\n:::"
WORDS = ("introword", "Xylophone", "Yttrium")
HELD = "(words) => words.filter((word) => document.querySelector('[data-list]').innerHTML.includes(word))"
ADVICE = "**/api/v1/preview"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both servers with a catalogue of four works, without the demo's."""
    with set_stage(tmp_path_factory.mktemp("stage"), seeded=False) as stage:
        fill_catalogue(stage)
        yield stage


@pytest.mark.parametrize("lower", ["S1E4", "Not started"])
def test_lower_progress_covers_what_is_nested_and_all_that_follows(stage: Stage, reader: Reader, lower: str) -> None:
    url, frame = discuss(stage, f"nested {lower}")
    for body in (NESTED, NESTED, "Plainword."):
        stage.post(url, body)
    page = reader(stage)
    page.goto(frame)
    page.get_by_role("button", name="I've seen it: Jessica Jones S1E13").click()
    expect(page.get_by_text("Yttrium")).to_have_count(2)
    if lower == "Not started":
        far(page).get_by_role("button", name=lower).click()
    else:
        far(page).get_by_role("combobox").select_option(lower)
    assert page.evaluate(HELD, [*WORDS, "Plainword"]) == []
    expect(page.locator(".sp[data-sp]")).to_have_count(3)
    far(page).get_by_role("button", name="Finished S1").click()
    expect(page.get_by_text("Yttrium")).to_have_count(2)
    expect(page.get_by_text("Plainword")).to_be_visible()


def test_what_a_page_assumes_cannot_be_read_before_it_is_covered(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "assumed", gate=Gate.ASSUME)
    stage.post(url, "Plainword.")
    page = reader(stage)
    held: list[Route] = []
    page.route("**/covers*.js", lambda route: held.append(route))
    page.goto(frame, wait_until="commit")
    text = page.locator(".comment .body")
    expect(text).to_have_count(1)
    expect(text).to_be_hidden()
    page.wait_for_function("() => document.readyState !== 'loading'")
    held[0].continue_()
    expect(page.get_by_text("Plainword")).to_be_visible()
    far(page).get_by_role("button", name="Not started").click()
    assert page.evaluate(HELD, ["Plainword"]) == []
    plain = reader(stage, java_script_enabled=False)
    plain.goto(frame)
    expect(plain.get_by_text("Plainword")).to_be_visible()


def test_what_was_said_of_another_work_can_be_lowered(stage: Stage, reader: Reader) -> None:
    url = stage.page("other works")
    stage.post(url, "[Luke Cage S1E3]||unbreakable||")
    page = reader(stage)
    page.goto(stage.frame(url))
    cover(page, "Luke Cage S1E3").get_by_role("button").click()
    page.get_by_role("button", name="Yes, show everything up to there").click()
    page.get_by_text("Other works and choices").click()
    expect(far(page, "Luke Cage").get_by_role("combobox")).to_have_value("S1E3")
    far(page, "Luke Cage").get_by_role("button", name="Not started").click()
    assert json.loads(page.evaluate("() => localStorage.getItem('fan.progress.v1')")) == {"luke-cage": {"s": "none"}}


def test_hiding_all_keeps_the_focus(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "focus", assumes="")
    stage.post(url, "So [Jessica Jones S1E3]||she wins|| it.")
    page = reader(stage)
    page.goto(frame)
    cover(page, "Jessica Jones S1E3").get_by_role("button").click()
    expect(cover(page, "Jessica Jones S1E3")).to_contain_text("S1E3 she wins")
    expect(page.locator(".sp-extra")).to_have_css("user-select", "none")
    page.get_by_role("button", name="Hide all again").press("Enter")
    expect(cover(page, "Jessica Jones S1E3")).not_to_contain_text("she wins")
    expect(page.get_by_role("button", name="Hide all again")).to_be_hidden()
    expect(page.locator(".progress summary").first).to_be_focused()


def writing(stage: Stage, page: Page, name: str, body: str) -> Locator:
    """A comment that is ready to be posted."""
    url, frame = discuss(stage, name, assumes="")
    stage.post(url, "Hello.", name="Ravi")
    page.goto(frame)
    page.get_by_label("Name", exact=True).fill("Noor")
    area = page.locator("form.composer textarea").first
    area.fill(body)
    return area


def advised(page: Page, advice: dict[str, Any]) -> None:
    """The next advice is this."""
    answer = {"html": "", "cleared_html": "", "advice": [advice]}
    page.route(ADVICE, lambda route: route.fulfill(json=answer))


@pytest.mark.parametrize("place", [(23, 34), (None, None)])
def test_an_unknown_label_is_replaced(stage: Stage, reader: Reader, place: tuple[int | None, int | None]) -> None:
    body = "First 😀 sentence. See [Jesica 1x4]||this||. Last."
    page = reader(stage)
    area = writing(stage, page, f"unknown {place[0]}", body)
    start, end = (body.index("["), body.index("]") + 1) if place[0] else (None, None)
    advised(page, {"kind": "unknown_label", "label": "Jesica 1x4", "work": "", "start": start, "end": end})
    page.get_by_role("button", name="Post", exact=True).first.click()
    page.get_by_role("button", name="Say of what…").click()
    expect(page.get_by_role("combobox", name="A spoiler of what, and how far?")).to_be_focused()
    page.keyboard.type("jj s1e4")
    expect(page.locator("[role=option]").first).to_have_text("Jessica Jones S1E4")
    page.keyboard.press("Enter")
    expect(area).to_have_value("First 😀 sentence. See [Jessica Jones S1E4]||this||. Last.")


def test_the_whole_comment_is_covered_as_its_passages_say(stage: Stage, reader: Reader) -> None:
    body = "So [Jessica Jones S1E4]||one|| [Luke Cage S1E3]||two|| [Jessica Jones S1E4]||three||"
    page = reader(stage)
    area = writing(stage, page, "whole", body)
    advised(page, {"kind": "mostly_covered", "label": "", "work": "", "start": None, "end": None})
    page.get_by_role("button", name="Post", exact=True).first.click()
    page.get_by_role("button", name="Cover as Jessica Jones S1E4 + Luke Cage S1E3").click()
    expect(area).to_have_value(f":::spoiler Jessica Jones S1E4 + Luke Cage S1E3\n{body}\n:::\n")
    page.unroute(ADVICE)
    page.get_by_role("button", name="Post", exact=True).first.click()
    expect(cover(page, "Jessica Jones S1E4 + Luke Cage S1E3").or_(page.locator(".comment.own")).first).to_be_visible()


def test_only_advice_that_was_seen_counts(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("503", "422")
    page = reader(stage)
    writing(stage, page, "seen advice", "Unclosed ||spoiler")
    page.route(ADVICE, lambda route: route.fulfill(status=503, json={}))
    page.get_by_role("button", name="Post", exact=True).first.click()
    form = page.locator("form.composer").first
    expect(form.locator("[data-problem='body']")).to_be_visible()
    expect(form).not_to_have_attribute("data-advised", "")
    form.locator("textarea").fill("Luke Cage has it.")
    page.unroute(ADVICE)
    advised(page, {"kind": "mention", "label": "Luke Cage", "work": "Luke Cage", "start": 0, "end": 9})
    page.get_by_role("button", name="Post", exact=True).first.click()
    expect(page.get_by_text("This mentions Luke Cage")).to_be_visible()
    page.get_by_role("button", name="Not a spoiler").click()
    expect(page.locator(".comment.own")).to_contain_text("Luke Cage has it.")


def test_a_season_is_offered_with_its_end_in_a_list_that_scrolls(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    writing(stage, page, "long list", "")
    page.get_by_role("button", name="Spoiler", exact=True).first.click()
    expect(page.get_by_role("combobox", name="A spoiler of what, and how far?")).to_be_focused()
    page.keyboard.type("jj s1")
    options = page.locator("[role=option]")
    expect(options.nth(1)).to_have_text("Jessica Jones S1E13")
    expect(options).to_have_count(14)
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_be_in_viewport()
