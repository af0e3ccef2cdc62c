"""The stage browser tests play on: Aftershow and the newsroom as real servers on two origins of this machine.

The newsroom's origin also serves `/stage/NAME`, a bare page whose query says how it embeds the discussion.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from forum.app import Aftershow, create_app
from forum.articles.model import DiscussionState
from forum.articles.service import Description, describe_article, locate
from forum.comments.service_post import NewComment, Posted, post_comment
from forum.core.clock import SystemClock
from forum.core.visitor import Visitor
from forum.db.migrate import upgrade
from forum.demo import content
from forum.demo.newsroom import create_newsroom
from forum.demo.seed import seed
from forum.settings import Settings
from forum.sites.model import Site
from forum.sites.service import add_site, get_site

T = TypeVar("T")
LONG_ENOUGH: Final = 20.0  # seconds after which a condition counts as never met
BUSY: Final = "gutterlight-second-season"  # the demo article with the long thread
QUIET: Final = "salt-kites-casting"
CAREFUL: Final = "careful"  # a site that holds every comment


def until(condition: Callable[[], T], what: str) -> T:
    """Wait until a condition is true and return what it gave; fails saying `what` was waited for."""
    deadline = time.monotonic() + LONG_ENOUGH
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)  # polls a condition
    return found


class LiveServer:
    """An application behind a real server, in a thread with a loop of its own."""

    def __init__(self, app: ASGIApp, *, port: int = 0, tls: dict[str, Any] | None = None) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.port: int = self._socket.getsockname()[1]
        self.app = app
        self._tls = tls or {}
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._loop = asyncio.new_event_loop()

    def start(self) -> None:
        """Serve; returns once it answers."""
        config = uvicorn.Config(
            self.app, log_level="critical", ws="none", access_log=False, timeout_graceful_shutdown=1, **self._tls
        )
        self._server = uvicorn.Server(config)
        self._thread.start()
        until(lambda: self._server.started or not self._thread.is_alive(), "the server")
        assert self._thread.is_alive(), "the server did not start"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))
        self._loop.close()

    def stop(self) -> None:
        """End it; its address refuses connections from then on."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG_ENOUGH)


@dataclass(slots=True)
class Stage:
    """Both servers, and a hand behind the scenes that writes without a browser."""

    talk: str
    news: str
    app: Aftershow
    server: LiveServer
    settings: Settings

    def article(self, slug: str) -> str:
        """The address of one of the newsroom's articles."""
        return f"{self.news}/articles/{slug}"

    def page(self, name: str, **embed: str) -> str:
        """The address of a bare page; `embed` are the script's data attributes, `before` its distance in pixels."""
        return f"{self.news}/stage/{quote(name)}" + (f"?{urlencode(embed)}" if embed else "")

    def frame(self, url: str, *, site: str = content.SITE_KEY, **look: str) -> str:
        """The address of the document inside an embed."""
        return f"{self.talk}/embed/{site}?{urlencode({'url': url, **look})}"

    def post(self, url: str, body: str, *, name: str = "Ada", parent: str | None = None, site: str = "") -> str:
        """Write a comment as somebody new; returns its id."""
        return str(self.server.run(self._post(url, body, name, parent, site or content.SITE_KEY)).comment.id)

    async def _post(self, url: str, body: str, name: str, parent: str | None, key: str) -> Posted:
        site = await get_site(self.app.rt, key)
        parent_id = None if parent is None else int(parent)
        new = NewComment(site, locate(site, url), body, name, parent_id)
        return await post_comment(self.app.rt, Visitor("127.0.0.1"), new)

    def describe(self, url: str, *, state: str = "open", site: str = content.SITE_KEY, **fields: str) -> str:
        """Describe an article as its publisher; returns the address of its discussion."""

        async def work() -> str:
            said = Description(dict(fields), DiscussionState(state))
            discussion = await describe_article(self.app.rt, locate(await get_site(self.app.rt, site), url), said)
            return f"{self.talk}/d/{discussion.id}"

        return self.server.run(work())

    def stop(self) -> None:
        """Take Aftershow away."""
        self.server.stop()

    def start_again(self) -> None:
        """Bring Aftershow back at the same address, with the same database."""
        self.app = create_app(self.settings)
        self.server = LiveServer(self.app, port=self.server.port)
        self.server.start()


async def stage_page(request: Request) -> HTMLResponse:
    """A publisher's page reduced to the script (or several, or only its counts), for one test each; `coop` is a policy
    that cuts it off from the windows it opens."""
    given = dict(request.query_params)
    before, twice, counts, coop = (given.pop(name, "") for name in ("before", "twice", "counts", "coop"))
    talk = request.app.state.talk
    given.setdefault("site", content.SITE_KEY)
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in given.items())
    script = f'<script src="{talk}/static/embed.js" {data}></script>'
    name = escape(request.path_params["name"])
    space = f'<div style="height:{int(before)}px">The article.</div>' if before else "<p>The article.</p>"
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>'
        f"<body><h1>{name}</h1>{counts}{space}<div id='below'>{script * (2 if twice else 1)}</div></body></html>",
        headers={"cross-origin-opener-policy": coop} if coop else {},
    )


def _publisher(talk: str, news: str) -> Starlette:
    newsroom = create_newsroom(aftershow_url=talk, own_url=news)
    app = Starlette(routes=[Route("/stage/{name}", stage_page), Mount("/", newsroom)])
    app.state.talk = talk
    return app


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def a_site(key: str, origin: str, *, hold: bool = False, language: str = "en") -> Site:
    """A site whose articles stand on one origin."""
    return Site(0, key, key.title(), language, (origin,), True, hold, False, "", SystemClock().now())


@contextmanager
def set_stage(folder: Path, *, seeded: bool = True, **options: Any) -> Iterator[Stage]:
    """Both servers over a fresh SQLite database; `seeded` with the newsroom's threads. `options` are settings."""
    talk_port, news_port = free_port(), free_port()
    talk, news = f"http://localhost:{talk_port}", f"http://localhost:{news_port}"
    given: dict[str, Any] = {"rate_limits": False, "egress_local": True, **options}
    settings = Settings(
        database_url=f"sqlite:///{folder}/stage.db",
        public_url=talk,
        secret_key="k" * 40,
        egress_ports=frozenset({news_port}),
        **given,
    )
    upgrade(settings.database_url)
    app = create_app(settings)
    server = LiveServer(app, port=talk_port)
    publisher = LiveServer(_publisher(talk, news), port=news_port)
    publisher.start()
    server.start()
    stage = Stage(talk, news, app, server, settings)
    try:
        if seeded:
            server.run(seed(app.rt, newsroom_url=news))
        else:
            server.run(add_site(app.rt.db, app.rt.ids, a_site(content.SITE_KEY, news)))
        server.run(add_site(app.rt.db, app.rt.ids, a_site(CAREFUL, news, hold=True)))
        yield stage
    finally:
        stage.server.stop()
        publisher.stop()
