"""How far readers are: the gate, the bar, what they lead to in open pages, and what is never asked twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forum.articles.model import Gate
from tests.browser.conftest import Reader, Watch, embed
from tests.browser.fandom import FINISHED, cover, discuss, far, fill_catalogue, follow
from tests.browser.stage import Stage, set_stage
from tests.browser.test_accessibility import serious
from tests.browser.test_keyboard import tab
from tests.browser.test_narrow import WIDER

SECRET = "Zebrafinch"
HAS_SECRET = f"() => document.documentElement.outerHTML.includes('{SECRET}')"
REFUSE_STORAGE = """() => { for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("refused", "SecurityError"); } }); }"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both servers with a catalogue of four works, without the demo's."""
    with set_stage(tmp_path_factory.mktemp("stage"), seeded=False) as stage:
        fill_catalogue(stage)
        yield stage


def gated(stage: Stage, name: str, gate: Gate = Gate.ASK, *more: str) -> tuple[str, str]:
    """A discussion that assumes the first season, with the secret in its only comment (and `more`)."""
    url, frame = discuss(stage, name, gate=gate)
    for body in (f"The {SECRET} sings.", *more):
        stage.post(url, body)
    return url, frame


def stored(page: Page) -> Any:
    """What this browser keeps about the reader's progress."""
    return json.loads(page.evaluate("() => localStorage.getItem('fan.progress.v1')") or "{}")


def test_the_whole_story(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "story")
    page = reader(stage)
    page.goto(frame)
    gate = page.get_by_role("region", name="This discussion goes as far as Jessica Jones S1E13")
    expect(gate).to_be_visible()
    expect(page.locator(".thread")).to_be_hidden()
    assert not page.evaluate(HAS_SECRET)
    page.evaluate("() => { window.stayed = true; }")

    far(page).get_by_role("combobox", name="Seen up to…").select_option("S1E12")
    expect(gate).to_be_hidden()
    expect(cover(page).get_by_role("button")).to_have_attribute("aria-expanded", "false")
    far(page).get_by_role("button", name="Finished S1").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert stored(page) == {"jessica-jones": {"s": "at", "u": "S1E13"}}

    far(page).get_by_role("combobox").select_option("S1E4")
    expect(page.get_by_text(SECRET)).to_have_count(0)
    assert not page.evaluate(HAS_SECRET)
    assert page.evaluate("() => window.stayed")
    page.reload()
    expect(cover(page)).to_be_visible()
    expect(gate).to_be_hidden()


def test_i_have_seen_it(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "seen")
    page = reader(stage)
    page.goto(frame)
    page.get_by_role("button", name="I've seen it: Jessica Jones S1E13").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    expect(page.locator("#count")).to_be_focused()
    assert stored(page) == {"jessica-jones": {"s": "at", "u": "S1E13"}}


def test_show_it_anyway_lasts_for_the_tab(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "anyway", Gate.ASK, "[Luke Cage S1E1]||unbreakable||")
    page = reader(stage)
    page.goto(frame)
    page.get_by_role("button", name="Show it anyway").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    expect(cover(page, "Luke Cage S1E1")).to_be_visible()
    assert stored(page) == {}
    page.reload()
    expect(page.get_by_text(SECRET)).to_be_visible()
    other = page.context.new_page()
    other.goto(frame)
    expect(other.locator("[data-gate]")).to_be_visible()
    page.get_by_role("button", name="Hide all again").click()
    expect(page.get_by_text(SECRET)).to_have_count(0)


def test_not_yet_shows_who_is_there_and_is_not_asked_again(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "not yet")
    page = reader(stage)
    page.goto(frame)
    page.get_by_role("button", name="Not yet").click()
    expect(page.locator(".comment .name")).to_be_visible()
    assert not page.evaluate(HAS_SECRET)
    page.reload()
    expect(cover(page)).to_be_visible()
    expect(page.locator("[data-gate]")).to_be_hidden()


