"""Signing in inside the widget, on another site, over https: with a window, a code, or where no cookie is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from forum.accounts.links import mail_code, mail_link, shown_code
from tests.browser.entering import agree, frame_of, open_article, press_sign_in, signed_in_as, write_as_guest
from tests.browser.foreign import EMBED_COOKIE, SITE, Foreign, strict_browser, two_sites

THOUGHT: Final = "A thought that took a while."


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Foreign]:
    """Aftershow and a publisher on two https sites."""
    with two_sites(tmp_path, mail_url=f"file:{tmp_path}/mail") as place:
        yield place


@pytest.fixture(params=["third-party", ""], ids=["third-party cookies blocked", "all cookies"])
def context(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrowserContext]:
    """Browsers of both kinds."""
    with strict_browser(tmp_path, blocked=request.param) as context:
        yield context


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that blocks third-party cookies."""
    with strict_browser(tmp_path) as context:
        yield context


def test_sign_in_post_reload_still_signed_in(place: Foreign, context: BrowserContext) -> None:
    place.sign_in(context, place.account("Ada"))
    page, thread = open_article(context, place.page())
    thread.locator("textarea").fill(THOUGHT)
    agree(press_sign_in(page, thread))
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    expect(thread.get_by_label("Name", exact=True)).to_be_hidden()
    expect(thread.locator("textarea")).to_have_value(THOUGHT)
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == EMBED_COOKIE]
    assert cookie["secure"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "None"
    assert cookie.get("partitionKey")
    assert not any("bearer" in key for key in stored(page))

    thread.get_by_role("button", name="Post", exact=True).click()
    own = thread.locator(".comment.own")
    expect(own.locator(".body")).to_have_text(THOUGHT)
    expect(own.locator(".name bdi")).to_have_text("Ada")
    expect(own.locator(".name a")).to_have_attribute("href", f"{place.talk}/u/Ada")

    page.reload()
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    expect(own.get_by_role("link", name="Delete")).to_be_visible()


def stored(page: Page) -> list[str]:
    """The keys in the storage of the frame."""
    keys: list[str] = frame_of(page).evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    return keys


def code_of(popup: Page) -> str:
    """The code that a window shows to be pasted."""
    shown = popup.locator("[data-handoff-short]")
    expect(shown).to_be_visible()
    return shown.inner_text()


def paste(thread: FrameLocator, code: str) -> None:
    thread.get_by_role("textbox", name="Code", exact=True).fill(code)
    thread.get_by_role("button", name="Use the code").click()


def test_a_page_that_cuts_the_way_back_takes_a_code(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page(coop="same-origin"))
    thread.locator("textarea").fill(THOUGHT)
    with strict.expect_page() as opened:
        thread.get_by_role("link", name="Sign in", exact=True).click()
    # The browser opened it, and will not say so to the frame.
    expect(thread.get_by_role("group", name="Sign in")).to_contain_text("If a window opened")
    popup = opened.value
    popup.get_by_role("button", name="Yes, as").click()
    code = code_of(popup)

    paste(thread, "ABCD-EFGH")
    expect(thread.locator(".signing .problem")).to_be_visible()
    paste(thread, code.lower().replace("-", " "))
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    expect(thread.locator("textarea")).to_have_value(THOUGHT)
    expect(thread.locator("textarea")).to_be_focused()
    page.reload()
    expect(signed_in_as(thread, "Ada")).to_be_visible()


def test_a_window_that_was_not_opened(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    strict.add_init_script("window.open = () => null;")
    _, thread = open_article(strict, place.page())
    thread.locator("textarea").fill(THOUGHT)
    thread.get_by_role("link", name="Sign in", exact=True).click()
    with strict.expect_page() as opened:
        thread.get_by_role("link", name="Open it in a new tab").click()
    opened.value.get_by_role("button", name="Yes, as").click()
    paste(thread, code_of(opened.value))
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    expect(thread.locator("textarea")).to_have_value(THOUGHT)


def test_a_frame_without_cookies_sends_its_session_itself(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    strict.add_init_script(
        "if (window.parent !== window) Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} });"
    )
    page, thread = open_article(strict, place.page())
    thread.locator("textarea").fill(THOUGHT)
    addresses: list[str] = []
    strict.on("request", lambda request: addresses.append(request.url))
    agree(press_sign_in(page, thread))
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    assert [cookie["name"] for cookie in strict.cookies() if cookie["name"] == EMBED_COOKIE] == []
    token = frame_of(page).evaluate("sessionStorage.getItem('aftershow.bearer.newsroom')")
    thread.get_by_role("button", name="Post", exact=True).click()
    own = thread.locator(".comment.own")
    expect(own.locator(".body")).to_have_text(THOUGHT)

    page.reload()
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    own.get_by_role("link", name="Edit").click()
    thread.get_by_role("textbox", name="Edit your comment").fill("Another thought.")
    thread.get_by_role("button", name="Save").click()
    # Until it is saved, the form with its preview stands there too.
    expect(own.locator("> .body")).to_have_text("Another thought.")
    assert len(token) > 40
    assert not [address for address in addresses if token in address]

    thread.get_by_role("button", name="Sign out").click()
    expect(thread.get_by_label("Name", exact=True)).to_be_focused()
    assert not frame_of(page).evaluate("sessionStorage.getItem('aftershow.bearer.newsroom')")
    expect(thread.locator(".comment.own")).to_have_count(0)
    page.reload()
    expect(thread.get_by_label("Name", exact=True)).to_be_visible()


def test_signing_out_leaves_the_text(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page())
    agree(press_sign_in(page, thread))
    thread.locator("textarea").fill(THOUGHT)
    thread.get_by_role("button", name="Sign out").click()
    expect(thread.locator("[data-status]")).to_have_text("You are signed out.")
    expect(thread.locator("textarea")).to_have_value(THOUGHT)
    assert [cookie["name"] for cookie in strict.cookies() if cookie["name"] == EMBED_COOKIE] == []
    # Here only: on Aftershow's own pages the same person stays signed in.
    page.reload()
    expect(thread.get_by_label("Name", exact=True)).to_be_visible()
    agree(press_sign_in(page, thread))
    expect(signed_in_as(thread, "Ada")).to_be_visible()


def test_a_session_that_ended_keeps_the_text(place: Foreign, strict: BrowserContext) -> None:
    account = place.account("Ada")
    place.sign_in(strict, account)
    page, thread = open_article(strict, place.page())
    agree(press_sign_in(page, thread))
    thread.locator("textarea").fill(THOUGHT)
    place.end_sessions(account)
    thread.get_by_role("button", name="Post", exact=True).click()
    notice = thread.locator("form.composer [data-lost]")
    expect(notice).to_contain_text("You were signed out. Your text is kept.")
    again = notice.get_by_role("link", name="Sign in again")
    expect(again).to_be_focused()
    expect(thread.locator("textarea")).to_have_value(THOUGHT)

    place.sign_in(strict, account)
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    agree(opened.value)
    expect(notice).to_have_count(0)
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    thread.get_by_role("button", name="Post", exact=True).click()
    expect(thread.locator(".comment.own .body")).to_have_text(THOUGHT)

    # Found on arrival as well, and a guest may write on.
    place.end_sessions(account)
    page.reload()
    expect(notice).to_contain_text("You were signed out.")
    thread.locator("textarea").fill("One more.")
    notice.get_by_role("button", name="Post as a guest").click()
    expect(thread.get_by_label("Name", exact=True)).to_be_focused()
    thread.get_by_label("Name", exact=True).fill("Noor")
    page.keyboard.press("Enter")
    expect(thread.locator(".comment.own .body")).to_have_text("One more.")


def test_a_cookie_that_is_gone_keeps_the_text(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page())
    agree(press_sign_in(page, thread))
    thread.locator("textarea").fill(THOUGHT)
    strict.clear_cookies()
    thread.get_by_role("button", name="Post", exact=True).click()
    expect(thread.locator("form.composer [data-lost]")).to_contain_text("You were signed out. Your text is kept.")
    expect(thread.locator("[data-problem=author_name]")).to_be_hidden()
    expect(thread.locator("textarea")).to_have_value(THOUGHT)


def test_with_the_keyboard_alone(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page())
    thread.get_by_label("Name", exact=True).focus()
    page.keyboard.press("Tab")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    popup = opened.value
    code = thread.get_by_role("textbox", name="Code", exact=True)
    expect(code).to_be_visible()
    # Escape closes the question, not what was written.
    page.keyboard.press("Tab")
    expect(code).to_be_focused()
    page.keyboard.press("Escape")
    expect(code).to_have_count(0)
    expect(thread.get_by_role("link", name="Sign in", exact=True)).to_be_focused()
    popup.get_by_role("button", name="Yes, as").focus()
    with popup.expect_event("close"):
        popup.keyboard.press("Enter")
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    expect(thread.locator("textarea")).to_be_focused()


def test_no_other_window_may_hand_a_code(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page())
    with page.expect_popup():
        thread.get_by_role("link", name="Sign in", exact=True).click()
    redeemed: list[str] = []
    strict.on("request", lambda request: redeemed.append(request.url) if "/redeem" in request.url else None)
    page.evaluate(
        "document.querySelector('iframe').contentWindow.postMessage({ type: 'aftershow:handoff', code: 'x' }, '*')"
    )
    frame_of(page).evaluate("window.postMessage({ type: 'aftershow:handoff', code: 'x' }, '*')")
    paste(thread, "WRONG")
    expect(thread.locator(".signing .problem")).to_be_visible()
    assert len(redeemed) == 1


def test_with_a_code_from_a_mail(place: Foreign, strict: BrowserContext) -> None:
    place.account("Ada", "ada@example.org")
    page, thread = open_article(strict, place.page())
    thread.locator("textarea").fill(THOUGHT)
    popup = press_sign_in(page, thread)
    popup.get_by_role("textbox", name="Your e-mail address").fill("ada@example.org")
    popup.get_by_role("button", name="Send me a link").click()
    code = popup.get_by_role("textbox", name="Code")
    code.fill(shown_code(mail_code(place.app.rt.settings, place.mailed())))
    popup.get_by_role("button", name="Go on").click()
    agree(popup)
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    thread.get_by_role("button", name="Post", exact=True).click()
    expect(thread.locator(".comment.own .body")).to_have_text(THOUGHT)
    page.reload()
    expect(signed_in_as(thread, "Ada")).to_be_visible()


def test_somebody_new_opens_the_link_in_another_window(place: Foreign, strict: BrowserContext) -> None:
    page, thread = open_article(strict, place.page())
    thread.locator("textarea").fill(THOUGHT)
    popup = press_sign_in(page, thread)
    popup.get_by_role("textbox", name="Your e-mail address").fill("ravi@example.org")
    popup.get_by_role("button", name="Send me a link").click()
    expect(popup.get_by_role("textbox", name="Code")).to_be_visible()
    mail = strict.new_page()
    mail.goto(mail_link(place.app.rt.settings, place.mailed()))
    mail.get_by_role("textbox", name="Your name").fill("Ravi")
    mail.get_by_role("button", name="Begin").click()
    # The window that waits goes on by itself.
    agree(popup)
    expect(signed_in_as(thread, "Ravi")).to_be_visible()
    expect(thread.locator("textarea")).to_have_value(THOUGHT)


def test_a_site_without_guests_lets_people_in(place: Foreign, strict: BrowserContext) -> None:
    place.change_site(guests=False)
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page())
    expect(thread.locator("textarea")).to_have_count(0)
    with page.expect_popup() as opened:
        thread.get_by_role("link", name="Sign in to comment").click()
    agree(opened.value)
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    thread.locator("textarea").fill(THOUGHT)
    thread.get_by_role("button", name="Post", exact=True).click()
    own = thread.locator(".comment.own")
    expect(own.locator(".body")).to_have_text(THOUGHT)
    own.get_by_role("link", name="Reply").click()
    reply = thread.locator(".inline form.composer")
    expect(reply.locator("[data-as] bdi")).to_have_text("Ada")
    reply.locator("textarea").fill("An answer.")
    reply.get_by_role("button", name="Post", exact=True).click()
    expect(thread.locator(".replies .comment.own .body")).to_have_text("An answer.")
    thread.get_by_role("button", name="Sign out").click()
    expect(thread.get_by_role("link", name="Sign in to comment")).to_be_focused()
    expect(thread.get_by_role("link", name="Reply")).to_have_count(0)


def test_the_same_page_for_everybody(place: Foreign, strict: BrowserContext) -> None:
    _, thread = open_article(strict, place.page())
    asked: list[str] = []
    strict.on("request", lambda request: asked.append(request.url) if "/api/v1/me" in request.url else None)
    page, _ = open_article(strict, place.page())
    expect(thread.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    page.goto(place.talk)
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_attribute(
        "href", f"{place.talk}/auth?next=%2F"
    )
    assert asked == []


def test_others_are_muted_and_the_discussion_is_followed(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, thread = open_article(strict, place.page())
    write_as_guest(thread, "Noor", "From a guest.")
    agree(press_sign_in(page, thread))
    # What this browser wrote before can be made one's own.
    thread.get_by_role("button", name="Make them yours").click()
    own = thread.locator(".comment.own")
    expect(own.locator(".name bdi")).to_have_text("Ada")
    expect(own.locator(".body")).to_have_text("From a guest.")
    expect(thread.locator("[data-claim] p")).to_have_text("Comments that are yours now: 1")
    expect(thread.locator("[data-claim] p")).to_be_focused()

    place.post(place.page(), "Something loud.", name="Mallory")
    page.reload()
    expect(own.locator(".name bdi")).to_have_text("Ada")
    expect(thread.locator("[data-claim]")).to_have_count(0)
    loud = thread.locator("li[data-comment]", has_text="Mallory")
    loud.get_by_role("button", name="Mute").click()
    expect(loud.get_by_text("Something loud.")).to_be_hidden()
    expect(loud.get_by_role("button", name="Show once")).to_be_focused()
    thread.get_by_role("button", name="Follow", exact=True).click()
    expect(thread.get_by_role("button", name="Following")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(thread.get_by_role("button", name="Following")).to_be_visible()
    expect(loud.get_by_text("You muted this person.")).to_be_visible()
    expect(loud.get_by_text("Something loud.")).to_be_hidden()
    loud.get_by_role("button", name="Show once").click()
    expect(loud.get_by_text("Something loud.")).to_be_visible()
    loud.get_by_role("button", name="Unmute").click()
    page.reload()
    expect(loud.get_by_text("Something loud.")).to_be_visible()


def test_a_page_that_opens_the_window_itself_gets_no_code(place: Foreign, strict: BrowserContext) -> None:
    place.sign_in(strict, place.account("Ada"))
    page, _ = open_article(strict, place.page())
    query = urlencode({"site": SITE, "origin": place.news, "challenge": "A" * 43})
    with page.expect_popup() as opened:
        page.evaluate(
            "address => { window.heard = []; addEventListener('message', (event) => heard.push(event.data.type));"
            " window.open(address); }",
            f"{place.talk}/auth/handoff?{query}",
        )
    opened.value.get_by_role("button", name="Yes, as").click()
    # Nobody who may have it answers, so people are shown the code, which counts for nobody but that frame.
    assert code_of(opened.value)
    heard: list[str] = page.evaluate("heard")
    assert "aftershow:handoff" not in heard


def test_an_account_that_is_switched_off(place: Foreign, strict: BrowserContext) -> None:
    account = place.account("Ada")
    place.sign_in(strict, account)
    page, thread = open_article(strict, place.page())
    popup = press_sign_in(page, thread)
    popup.get_by_role("button", name="Yes, as").wait_for()
    thread.locator("textarea").fill(THOUGHT)
    agree(popup)
    expect(signed_in_as(thread, "Ada")).to_be_visible()
    place.disable(account)
    thread.get_by_role("button", name="Post", exact=True).click()
    notice = thread.locator("[data-lost]")
    expect(notice).to_contain_text("Your text is kept.")
    expect(thread.locator("textarea")).to_have_value(THOUGHT)
    expect(thread.get_by_role("button", name="Mute")).to_have_count(0)
