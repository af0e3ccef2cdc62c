"""Signing in inside the widget, on another site, over https, with a passkey."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.entering import agree, open_article, press_sign_in, signed_in_as
from tests.browser.foreign import strict_browser, two_sites
from tests.browser.test_passkeys import PAGE, device, offer

THOUGHT = "A thought that took a while."


@pytest.mark.parametrize("blocked", ["third-party", ""], ids=["third-party cookies blocked", "all cookies"])
def test_with_a_passkey(tmp_path: Path, blocked: str) -> None:
    with two_sites(tmp_path) as place, strict_browser(tmp_path, blocked=blocked) as context:
        place.sign_in(context, place.account("Ada"))
        page = context.new_page()
        held = device(page)
        page.goto(place.talk + PAGE)
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
        (credential,) = held.tell("getCredentials")["credentials"]
        context.clear_cookies()

        article, thread = open_article(context, place.page())
        thread.locator("textarea").fill(THOUGHT)
        popup = press_sign_in(article, thread)
        # An authenticator of the protocol belongs to one window.
        device(popup).tell("addCredential", credential=credential)
        offer(popup).click()
        agree(popup)
        expect(signed_in_as(thread, "Ada")).to_be_visible()
        thread.get_by_role("button", name="Post", exact=True).click()
        expect(thread.locator(".comment.own .body")).to_have_text(THOUGHT)
        article.reload()
        expect(signed_in_as(thread, "Ada")).to_be_visible()
