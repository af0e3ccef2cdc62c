"""Passkeys in a browser with an authenticator: add one, sign in with it, by keyboard too, and when it does not work."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from forum.accounts.service_people import create_account
from forum.accounts.service_session import Begun, begin_main
from forum.db import Tx
from forum.web.visitors import main_cookie_name
from tests.browser.conftest import OwnStage, Reader, Watch
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LOOKS, serious
from tests.browser.test_narrow import NARROW, RTL, WIDER

PAGE: Final = "/settings/sign-in"
DEVICE: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
_NUMBERS: Final = count(1)


@dataclass(slots=True)
class Device:
    """The authenticator in a browser."""

    session: CDPSession
    id: str

    def tell(self, what: str, **said: Any) -> Any:
        """A command of the `WebAuthn` domain about this authenticator."""
        return self.session.send(f"WebAuthn.{what}", {"authenticatorId": self.id, **said})

    def recognises(self, yes: bool) -> None:
        """Whether its person's finger (or face) is recognised."""
        self.tell("setUserVerified", isUserVerified=yes)


def device(page: Page) -> Device:
    """Give a page's browser an authenticator."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return Device(session, made["authenticatorId"])


def sign_in(stage: Stage, page: Page) -> str:
    """Give a browser the session of somebody new; returns their name."""
    name = f"Edda {next(_NUMBERS)}"
    rt = stage.app.rt

    async def work(tx: Tx) -> Begun:
        account = await create_account(tx, rt, name, email=None, verified=False, now=rt.clock.now())
        return await begin_main(tx, rt, account, rt.clock.now(), agent="Chromium, Linux")

    begun = stage.server.run(rt.db.write(work))
    cookie = main_cookie_name(stage.settings)
    page.context.add_cookies([{"name": cookie, "value": begun.token, "url": stage.talk, "sameSite": "Lax"}])
    return name


def add_passkey(stage: Stage, page: Page) -> None:
    page.goto(stage.talk + PAGE)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_have_text("Your passkey is ready. You can sign in with it from now on.")


def sign_out(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.talk}/auth")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")


def offer(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign in with a passkey")


def test_add_one_sign_out_and_in_with_it(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    name = sign_in(stage, page)
    device(page)
    add_passkey(stage, page)
    row = page.locator(".rows li").filter(has_text="Chromium, Linux")
    expect(row).to_contain_text("not used yet")
    row.get_by_text("Rename").click()
    row.get_by_label("New name").fill("This laptop")
    row.get_by_role("button", name="Save").click()
    expect(page.locator(".rows")).to_contain_text("This laptop")
    sign_out(stage, page)
    page.goto(f"{stage.talk}/auth?next={PAGE}")
    offer(page).click()
    page.wait_for_url(f"**{PAGE}")
    expect(page.locator(".rows")).to_contain_text("used last")
    page.goto(f"{stage.talk}/auth")
    expect(page.get_by_role("main")).to_contain_text(name)


def test_by_keyboard(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    sign_in(stage, page)
    device(page)
    page.goto(stage.talk + PAGE)
    press(page, page.get_by_role("button", name="Add a passkey"))
    expect(page.get_by_role("status")).to_be_visible()
    press(page, page.locator("summary", has_text="Rename"))
    page.keyboard.press("Tab")
    expect(page.get_by_label("New name")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("My key")
    page.keyboard.press("Enter")
    expect(page.locator(".rows")).to_contain_text("My key")
    sign_out(stage, page)
    page.goto(f"{stage.talk}/auth?next={PAGE}")
    press(page, offer(page))
    page.wait_for_url(f"**{PAGE}")
    expect(page.locator(".rows")).to_contain_text("used last")


def press(page: Page, target: Locator) -> None:
    """Go to something by the tab key alone, and press it."""
    expect(target).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if target.evaluate("(at) => at === document.activeElement"):
            return page.keyboard.press("Enter")
    raise AssertionError("the tab key does not lead there")


def test_cancelled_and_tried_again(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    sign_in(stage, page)
    held = device(page)
    page.goto(stage.talk + PAGE)
    add = page.get_by_role("button", name="Add a passkey")
    held.recognises(False)
    add.click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was added: it was cancelled, or it took too long.")
    held.recognises(True)
    add.click()
    expect(page.get_by_role("status")).to_be_visible()
    sign_out(stage, page)
    page.goto(f"{stage.talk}/auth?next={PAGE}")
    held.recognises(False)
    offer(page).click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used: it was cancelled, or it took too long.")
    expect(offer(page)).to_be_focused()
    held.recognises(True)
    offer(page).click()
    page.wait_for_url(f"**{PAGE}")


def test_one_device_holds_one_for_an_account(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    sign_in(stage, page)
    device(page)
    add_passkey(stage, page)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("This device has a passkey for your account already.")
    expect(page.locator(".rows li")).to_have_count(1)


def test_a_removed_passkey_says_so(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 403", "status of 409")
    page = reader(stage)
    sign_in(stage, page)
    first = device(page)
    add_passkey(stage, page)
    remove = page.locator("summary", has_text="Remove").first
    remove.click()
    page.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("This is the only way you can sign in, so it stays.")
    kept = first.tell("getCredentials")["credentials"]
    first.tell("clearCredentials")
    add_passkey(stage, page)
    page.locator("summary", has_text="Remove").first.click()
    page.get_by_role("button", name="Remove this passkey").first.click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    expect(page.locator(".rows li")).to_have_count(1)
    first.tell("clearCredentials")
    first.tell("addCredential", credential=kept[0])
    sign_out(stage, page)
    page.goto(f"{stage.talk}/auth")
    offer(page).click()
    expect(page.get_by_role("alert")).to_contain_text("This passkey was not accepted.")


def test_a_stale_sign_in_is_made_fresh_first(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 401")
    page = reader(stage)
    sign_in(stage, page)
    device(page)
    page.goto(stage.talk + PAGE)
    page.context.clear_cookies()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/auth?next=*")


def test_browsers_without_passkeys(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    sign_in(stage, page)
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(stage.talk + PAGE)
    expect(page.get_by_text("This browser can't keep passkeys.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    page.context.clear_cookies()
    page.goto(f"{stage.talk}/auth")
    expect(offer(page)).to_be_hidden()


def test_without_scripts(stage: Stage, reader: Reader) -> None:
    page = reader(stage, java_script_enabled=False)
    sign_in(stage, page)
    page.goto(stage.talk + PAGE)
    # Playwright takes scripts away without drawing what stands there for browsers that run none.
    assert "To add a passkey, your browser needs to run scripts" in page.locator("noscript").inner_html()
    page.context.clear_cookies()
    page.goto(f"{stage.talk}/auth")
    assert "To sign in with a passkey, your browser needs to run scripts" in page.locator("noscript").inner_html()
    expect(offer(page)).to_be_hidden()


def test_the_name_field_offers_passkeys(own_stage: OwnStage, reader: Reader, tmp_path: Path) -> None:
    stage = own_stage(mail_url=f"file:{tmp_path}/mail")
    page = reader(stage)
    sign_in(stage, page)
    held = device(page)
    add_passkey(stage, page)
    held.tell("setAutomaticPresenceSimulation", enabled=False)
    sign_out(stage, page)
    page.goto(f"{stage.talk}/auth?next={PAGE}")
    expect(page.get_by_label("Your e-mail address")).to_have_attribute("autocomplete", "email webauthn")
    # Whoever picks one from the list that the browser opens below the field is in, without the button.
    held.tell("setAutomaticPresenceSimulation", enabled=True)
    page.wait_for_url(f"**{PAGE}")


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_is_accessible(stage: Stage, reader: Reader, look: str) -> None:
    page = reader(stage, **LOOKS[look])
    sign_in(stage, page)
    held = device(page)
    add_passkey(stage, page)
    page.locator("summary", has_text="Rename").click()
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert serious(page) == []
    sign_out(stage, page)
    held.tell("clearCredentials")
    offer(page).click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert serious(page) == []


@pytest.mark.parametrize("locale", ["en-GB", RTL])
def test_it_fits_a_small_screen(stage: Stage, reader: Reader, locale: str) -> None:
    page = reader(stage, **NARROW, locale=locale)
    sign_in(stage, page)
    device(page)
    page.goto(stage.talk + PAGE)
    page.locator("[data-add-passkey]").click()
    page.wait_for_url("**done=added")
    page.locator("summary").first.click()
    page.get_by_role("textbox").fill("Gutterlicht" * 5)
    page.keyboard.press("Enter")
    page.wait_for_url("**done=renamed")
    for fold in page.locator("summary").all():
        fold.click()
    assert page.evaluate(WIDER) <= 0