def test_other_tabs_follow_at_once(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "tabs")
    page = reader(stage)
    page.goto(frame)
    other = page.context.new_page()
    other.goto(frame)
    far(other).get_by_role("button", name="Finished S1").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    far(other).get_by_role("button", name="Not started").click()
    expect(page.get_by_text(SECRET)).to_have_count(0)
    assert not page.evaluate(HAS_SECRET)


def test_an_article_that_has_warned_its_readers(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "warned", Gate.ASSUME)
    page = reader(stage)
    page.goto(frame)
    expect(page.get_by_text(SECRET)).to_be_visible()
    far(page).get_by_role("combobox").select_option("S1E4")
    expect(cover(page)).to_be_visible()
    assert not page.evaluate(HAS_SECRET)
    cover(page).locator("> .sp-show").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    cover(page).locator("> .sp-show").click()
    far(page).get_by_role("button", name="I don't mind").click()
    expect(far(page).get_by_role("button", name="I don't mind")).to_have_attribute("aria-pressed", "true")
    far(page).get_by_role("button", name="Show all up to here").click()
    expect(page.get_by_text(SECRET)).to_be_visible()


def test_the_question_after_the_first_passage(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "question", assumes="")
    for episode in (3, 2, 1):
        stage.post(url, f"[Jessica Jones S1E{episode}]||{SECRET} {episode}||")
    page = reader(stage)
    page.goto(frame)
    cover(page, "Jessica Jones S1E2").get_by_role("button").click()
    expect(page.get_by_text("Seen up to Jessica Jones S1E2?")).to_be_visible()
    page.get_by_role("button", name="Just this one").click()
    expect(cover(page, "Jessica Jones S1E2").get_by_role("button")).to_be_focused()
    expect(page.locator(".sp-open")).to_have_count(1)
    cover(page, "Jessica Jones S1E3").get_by_role("button").click()
    expect(page.locator(".sp-open")).to_have_count(2)
    expect(page.locator(".sp-ask")).to_have_count(0)

    fresh = reader(stage)
    fresh.goto(frame)
    cover(fresh, "Jessica Jones S1E2").get_by_role("button").click()
    fresh.get_by_role("button", name="Yes, show everything up to there").click()
    expect(fresh.locator(".sp-open")).to_have_count(2)
    assert stored(fresh) == {"jessica-jones": {"s": "at", "u": "S1E2"}}


def test_the_rest_of_the_bar(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "rest", assumes="")
    stage.post(url, "[Captain America: Civil War]||the film|| and [Luke Cage outtakes]||the outtakes||")
    stage.post(url, "||for nobody in particular||")
    page = reader(stage)
    page.goto(frame)
    page.get_by_text("Other works and choices").click()
    ahead = far(page, "Luke Cage").get_by_role("combobox").locator("option", has_text="S2E1")
    expect(ahead).to_be_disabled()
    expect(far(page, "Luke Cage").get_by_role("button", name="Finished S2")).to_have_count(0)

    page.get_by_label("I don't mind spoilers from the films").check()
    expect(page.get_by_text("the film", exact=True)).to_be_visible()
    rules = page.evaluate("() => localStorage.getItem('fan.progress.rules.v1')")
    assert json.loads(rules) == {"mcu/film": "dont_care"}

    page.get_by_label("Show every spoiler everywhere until this tab is closed").check()
    expect(page.get_by_text("for nobody in particular")).to_be_visible()
    page.get_by_role("button", name="Hide all again").click()
    expect(page.get_by_label("Show every spoiler everywhere")).not_to_be_checked()
    expect(page.locator(".sp-open")).to_have_count(0)

    page.get_by_label("Also seen: Luke Cage outtakes").check()
    ticks = page.evaluate("() => localStorage.getItem('fan.progress.ticks.v1')")
    assert json.loads(ticks) == {"luke-cage": ["outtakes"]}


def test_a_suggestion_is_only_a_question(stage: Stage, reader: Reader) -> None:
    url, frame = discuss(stage, "suggestion", assumes="")
    stage.post(url, "Hello.")
    page = reader(stage)
    page.goto(frame)
    far(page).get_by_role("combobox").select_option("S2E2")
    expect(page.get_by_text("You finished Jessica Jones. Mark Captain America: Civil War too?")).to_be_visible()
    assert "ca-civil-war" not in stored(page)
    far(page).get_by_role("button", name="Yes").click()
    assert stored(page)["ca-civil-war"] == {"s": "at", "u": ""}


