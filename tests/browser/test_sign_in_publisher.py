"""A publisher signs its own readers in: its page says by a token who reads it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from forum.core.clock import SystemClock
from tests.browser.entering import frame_of, open_article, signed_in_as
from tests.browser.foreign import Foreign, strict_browser, two_sites
from tests.support.publisher import segment

SECRET: Final = "s" * 40
ISSUER: Final = "https://login.news.example"
SEND: Final = "message => document.querySelector('iframe').contentWindow.postMessage(message, '*')"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Foreign]:
    """A publisher that signs its readers in by a shared secret."""
    with two_sites(tmp_path) as place:
        place.change_site(sso_algorithm="HS256", sso_key=SECRET, sso_issuer=ISSUER)
        yield place


def token(place: Foreign, sub: str = "reader-7", name: str = "Edda", **changes: Any) -> str:
    now = int(SystemClock().now().timestamp())
    claims = {"iss": ISSUER, "aud": place.talk, "sub": sub, "name": name, "iat": now, "exp": now + 120}
    text = f"{segment({'alg': 'HS256'})}.{segment({**claims, 'jti': secrets.token_hex(8), **changes})}"
    return f"{text}.{segment(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())}"


def test_whoever_the_page_vouches_for_writes_at_once(place: Foreign, tmp_path: Path) -> None:
    with strict_browser(tmp_path) as context:
        told: list[str] = []
        context.on("request", lambda request: told.append(request.url) if request.url.endswith("/sso") else None)
        page, thread = open_article(context, place.page(sso=token(place)))
        expect(signed_in_as(thread, "Edda")).to_be_visible()
        thread.locator("textarea").fill("Vouched for.")
        thread.get_by_role("button", name="Post", exact=True).click()
        expect(thread.locator(".comment.own .name bdi")).to_have_text("Edda")
        assert len(told) == 1

        # Known already: the next page costs no new session; somebody else on the same machine is somebody else.
        page.goto(place.page(sso=token(place)))
        expect(signed_in_as(thread, "Edda")).to_be_visible()
        assert len(told) == 1
        page.goto(place.page(sso=token(place, "reader-8", "Ravi")))
        expect(signed_in_as(thread, "Ravi")).to_be_visible()

        # Who signs out stays out, whatever the page says next.
        thread.get_by_role("button", name="Sign out").click()
        expect(thread.get_by_label("Name", exact=True)).to_be_visible()
        page.goto(place.page(sso=token(place, "reader-8", "Ravi")))
        expect(thread.get_by_label("Name", exact=True)).to_be_visible()
        expect(thread.locator("html[data-sized]")).to_be_attached()
        page.evaluate(SEND, {"type": "aftershow:theme", "theme": "dark"})
        expect(thread.locator("html[data-theme=dark]")).to_be_attached()
        assert len(told) == 2


def test_nobody_else_may_vouch(place: Foreign, tmp_path: Path) -> None:
    with strict_browser(tmp_path) as context:
        told: list[str] = []
        context.on("request", lambda request: told.append(request.url) if request.url.endswith("/sso") else None)
        page, thread = open_article(context, place.page())
        expect(thread.get_by_label("Name", exact=True)).to_be_visible()
        say = "message => window.postMessage({ type: 'aftershow:sso', token: message }, '*')"
        frame_of(page).evaluate(say, token(place))
        for wrong in ({"type": "aftershow:sso", "token": "x" * 4097}, {"type": "aftershow:sso", "token": 7}):
            page.evaluate(SEND, wrong)
        expect(thread.locator("html[data-sized]")).to_be_attached()
        page.evaluate(SEND, {"type": "aftershow:theme", "theme": "dark"})
        expect(thread.locator("html[data-theme=dark]")).to_be_attached()
        assert told == []
        # Neither does a bad token take anything away, nor can the page sign anybody out.
        page.evaluate(SEND, {"type": "aftershow:sso", "token": token(place, aud="https://elsewhere.example")})
        expect(thread.get_by_label("Name", exact=True)).to_be_visible()
        page.evaluate(SEND, {"type": "aftershow:sso", "token": token(place)})
        expect(signed_in_as(thread, "Edda")).to_be_visible()
        page.evaluate(SEND, {"type": "aftershow:sign-out"})
        page.evaluate(SEND, {"type": "aftershow:theme", "theme": "light"})
        expect(thread.locator("html[data-theme=light]")).to_be_attached()
        expect(signed_in_as(thread, "Edda")).to_be_visible()
