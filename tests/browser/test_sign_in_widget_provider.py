"""Signing in with an identity provider inside the widget: the article's site, ours and the provider's are three."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from tests.browser.entering import open_article, press_sign_in
from tests.browser.foreign import strict_browser, two_sites
from tests.browser.test_sign_in_provider import CALLBACK, choose_a_name, sign_in_there
from tests.support.identity import add_provider, identity_provider

THOUGHT: Final = "A thought that took a while."


def test_inside_the_widget_in_a_window(tmp_path: Path) -> None:
    """Cookies of third parties are blocked."""
    with two_sites(tmp_path, egress_local=True) as place, identity_provider([f"{place.talk}{CALLBACK}"]) as provider:
        place.server.run(add_provider(place.app.rt, provider.issuer))
        with strict_browser(tmp_path) as context:
            page, thread = open_article(context, place.page())
            thread.locator("textarea").fill(THOUGHT)
            popup = press_sign_in(page, thread)
            popup.get_by_role("link", name="Example").click()
            popup.wait_for_url(f"{provider.issuer}/**")
            sign_in_there(popup, "ada")
            choose_a_name(popup, "ada")
            with popup.expect_event("close"):
                popup.get_by_role("button", name="Yes, as").click()
            named = thread.locator("form.composer [data-as] .person bdi")
            expect(named).to_have_text("ada")
            expect(thread.locator("textarea")).to_have_value(THOUGHT)
            page.reload()
            expect(named).to_have_text("ada")