def test_where_storage_is_refused_it_works_until_the_page_is_left(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "refused")
    page = reader(stage)
    page.add_init_script(f"({REFUSE_STORAGE})()")
    page.goto(frame)
    far(page).get_by_role("button", name="Finished S1").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    far(page).get_by_role("button", name="Not started").click()
    expect(page.get_by_text(SECRET)).to_have_count(0)


def test_without_scripts_one_form_opens_it(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "plain", Gate.ASK, "[Luke Cage S1E1]||unbreakable||")
    page = reader(stage, java_script_enabled=False)
    page.goto(frame)
    expect(page.locator("[data-progress]")).to_be_hidden()
    expect(page.get_by_role("button", name="Not yet")).to_have_count(0)
    page.get_by_role("button", name="Show it anyway").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    expect(cover(page, "Luke Cage S1E1").get_by_role("button")).to_be_visible()
    expect(page.locator("[data-gate]")).to_have_count(0)


def test_by_keyboard_alone(stage: Stage, reader: Reader) -> None:
    _, frame = gated(stage, "keys")
    page = reader(stage)
    page.goto(frame)
    expect(page.locator("[data-gate-later]")).to_be_visible()
    tab(page, most=30, to="Not yet")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_be_focused()
    tab(page, most=6, to="Show spoiler: Jessica Jones S1E13")
    page.keyboard.press("Space")
    expect(page.locator(".sp-ask")).to_be_visible()
    tab(page, most=1, to="Yes, show everything up to there")
    page.keyboard.press("Enter")
    expect(cover(page).get_by_role("button", name="Hide spoiler: Jessica Jones S1E13")).to_be_focused()
    assert stored(page) == {"jessica-jones": {"s": "at", "u": "S1E13"}}


def test_inside_the_newsroom(stage: Stage, reader: Reader, watch: Watch) -> None:
    url, _ = gated(stage, "inside")
    page = reader(stage)
    page.goto(url)
    place = embed(page)
    place.get_by_role("button", name="I've seen it: Jessica Jones S1E13").click()
    expect(place.get_by_text(SECRET)).to_be_visible()


LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    {"viewport": {"width": 1100, "height": 800}},
)


@pytest.mark.parametrize("look", LOOKS, ids=["narrow and dark", "wide and light"])
def test_it_can_be_read_by_everybody(stage: Stage, reader: Reader, look: dict[str, Any]) -> None:
    name = f"access {look['viewport']['width']}"
    _, frame = gated(stage, name, Gate.ASK, "[Luke Cage S1E1]||unbreakable||", f"{'Long' * 40} ||x||")
    page = reader(stage, **look)
    asked = follow(page)
    page.goto(frame)
    expect(page.locator("[data-gate-later]")).to_be_visible()
    page.get_by_text("Other works and choices").click()
    expect(far(page, "Luke Cage")).to_be_visible()
    found = {"gate": serious(page)}
    page.get_by_role("button", name="Show it anyway").click()
    cover(page, "Luke Cage S1E1").get_by_role("button").click()
    expect(page.locator(".sp-ask")).to_be_visible()
    assert asked
    found["covers"] = serious(page)
    assert found == {"gate": [], "covers": []}
    assert page.evaluate(WIDER) <= 0
    heights = "(all) => all.map((at) => at.getBoundingClientRect().height).filter(Boolean)"
    pressed = page.locator(".progress button, .progress select, .gate button, .sp-show")
    assert min(pressed.evaluate_all(heights)) >= 24


def test_the_token_of_the_discussion(stage: Stage, reader: Reader) -> None:
    """What the page carries is enough to decide here; nothing of the progress is ever in an address."""
    _, frame = gated(stage, "token")
    page = reader(stage)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(frame)
    far(page).get_by_role("button", name="Finished S1").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert FINISHED in str(page.locator("main").get_attribute("data-spoilers"))
    assert [address for address in addresses if "S1E13" in address] == []
