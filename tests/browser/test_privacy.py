"""Reading leaves nothing behind, and every page keeps to its two origins and its policy (the `watch` of each test)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect

from forum.accounts.model import Account
from forum.accounts.service_session import begin_main
from forum.articles.service import locate
from forum.comments.service_post import NewComment, post_comment
from forum.core.visitor import Visitor
from forum.demo.content import SITE_KEY
from forum.sites.service import get_site
from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import BUSY, QUIET, Stage
from tests.support.begun import an_author

STORED = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean)"


def test_reading_sets_no_cookie_and_keeps_nothing(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.news)
    page.goto(f"{stage.article(QUIET)}#comments")
    thread = embed(page)
    expect(thread.locator(".thread .comment").first).to_be_visible()
    thread.get_by_role("link", name="Oldest").click()
    expect(thread.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    page.goto(f"{stage.article(BUSY)}#comments")
    expect(thread.locator("[data-gate]")).to_be_visible()
    assert inside(page).evaluate(STORED) == []
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []


def test_a_tab_remembers_only_what_its_reader_has_said_there(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(f"{stage.article(BUSY)}#comments")
    thread = embed(page)
    thread.get_by_role("button", name="Show it anyway").click()
    expect(thread.locator(".thread .comment").first).to_be_visible()
    before = thread.locator(".thread .comment").count()
    thread.get_by_role("link", name="More comments").click()
    expect(thread.locator(".thread .comment").nth(before)).to_be_visible()
    expect(thread.locator("[data-status]")).to_have_text(re.compile(r"^(More comments|Passages) shown: \d+"))
    assert inside(page).evaluate(STORED) == ["aftershow.opened"]
    assert inside(page).evaluate("() => Object.keys(localStorage)") == []
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []


def inside(page: Page) -> Frame:
    """The document in the frame."""
    return next(frame for frame in page.frames if frame is not page.main_frame)


@pytest.fixture(scope="module")
def edda(stage: Stage) -> Account:
    """Somebody with an account, who has written."""
    rt = stage.app.rt

    async def work() -> Account:
        account = await an_author(rt)
        site = await get_site(rt, SITE_KEY)
        begun = await rt.db.write(lambda tx: begin_main(tx, rt, account, rt.clock.now(), agent=""))
        new = NewComment(site, locate(site, stage.page("edda")), "I was here.", "")
        await post_comment(rt, Visitor("127.0.0.1", main=begun.token), new)
        return account

    return stage.server.run(work())


READING: Final = ("/", "/u/Edda", "/u/Edda?lang=ar", "/catalogue", "/embed/newsroom?url=http://elsewhere.example/")
# Not what one comes to read, and without a trace for somebody who goes no further.
ENTRANCES: Final = (
    "/auth",
    "/auth?next=/settings",
    "/auth?out=1",
    "/auth/code?flow=x",
    "/settings/deleted",
    "/settings",
)


@pytest.mark.usefixtures("edda")
@pytest.mark.parametrize("path", ["/api/docs", "/d/1", "/u/Nobody", *READING, *ENTRANCES])
def test_pages_of_every_kind_keep_to_themselves(stage: Stage, reader: Reader, watch: Watch, path: str) -> None:
    watch.forgive("status of 404")
    page = reader(stage)
    asked = requests_of(page)
    page.goto(stage.talk + path, wait_until="networkidle")
    expect(page.get_by_role("heading").first).to_be_visible()
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []
    assert [address for address in asked if "/api/v1" in address] == []


def requests_of(page: Page) -> list[str]:
    """The paths that a page's browser asks for from now on."""
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(urlsplit(request.url).path))
    return asked


def test_nobody_is_asked_for_where_nobody_has_signed_in(stage: Stage, reader: Reader, edda: Account) -> None:
    """Neither in the frame nor on our own pages, however long one reads, and whatever one says about what one knows."""
    page = reader(stage)
    asked = requests_of(page)
    page.goto(f"{stage.article(QUIET)}#comments")
    thread = embed(page)
    expect(thread.locator(".thread .comment").first).to_be_visible()
    thread.get_by_role("link", name="Reply").first.click()
    expect(thread.locator(".inline form")).to_be_visible()
    page.goto(f"{stage.article(BUSY)}#comments")
    thread.get_by_role("button", name="Show it anyway").click()
    expect(thread.locator(".thread .comment").first).to_be_visible()
    page.goto(f"{stage.talk}/u/{edda.name}", wait_until="networkidle")
    assert [path for path in asked if path.startswith(("/api/v1/me", "/api/v1/auth", "/auth"))] == []
    assert page.context.cookies() == []


def test_who_signs_in_leaves_one_hint_and_takes_it_along_again(stage: Stage, reader: Reader, edda: Account) -> None:
    """What a browser keeps of a sign-in: the session, out of reach of scripts, and that there is one."""

    async def work() -> str:
        rt = stage.app.rt
        begun = await rt.db.write(lambda tx: begin_main(tx, rt, edda, rt.clock.now(), agent=""))
        return begun.token

    page = reader(stage)
    page.context.add_cookies(
        [{"name": "aftershow-sid", "value": stage.server.run(work()), "url": stage.talk, "httpOnly": True}]
    )
    page.goto(f"{stage.talk}/auth?next=/settings", wait_until="networkidle")
    assert page.evaluate(STORED) == ["aftershow.in"]
    page.locator("form[action='/auth/sign-out'] button").first.click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(STORED) == []
    assert page.context.cookies() == []
