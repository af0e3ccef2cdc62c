"""Fixtures of browser tests: one Chromium and one stage for a module, a fresh reader for a test.

Every reader is watched: a request to a third origin, an error in the console or a refused policy fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, FrameLocator, Page, expect, sync_playwright

from tests.browser.stage import Stage, set_stage
from tests.support import chromium

PATIENCE: Final = 15_000  # milliseconds: a loaded machine is slow, a broken page does not get better
HERE: Final = Path(__file__).parent

Reader = Callable[..., Page]
OwnStage = Callable[..., Stage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; closed after each module, so that asynchronous tests find no foreign loop running."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium.path(), args=list(chromium.ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both servers with the demo's threads, for all tests of a module: each test writes in a place of its own."""
    with set_stage(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[OwnStage]:
    """Sets a stage for one test, which may break it."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(set_stage(tmp_path, seeded=False, **options))


@dataclass(slots=True)
class Watch:
    """What went wrong around a reader. Tests that break something on purpose forgive the words it is told by."""

    origins: set[str]
    errors: list[str] = field(default_factory=list)
    forgiven: tuple[str, ...] = ()

    def forgive(self, *words: str) -> None:
        """Errors with these words are what the test is about."""
        self.forgiven += words

    def follow(self, context: BrowserContext) -> None:
        """Watch everything a context does."""

        def request(request: Any) -> None:
            parts = urlsplit(request.url)
            if (
                parts.scheme in ("http", "https", "ws", "wss")
                and f"{parts.scheme}://{parts.netloc}" not in self.origins
            ):
                self.errors.append(f"a request to a third origin: {request.url}")

        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.errors.append(f"console: {message.text} ({message.location.get('url', '')})")

        context.on("request", request)
        context.on("console", said)
        context.on("weberror", lambda error: self.errors.append(f"script: {error.error}"))

    def check(self) -> None:
        """Fail with what was seen and not forgiven."""
        assert [error for error in self.errors if not any(word in error for word in self.forgiven)] == []


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What must not happen around any reader of the test."""
    watch = Watch(set())
    yield watch
    watch.check()


@pytest.fixture
def reader(browser: Browser, watch: Watch) -> Iterator[Reader]:
    """Opens browsers that share nothing; options are those of a context (`java_script_enabled=False` and so on)."""
    with ExitStack() as stack:

        def open_page(place: Stage, **options: Any) -> Page:
            watch.origins |= {place.talk, place.news}
            context = browser.new_context(**{"viewport": {"width": 1100, "height": 800}, "locale": "en-GB", **options})
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            watch.follow(context)
            return context.new_page()

        yield open_page


def embed(page: Page) -> FrameLocator:
    """The discussion inside a page of the publisher's."""
    return page.frame_locator(".aftershow iframe, iframe.thread")
