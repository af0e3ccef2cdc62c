"""What people do to sign in inside the widget."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Frame, FrameLocator, Locator, Page, expect

from tests.browser.conftest import embed


def open_article(context: BrowserContext, address: str) -> tuple[Page, FrameLocator]:
    """A page of the publisher's, and the discussion in it."""
    page = context.new_page()
    page.goto(address)
    thread = embed(page)
    wait_until_ready(thread)
    return page, thread


def wait_until_ready(thread: FrameLocator) -> None:
    """Until its script has taken over: a link pressed before that leads, rightly, to a page of its own."""
    thread.locator("html[data-ready]").wait_for(state="attached")


def frame_of(page: Page) -> Frame:
    """The document inside the embed."""
    return next(frame for frame in page.frames if "/embed/" in frame.url)


def press_sign_in(page: Page, thread: FrameLocator) -> Page:
    """Ask to sign in; the window that opens."""
    wait_until_ready(thread)
    with page.expect_popup() as opened:
        thread.get_by_role("link", name="Sign in", exact=True).click()
    return opened.value


def agree(popup: Page) -> None:
    """Say yes in the window; it closes by itself."""
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Yes, as").click()


def signed_in_as(thread: FrameLocator, name: str) -> Locator:
    """The name that a form writes under."""
    return thread.locator("form.composer [data-as] .person bdi").get_by_text(name, exact=True)


def write_as_guest(thread: FrameLocator, name: str, text: str) -> None:
    """Post a comment and see it there."""
    thread.locator("textarea").fill(text)
    thread.get_by_label("Name", exact=True).fill(name)
    thread.get_by_role("button", name="Post", exact=True).click()
    expect(thread.locator(".comment.own .body")).to_have_text(text)
