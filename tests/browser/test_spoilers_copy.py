"""What leaves a page by other ways than reading: select all, copy, find, print. Of covered text only its label."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reader
from tests.browser.fandom import LABEL, cover, discuss, fill_catalogue
from tests.browser.stage import Stage

SECRET = "Zebrafinch"
HIDDEN = f"Before it [Jessica Jones S1E13]||the {SECRET} sings|| and after it."
SELECTED = "() => { getSelection().selectAllChildren(document.body); return getSelection().toString(); }"
FOUND = "(words) => { getSelection().removeAllRanges(); return window.find(words, false, false, true); }"
# Firefox and others give what a range holds, buttons too: so does a saved or translated page.
HELD = "() => document.body.textContent"


@pytest.fixture(scope="module", autouse=True)
def catalogue(stage: Stage) -> None:
    """The works that the labels name."""
    fill_catalogue(stage)


def test_select_all_and_find_see_the_label_alone(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "copied", assumes="")
    stage.post(url, HIDDEN)
    page.goto(frame)
    expect(cover(page)).to_be_visible()
    selected = page.evaluate(SELECTED)
    assert "Before it" in selected
    assert LABEL in selected
    assert SECRET not in selected
    assert SECRET not in page.evaluate(HELD)
    assert page.evaluate(FOUND, "and after it")
    assert not page.evaluate(FOUND, SECRET)

    cover(page).get_by_role("button", name=f"Show spoiler: {LABEL}", exact=True).click()
    expect(cover(page)).to_contain_text(SECRET)
    assert page.evaluate(FOUND, SECRET)
    cover(page).get_by_role("button", name=f"Hide spoiler: {LABEL}", exact=True).click()
    expect(cover(page)).not_to_contain_text(SECRET)
    assert SECRET not in page.evaluate(SELECTED)


def test_a_printed_page_shows_the_label(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    url, frame = discuss(stage, "printed", assumes="")
    stage.post(url, HIDDEN)
    page.goto(frame)
    page.emulate_media(media="print")
    expect(cover(page).get_by_text(LABEL)).to_be_visible()
    assert SECRET not in page.content()
