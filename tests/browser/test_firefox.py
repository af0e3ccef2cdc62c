"""Signing in inside the widget, on another site, over https, in Firefox: it keeps cookies and storage apart by rules of
its own, and lets people refuse those of other sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from forum.accounts.links import mail_code, mail_link, shown_code
from tests.browser.foreign import AUTHORITY, EMBED_COOKIE, SITE, Foreign, two_sites
from tests.support import firefox
from tests.support.firefox import Firefox
from tests.support.identity import add_provider, identity_provider
from tests.support.marionette import Place

pytestmark = pytest.mark.skipif(
    firefox.path() is None, reason="there is no Firefox on this machine (`make firefox` installs Debian's)"
)
# Values of network.cookie.cookieBehavior.
APART, REFUSED = 5, 1
FRAME: Final = ".aftershow iframe"
THOUGHT: Final = "A thought that took a while."
CALLBACK: Final = "/auth/provider/example/callback"
COOKIES: Final = {APART: "third-party cookies kept apart", REFUSED: "third-party cookies refused"}
# What happens in the window of its own, which is nobody's third party.
apart = pytest.mark.parametrize("scene", [APART], ids=COOKIES.get, indirect=True)


@dataclass(slots=True)
class Scene:
    """Two sites and a browser that goes between them."""

    place: Foreign
    fox: Firefox
    cookies: int

    def article(self, **embed: str) -> tuple[Place, Place]:
        """A page of the publisher's, and the discussion in it."""
        article = self.fox.open(self.place.page(**embed))
        return article, article.frame(FRAME)

    def press_sign_in(self, thread: Place) -> Place:
        """Ask to sign in; the window that opens."""
        thread.see("html[data-ready]")
        popup = self.fox.opened(lambda: thread.click("form.composer a[data-sign-in]"))
        popup.see("h1", "Sign in")
        return popup

    def ask_for_mail(self, popup: Place, address: str) -> str:
        """Have a mail sent; its handle."""
        popup.fill("#email", address)
        popup.click("button", "Send me a link")
        popup.see("#code")
        return self.place.mailed()

    def become(self, popup: Place, name: str) -> None:
        """Sign in as somebody new, with the code from a mail."""
        handle = self.ask_for_mail(popup, f"{name.lower()}@example.org")
        popup.fill("#code", shown_code(mail_code(self.place.app.rt.settings, handle)))
        popup.click("button", "Go on")
        popup.fill("[name=name]", name)
        popup.click("button", "Begin")

    def agree(self, popup: Place) -> None:
        """Say yes in the window; it closes by itself."""
        popup.click("button", "Yes, as")
        self.fox.closed(popup)

    def kept(self, thread: Place) -> None:
        """The session is where this browser may keep one."""
        cookie = self.fox.cookies().get(EMBED_COOKIE)
        bearer = thread.run("return sessionStorage.getItem(`aftershow.bearer.${arguments[0]}`)", SITE)
        if self.cookies == REFUSED:
            assert cookie is None
            assert len(bearer) > 40
            return
        assert cookie is not None
        assert bearer is None
        assert cookie["isSecure"]
        assert cookie["isHttpOnly"]
        # Firefox before 141 knows no `Partitioned`, and keeps third parties apart in its own way.
        if self.fox.ask("return Services.prefs.getBoolPref('network.cookie.CHIPS.enabled', false)"):
            assert cookie["isPartitioned"]
            assert cookie["partition"] == "(https,news.test)"


def signed_in(thread: Place, name: str) -> None:
    """The form writes under this name."""
    thread.see("form.composer [data-as] .person bdi", name)


def post(thread: Place) -> None:
    """Post what was typed."""
    thread.click("form.composer button", "Post")
    thread.see(".comment.own .body", THOUGHT)


@pytest.fixture(params=[APART, REFUSED], ids=COOKIES.get)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """Firefox as it comes, and as people set it who refuse cookies of other sites."""
    preferences = {"network.cookie.cookieBehavior": request.param}
    with (
        two_sites(tmp_path, mail_url=f"file:{tmp_path}/mail", egress_local=True) as place,
        firefox.running(tmp_path, tmp_path / AUTHORITY, preferences) as fox,
    ):
        yield Scene(place, fox, request.param)
        assert fox.complaints() == []


