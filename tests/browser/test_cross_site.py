"""Another site altogether, over https, with third-party cookies blocked: the reader is still known after a reload."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import trustme
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Route

from forum.app import create_app
from forum.db.migrate import upgrade
from forum.settings import Settings, WorkerMode
from forum.sites.service import add_site
from tests.browser.conftest import PATIENCE, embed
from tests.browser.stage import LiveServer, a_site, free_port, stage_page
from tests.support import chromium

COOKIE: Final = "__Host-guest"


@pytest.fixture
def two_sites(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Aftershow and a publisher on two https sites; gives the article's address and Aftershow's."""
    authority = trustme.CA()
    certificate = authority.issue_cert("talk.example", "news.test")
    pem = tmp_path / "server.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(str(pem))
    tls: dict[str, Any] = {"ssl_certfile": str(pem)}
    port = free_port()
    talk = f"https://talk.example:{port}"
    publisher = Starlette(routes=[Route("/stage/{name}", stage_page)])
    publisher.state.talk = talk
    shown = LiveServer(publisher, tls=tls)
    news = f"https://news.test:{shown.port}"
    # The worker stays off: these names lead here only inside the browser.
    database = f"sqlite:///{tmp_path}/cross.db"
    upgrade(database)
    settings = Settings(
        database_url=database, public_url=talk, secret_key="k" * 40, rate_limits=False, worker=WorkerMode.SEPARATE
    )
    app = create_app(settings)
    server = LiveServer(app, port=port, tls=tls)
    shown.start()
    server.start()
    try:
        server.run(add_site(app.rt.db, app.rt.ids, a_site("newsroom", news)))
        yield f"{news}/stage/article", talk
    finally:
        server.stop()
        shown.stop()


@contextmanager
def strict_browser(folder: Path) -> Iterator[BrowserContext]:
    """A browser that blocks third-party cookies, as a person would set it."""
    preferences = folder / "profile" / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    wishes = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
    preferences.write_text(json.dumps(wishes), encoding="utf-8")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder / "profile"),
            executable_path=chromium.path(),
            args=[*chromium.ARGUMENTS, "--host-resolver-rules=MAP * 127.0.0.1"],
            ignore_https_errors=True,
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


def edit(page: Page, text: str) -> None:
    thread = embed(page)
    thread.locator(".comment.own").get_by_role("link", name="Edit").click()
    thread.get_by_role("textbox", name="Edit your comment").fill(text)
    thread.get_by_role("button", name="Save").click()
    expect(thread.locator(".comment.own > .body")).to_have_text(text)


@pytest.mark.parametrize("without_storage", [False, True], ids=["storage", "no storage"])
def test_the_author_is_known_after_a_reload(two_sites: tuple[str, str], tmp_path: Path, without_storage: bool) -> None:
    article, talk = two_sites
    with strict_browser(tmp_path) as context:
        if without_storage:
            context.add_init_script(
                "for (const name of ['localStorage', 'sessionStorage'])"
                " Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError'); } });"
            )
        page = context.new_page()
        page.goto(article)
        thread = embed(page)
        form = thread.locator("form.composer")
        form.locator("textarea").fill("From another site.")
        form.get_by_label("Name", exact=True).fill("Noor")
        form.get_by_role("button", name="Post").click()
        expect(thread.locator(".comment.own > .body")).to_have_text("From another site.")

        (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == COOKIE]
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "None"
        assert cookie.get("partitionKey")

        page.reload()
        edit(page, "From another site, edited.")
        # As a page of its own Aftershow is somebody else's cookie jar: nothing to edit there.
        page.goto(talk)
        page.goto(f"{talk}/embed/newsroom?url={article}")
        expect(page.locator(".comment .body")).to_have_text("From another site, edited.")
        expect(page.get_by_role("link", name="Edit")).to_have_count(0)
