"""Aftershow and a publisher on two https sites, and browsers that go between them as people have them set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import trustme
from playwright.sync_api import BrowserContext, expect, sync_playwright
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route

from forum.accounts import queries, queries_session
from forum.accounts.model import Account, State
from forum.accounts.service_operator import switch
from forum.accounts.service_session import begin_main
from forum.accounts.tables import auth_flow
from forum.app import Aftershow, create_app
from forum.articles.service import locate
from forum.comments.service_post import NewComment, post_comment
from forum.core.clock import SystemClock
from forum.core.text import skeleton
from forum.core.visitor import Visitor
from forum.db import Prepared, Tx
from forum.db.migrate import upgrade
from forum.settings import Settings, WorkerMode
from forum.sites.service import add_site, edit_site, get_site
from tests.browser.conftest import PATIENCE
from tests.browser.stage import LiveServer, a_site, free_port, stage_page
from tests.support import chromium

SITE: Final = "newsroom"
MAIN_COOKIE: Final = "__Host-sid"
EMBED_COOKIE: Final = "__Host-esid"
AUTHORITY: Final = "authority.pem"  # who vouches for both sites, for browsers that check it
# The driver switches features off, among them that storage is kept apart for each site around a frame: the last list
# counts.
PARTITIONED: Final = "--disable-features=Translate"
_MAILED = Prepared(select(auth_flow.c.handle).where(auth_flow.c.kind == "mail").order_by(auth_flow.c.created_at.desc()))


@dataclass(slots=True)
class Foreign:
    """Both sites: `talk` is Aftershow's address, `news` the publisher's."""

    talk: str
    news: str
    app: Aftershow
    server: LiveServer

    def page(self, name: str = "article", **embed: str) -> str:
        """The address of a bare page of the publisher's; see `Stage.page`."""
        return f"{self.news}/stage/{name}" + (f"?{urlencode(embed)}" if embed else "")

    def account(self, name: str, email: str | None = None) -> Account:
        """Make an account; its address counts as verified."""
        now = SystemClock().now()
        new = Account(
            id=self.app.rt.ids.next(),
            name=name,
            skeleton=skeleton(name),
            email=email,
            email_key=email,
            email_verified_at=None if email is None else now,
            locale="",
            time_zone="",
            theme="auto",
            is_owner=False,
            state=State.ACTIVE,
            notify="",
            erase_texts=None,
            joining_id=None,
            created_at=now,
        )

        async def work(tx: Tx) -> None:
            await queries.insert_account(tx, new)

        self.server.run(self.app.rt.db.write(work))
        return new

    def sign_in(self, context: BrowserContext, account: Account) -> None:
        """Give a browser a first-party session on Aftershow."""
        rt = self.app.rt
        now = SystemClock().now()
        begun = self.server.run(rt.db.write(lambda tx: begin_main(tx, rt, account, now, agent="Chromium")))
        cookie: Any = {"name": MAIN_COOKIE, "value": begun.token, "url": self.talk, "sameSite": "Lax"}
        context.add_cookies([cookie | {"httpOnly": True, "secure": True}])

    def end_sessions(self, account: Account) -> None:
        """End every session of an account, as its person would from another device."""

        async def work(tx: Tx) -> None:
            await queries_session.delete_sessions(tx, account_id=account.id)

        self.server.run(self.app.rt.db.write(work))

    def disable(self, account: Account) -> None:
        """Switch an account off, as an operator does."""
        self.server.run(switch(self.app.rt, account.name, on=False))

    def change_site(self, **changes: Any) -> None:
        """Configure the publisher's site anew."""

        async def work() -> None:
            site = await get_site(self.app.rt, SITE)
            await edit_site(self.app.rt.db, replace(site, **changes))

        self.server.run(work())

    def post(self, url: str, body: str, *, name: str) -> str:
        """Write a comment as a guest who is new; returns its id."""

        async def work() -> str:
            site = await get_site(self.app.rt, SITE)
            new = NewComment(site, locate(site, url), body, name)
            return str((await post_comment(self.app.rt, Visitor("127.0.0.1"), new)).comment.id)

        return self.server.run(work())

    def mailed(self) -> str:
        """The handle of the latest mail's link and code."""

        async def read() -> str:
            async with self.app.rt.db.read(fresh=True) as tx:
                return str((await tx.fetch_all(_MAILED))[0].handle)

        return self.server.run(read())


@contextmanager
def two_sites(folder: Path, **options: Any) -> Iterator[Foreign]:
    """Aftershow and a publisher on two https sites, with `AUTHORITY` in the folder; `options` are settings."""
    authority = trustme.CA()
    certificate = authority.issue_cert("talk.example", "news.test")
    pem = folder / "server.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(str(pem))
    authority.cert_pem.write_to_path(str(folder / AUTHORITY))
    tls: dict[str, Any] = {"ssl_certfile": str(pem)}
    port = free_port()
    talk = f"https://talk.example:{port}"
    publisher = Starlette(routes=[Route("/stage/{name}", stage_page)])
    publisher.state.talk = talk
    shown = LiveServer(publisher, tls=tls)
    news = f"https://news.test:{shown.port}"
    # The worker stays off: these names lead here only inside the browser.
    database = f"sqlite:///{folder}/foreign.db"
    upgrade(database)
    given: dict[str, Any] = {"rate_limits": False, "worker": WorkerMode.SEPARATE, **options}
    app = create_app(Settings(database_url=database, public_url=talk, secret_key="k" * 40, **given))
    server = LiveServer(app, port=port, tls=tls)
    shown.start()
    server.start()
    try:
        server.run(add_site(app.rt.db, app.rt.ids, a_site(SITE, news)))
        yield Foreign(talk, news, app, server)
    finally:
        server.stop()
        shown.stop()


def _preferences(blocked: str) -> dict[str, Any]:
    if blocked == "third-party":
        return {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
    return {}


@contextmanager
def strict_browser(folder: Path, *, blocked: str = "third-party", **options: Any) -> Iterator[BrowserContext]:
    """A browser as a person would set it: with third-party cookies `blocked`, or nothing (""). `options` are those of a
    context."""
    preferences = folder / "profile" / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps(_preferences(blocked)), encoding="utf-8")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder / "profile"),
            executable_path=chromium.path(),
            args=[*chromium.ARGUMENTS, "--host-resolver-rules=MAP * 127.0.0.1", PARTITIONED],
            ignore_https_errors=True,
            **{"locale": "en-GB", **options},
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()