def test_sign_in_post_reload_still_signed_in(scene: Scene) -> None:
    article, thread = scene.article()
    thread.fill("textarea", THOUGHT)
    popup = scene.press_sign_in(thread)
    scene.become(popup, "Ravi")
    scene.agree(popup)
    signed_in(thread, "Ravi")
    scene.kept(thread)
    assert thread.value("textarea") == THOUGHT
    post(thread)

    article.reload()
    signed_in(thread, "Ravi")
    thread.see(".comment.own .name bdi", "Ravi")
    thread.click(".comment.own a", "Edit")
    thread.fill("form.composer textarea", "Another thought.", "Edit your comment")
    thread.click("form.composer button", "Save")
    thread.see(".comment.own .body", "Another thought.")

    thread.click("button", "Sign out")
    thread.see("form.composer [name=author_name]")
    article.reload()
    thread.see("form.composer [name=author_name]")


def test_a_page_that_cuts_the_way_back_takes_a_code(scene: Scene) -> None:
    article, thread = scene.article(coop="same-origin")
    thread.fill("textarea", THOUGHT)
    popup = scene.press_sign_in(thread)
    thread.see(".signing", "If a window opened")
    scene.become(popup, "Ravi")
    popup.click("button", "Yes, as")
    code = popup.see("[data-handoff-short]")
    thread.fill(".signing input", "ABCD-EFGH")
    thread.click(".signing button", "Use the code")
    thread.see(".signing .problem")
    thread.fill(".signing input", code)
    thread.click(".signing button", "Use the code")
    signed_in(thread, "Ravi")
    scene.kept(thread)
    assert thread.value("textarea") == THOUGHT
    post(thread)
    article.reload()
    signed_in(thread, "Ravi")


def test_a_guest_opens_the_link_in_another_tab_and_claims(scene: Scene) -> None:
    """Once a frame has opened a window, Firefox lets it have first-party cookies: what it kept before has to stay."""
    article, thread = scene.article()
    thread.fill("textarea", THOUGHT)
    thread.fill("form.composer [name=author_name]", "Noor")
    thread.click("form.composer button", "Post")
    thread.see(".comment .body", THOUGHT)
    popup = scene.press_sign_in(thread)
    handle = scene.ask_for_mail(popup, "ravi@example.org")
    mail = scene.fox.open(mail_link(scene.place.app.rt.settings, handle))
    mail.fill("[name=name]", "Ravi")
    mail.click("button", "Begin")
    # The window that waits goes on by itself.
    scene.agree(popup)
    signed_in(thread, "Ravi")
    author = "Noor"
    if scene.cookies == APART:  # a guest without a cookie is nobody who comes back
        thread.click("button", "Make them yours")
        author = "Ravi"
    thread.see(".comment .name bdi", author)
    article.reload()
    signed_in(thread, "Ravi")
    thread.see(".comment .name bdi", author)


@apart
def test_with_a_passkey(scene: Scene) -> None:
    settings = scene.fox.open(f"{scene.place.talk}/auth?next=/settings/sign-in")
    scene.become(settings, "Ravi")
    scene.fox.give_authenticator()
    settings.click("button", "Add a passkey")
    settings.see("[role=status]", "Your passkey is ready.")
    settings.go(f"{scene.place.talk}/auth")
    settings.click("button", "Sign out")
    settings.see("[role=status]", "You are signed out.")

    article, thread = scene.article()
    thread.fill("textarea", THOUGHT)
    popup = scene.press_sign_in(thread)
    popup.click("[data-passkey]")
    scene.agree(popup)
    signed_in(thread, "Ravi")
    post(thread)
    article.reload()
    signed_in(thread, "Ravi")


@apart
def test_with_an_identity_provider(scene: Scene) -> None:
    place = scene.place
    with identity_provider([f"{place.talk}{CALLBACK}"]) as provider:
        place.server.run(add_provider(place.app.rt, provider.issuer))
        article, thread = scene.article()
        thread.fill("textarea", THOUGHT)
        popup = scene.press_sign_in(thread)
        popup.click("a", "Example")
        popup.fill("input[name=login]", "ada")
        popup.click("button", "Sign in")
        popup.click("button", "Begin")
        scene.agree(popup)
        signed_in(thread, "ada")
        post(thread)
        article.reload()
        signed_in(thread, "ada")
