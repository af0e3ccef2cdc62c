"""axe finds nothing serious, in either colour scheme, on a wide screen and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import QUIET, Stage

LOOKS: dict[str, dict[str, Any]] = {
    "wide and light": {},
    "wide and dark": {"color_scheme": "dark"},
    "phone and light": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}
ONLY = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def serious(place: Page | Frame) -> list[str]:
    """What axe calls serious or critical, with where it is."""
    found = Axe().run(place, options=ONLY).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:200]} ({len(rule['nodes'])})"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One way to look at a page."""
    return LOOKS[request.param]


def test_the_newsroom_and_its_thread(stage: Stage, reader: Reader, watch: Watch, look: dict[str, Any]) -> None:
    watch.forgive("postMessage")  # axe itself asks the page around, which is another origin
    page = reader(stage, **look)
    page.goto(f"{stage.article(QUIET)}#comments")
    expect(embed(page).locator(".thread .comment").first).to_be_visible()
    inside = next(frame for frame in page.frames if frame is not page.main_frame)
    embed(page).get_by_role("link", name="Reply").first.click()
    expect(embed(page).locator(".inline form")).to_be_visible()
    assert serious(inside) == []
    assert serious(page) == []


def test_every_page(stage: Stage, reader: Reader, watch: Watch, look: dict[str, Any]) -> None:
    watch.forgive("status of 404")
    url = stage.page("axe")
    home = stage.describe(url, title="A page for axe", prompt="What do you think?")
    root = stage.post(url, "> A quote\n\nand `code`, [a link](https://example.org/).")
    stage.post(url, "An answer.", parent=root)
    page = reader(stage, **look)
    page.goto(home)
    page.get_by_label("What do you think?").fill("Mine.")
    page.get_by_label("Name", exact=True).fill("Noor")
    page.get_by_role("button", name="Post").click()
    mine = page.locator(".comment.own")
    expect(mine).to_be_visible()
    verbs = {name: mine.get_by_role("link", name=name).get_attribute("href") for name in ("Edit", "Delete")}
    addresses = [home, stage.talk, f"{stage.talk}/c/{root}/reply", *verbs.values(), "/d/1", "/api/docs"]
    found = {}
    for address in addresses:
        page.goto(f"{stage.talk}{address}" if str(address).startswith("/") else str(address))
        found[str(address)] = serious(page)
    assert {address: problems for address, problems in found.items() if problems} == {}
