"""axe finds nothing serious, in either colour scheme, on a wide screen and on a phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from forum.articles.service import locate
from forum.comments.service_post import NewComment, post_comment
from forum.core.visitor import Visitor
from forum.demo.content import SITE_KEY
from forum.sites.service import get_site
from tests.browser.conftest import OwnStage, Reader, Watch, embed
from tests.browser.insider import let_in, pages_about_people, somebody
from tests.browser.stage import QUIET, Stage
from tests.support.begun import Begun

LOOKS: dict[str, dict[str, Any]] = {
    "wide and light": {},
    "wide and dark": {"color_scheme": "dark"},
    "phone and light": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
# Pages about people are looked at in both directions of writing.
PERSONAL_LOOKS: dict[str, dict[str, Any]] = {
    **LOOKS,
    "narrow": NARROW,
    "narrow, dark and from right to left": {**NARROW, "color_scheme": "dark", "locale": "ar"},
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


@dataclass(slots=True)
class Look:
    """Looks at one page after the other, and keeps what is wrong with each."""

    direction: str
    found: dict[str, list[str]] = field(default_factory=dict)

    def at(self, page: Page) -> None:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.locator("html").get_attribute("dir") == self.direction, page.url
        self.found[page.url] = [*self.found.get(page.url, []), *serious(page), *overflowing(page)]


@pytest.mark.parametrize("way", PERSONAL_LOOKS)
def test_every_page_about_people(own_stage: OwnStage, reader: Reader, watch: Watch, way: str, tmp_path: Path) -> None:
    watch.forgive("status of 4")
    stage, options = own_stage(mail_url=f"file:{tmp_path}/mail"), PERSONAL_LOOKS[way]
    begun = somebody(stage)
    stage.server.run(write(stage, begun, stage.page("axe")))
    lang = options.get("locale", "en")
    look = Look("rtl" if lang == "ar" else "ltr")
    by_stranger(reader(stage, **options), stage, begun, look)
    edda = reader(stage, **options)
    let_in(edda.context, stage, begun)
    for address in pages_about_people(stage, begun, lang=lang):
        answer = edda.goto(address)
        assert answer is not None
        assert answer.status == (400 if "/callback" in address else 200), address
        look.at(edda)
    edda.goto(f"{stage.talk}/settings")
    edda.locator("input[name=name]").fill("admin")
    edda.locator("form:has(input[name=name]) button").first.click()
    look.at(edda)
    edda.goto(f"{stage.talk}/auth/handoff{begun.query('/auth/handoff', origin=stage.news)}")
    edda.locator("form[action='/auth/handoff'] button.primary").click()
    expect(edda.locator("output")).to_be_visible()
    look.at(edda)
    assert len(look.found) > 15
    assert {address: problems for address, problems in look.found.items() if problems} == {}


def by_stranger(stranger: Page, stage: Stage, begun: Begun, look: Look) -> None:
    """The door as it is for who stands before it, up to a code that is wrong."""
    for path in ("/auth", "/auth?out=1", begun.fill("/auth/link/{token}")):
        stranger.goto(stage.talk + path)
        look.at(stranger)
    stranger.goto(f"{stage.talk}/auth")
    stranger.locator("input[name=email]").fill("nobody@example.org")
    stranger.locator("form[action='/auth/email'] button.primary").click()
    stranger.locator("input[name=code]").fill("AAAA-AAAA")
    stranger.locator("form[action='/auth/code'] button.primary").click()
    expect(stranger.locator("[aria-invalid=true]")).to_be_visible()
    look.at(stranger)


async def write(stage: Stage, begun: Begun, url: str) -> None:
    """A comment of theirs, for their profile; one that is covered, too."""
    site = await get_site(stage.app.rt, SITE_KEY)
    token = begun.cookies[0].partition("=")[2]
    for body in ("> A quote\n\nand [a link](https://example.org/).", "Well, ||never mind|| it was."):
        new = NewComment(site, locate(site, url), body, "", None)
        await post_comment(stage.app.rt, Visitor("127.0.0.1", main=token), new)


def overflowing(page: Page) -> list[str]:
    """Whether one has to scroll sideways."""
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"it is {wide} pixels too wide"] if wide > 0 else []
