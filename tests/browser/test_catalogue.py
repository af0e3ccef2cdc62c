"""Editors in a browser without scripts: they find, add and correct works with the keyboard, on any screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forum.sites.service import add_site
from tests.browser.conftest import Reader, Watch
from tests.browser.stage import Stage, a_site
from tests.browser.test_accessibility import LOOKS, serious
from tests.browser.test_narrow import NARROW, RTL, WIDER
from tests.support.works import COMIC, FILM, JESSICA, bring

LONG_CODE = "Gutterlicht-" * 3
WIDE_LINES = f"{LONG_CODE}1..{LONG_CODE}9 | {LONG_CODE} | GB 2016-04-29, US 2016-05-06, DE 2016-05-07, FR 2016-05-08"


@pytest.fixture(scope="module")
def secret(stage: Stage) -> str:
    """The key of a site; its editors find a few works."""
    _, secret = stage.server.run(add_site(stage.app.rt.db, stage.app.rt.ids, a_site("gazette", stage.news)))
    stage.server.run(bring(stage.app.rt))
    return secret


def save(page: Page, secret: str) -> None:
    page.get_by_label("Your site's secret key").fill(secret)
    page.get_by_role("button", name="Save").click()


def test_an_editor_corrects_a_work(stage: Stage, reader: Reader, secret: str) -> None:
    page = reader(stage, java_script_enabled=False)
    page.goto(stage.talk)
    page.get_by_role("link", name="Catalogue of works").click()
    page.get_by_label("Title or another name").fill("cap 3")
    page.keyboard.press("Enter")
    expect(page.locator(".works li")).to_have_count(1)
    page.get_by_role("link", name=FILM.title).click()
    page.get_by_role("link", name="Correct this work").click()
    names = page.get_by_label("Other names")
    names.fill(f"{names.input_value()}\nCaptain America 3")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("region", name="What changes").get_by_role("listitem")).to_have_text(
        "New name: Captain America 3"
    )
    save(page, secret)
    expect(page.get_by_role("status")).to_have_text("Saved. Discussions follow at once.")
    expect(page.get_by_text("Captain America 3")).to_be_visible()


def test_a_refusal_leads_to_the_field(stage: Stage, reader: Reader, watch: Watch, secret: str) -> None:
    watch.forgive("status of 422", "status of 401")
    page = reader(stage)
    page.goto(f"{stage.talk}/catalogue/new")
    page.get_by_label("Title", exact=True).fill("A new series")
    page.get_by_label("Parts in order").fill("S1E1..S1E8 | S1 | soon")
    save(page, "as_wrong")
    expect(page.get_by_role("alert")).to_contain_text("That is not the secret key of a site on this server.")
    save(page, secret)
    page.get_by_role("alert").get_by_role("link").click()
    area = page.get_by_label("Parts in order")
    assert area.evaluate("(at) => at.matches(':target')")
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(area).to_have_accessible_description(re.compile("Line 1: “soon” is no date"))
    expect(page.get_by_label("Your site's secret key")).to_have_value("")
    area.fill("S1E1..S1E8 | S1 | 2017-08-18")
    save(page, secret)
    expect(page.get_by_role("heading", name="A new series")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_the_catalogue_is_accessible(stage: Stage, reader: Reader, watch: Watch, secret: str, look: str) -> None:
    watch.forgive("status of 422", "status of 404")
    page = reader(stage, **LOOKS[look])
    found = {}
    addresses = ("", "?q=nobody", f"/{JESSICA.id}?saved=1", f"/{JESSICA.id}/edit", "/new", "/nobody")
    for address in addresses:
        page.goto(f"{stage.talk}/catalogue{address}")
        found[address] = serious(page)
    page.goto(f"{stage.talk}/catalogue/{COMIC.id}/edit")
    page.get_by_label("Parts in order").fill("#1..#9")
    page.get_by_role("button", name="See what changes").click()
    found["changes"] = serious(page)
    page.get_by_label("Parts in order").fill("#1 #2")
    page.get_by_role("button", name="See what changes").click()
    found["refused"] = serious(page)
    assert {address: problems for address, problems in found.items() if problems} == {}


@pytest.mark.parametrize("lang", ["en", RTL])
def test_nothing_scrolls_sideways(stage: Stage, reader: Reader, watch: Watch, secret: str, lang: str) -> None:
    watch.forgive("status of 422")
    page = reader(stage, **NARROW)
    wide: dict[str, Any] = {}
    page.goto(f"{stage.talk}/catalogue/new")
    page.get_by_label("Title", exact=True).fill("Gutterlicht" * 12 + lang)
    page.get_by_label("Other names").fill("Gutterlicht" * 15)
    page.get_by_label("Parts in order").fill(WIDE_LINES)
    page.get_by_label("Short name for programs").fill(f"wide-{lang}")
    page.get_by_role("button", name="See what changes").click()
    wide["changes"] = page.evaluate(WIDER)
    save(page, secret)
    expect(page.get_by_role("status")).to_be_visible()
    for address in (f"/wide-{lang}", f"/wide-{lang}/edit", "", "/new", f"/{JESSICA.id}"):
        page.goto(f"{stage.talk}/catalogue{address}?lang={lang}")
        wide[address] = page.evaluate(WIDER)
    assert {where: pixels for where, pixels in wide.items() if pixels > 0} == {}
