"""Somebody with an account and everything begun, and browsers that have their cookies: to look at every page."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

from tests.browser.stage import Stage
from tests.support.begun import Begun, an_author, begin
from tests.support.surfaces import SURFACES

# What leads elsewhere at once.
_NO_PAGES = {"/auth/provider/{key}"}


def somebody(stage: Stage, name: str = "Edda") -> Begun:
    """An account with a session, and one of each thing that can be begun."""

    async def work() -> Begun:
        rt = stage.app.rt
        return await begin(rt, await an_author(rt, name))

    return stage.server.run(work())


def let_in(context: BrowserContext, stage: Stage, begun: Begun) -> None:
    """Give a browser the session, and the note of who lacks a name."""
    pairs = (cookie.split("=", 1) for cookie in begun.cookies)
    context.add_cookies([{"name": name, "value": value, "url": stage.talk} for name, value in pairs])


def pages_about_people(stage: Stage, begun: Begun, *, lang: str = "en") -> list[str]:
    """The address of every page about signing in, a person, and one's own affairs. Public ones are in a language of
    their own unless they are told which."""
    own = ("/auth", "/settings", "/u/")
    patterns = [s.pattern for s in SURFACES if s.method == "GET" and s.pattern.startswith(own)]
    found = []
    for pattern in patterns:
        path = begun.fill(pattern).replace("{name}", begun.account.name) + begun.query(pattern, origin=stage.news)
        if pattern not in _NO_PAGES:
            found.append(f"{stage.talk}{path}" + (f"?lang={lang}" if pattern.startswith("/u/") else ""))
    return found
