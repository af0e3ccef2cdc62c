"""A small seeded installation for contract tests: one site, one discussion with a few comments, no rate limits."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx
import uvicorn

from forum.accounts.model import Account, Role
from forum.accounts.queries import set_role
from forum.app import Aftershow
from forum.settings import Settings, WorkerMode
from forum.sites.model import Site
from forum.sites.service import add_site, directory
from tests.support.begun import Begun, an_author, begin
from tests.support.works import JESSICA, bring

PUBLIC_URL: Final = "http://localhost:8000"
NEWS: Final = "https://news.example"
ARTICLE: Final = f"{NEWS}/gutterlight"
# One stretch in a line, and one of its own with another inside.
SPOILERS: Final = """> the last scene

What was in the box? [JJ S1E13]||A *lemon*.||

:::spoiler JJ S1E4
Or two. ||Or three.||
:::"""
OUR_PAGES: Final = {"origin": PUBLIC_URL}  # what a browser says when one of our own pages writes


@dataclass(frozen=True, slots=True)
class Seeds:
    """What is there: the site's secret, the discussion, two top-level comments, a reply below the first and its
    author's cookie, a comment that was deleted below the second, a work of the catalogue, the id of a passage that the
    second comment covers; and somebody who is signed in, with all that can be begun."""

    secret: str
    discussion: str
    comments: tuple[str, str]
    reply: str
    deleted: str
    cookie: str
    passage: str
    begun: Begun
    work: str = JESSICA.id

    @property
    def cookies(self) -> str:
        """Those of a browser that wrote the reply as a guest, and is signed in now."""
        return f"{self.cookie}; {self.begun.cookie}"

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of every comment."""
        return (*self.comments, self.reply, self.deleted)


def settings(database_url: str, *, public_url: str = PUBLIC_URL, **options: object) -> Settings:
    """Settings of an installation under test. The worker stays off: nothing looks at article pages."""
    given: dict[str, object] = {"rate_limits": False, "worker": WorkerMode.SEPARATE, "metrics": True, **options}
    return Settings(database_url=database_url, public_url=public_url, secret_key="k" * 40, **given)  # type: ignore[arg-type]


def draft(key: str = "newsroom", *, language: str = "en", hold: bool = False, guests: bool = True) -> Site:
    """A site to add."""
    made = datetime(2025, 6, 1, tzinfo=UTC)
    return Site(0, key, "The Newsroom", language, (NEWS,), guests, hold, False, "", made)


@asynccontextmanager
async def client(app: Aftershow) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running application, without cookies and without headers of its own."""
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
        yield http


async def post(http: httpx.AsyncClient, body: str, **fields: str) -> httpx.Response:
    """Post a comment in the seeded article's discussion as somebody new."""
    http.cookies.clear()
    sent = {"body": body, "author_name": "Ada", **({} if "discussion_id" in fields else {"url": ARTICLE}), **fields}
    answer = await http.post("/api/v1/sites/newsroom/comments", json=sent, headers=OUR_PAGES)
    assert answer.status_code == 201, answer.text
    return answer


async def seed(app: Aftershow, http: httpx.AsyncClient) -> Seeds:
    """Add the site and write the discussion, over HTTP as people do."""
    _, secret = await add_site(app.rt.db, app.rt.ids, draft())
    await bring(app.rt)
    first = (await post(http, "I *never* trusted the ferryman.")).json()["id"]
    covering = (await post(http, SPOILERS)).json()
    second = covering["id"]
    deleted = (await post(http, "Forget it.", parent_id=second)).json()["id"]
    await http.delete(f"/api/v1/comments/{deleted}", headers=OUR_PAGES)
    answer = await post(http, "Me neither.", parent_id=first)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    article = {"url": ARTICLE, "title": "Gutterlight returns", "prompt": "Where will it go?"}
    bearer = {"authorization": f"Bearer {secret}"}
    http.cookies.clear()
    put = await http.put("/api/v1/sites/newsroom/articles", json=article, headers=bearer)
    assert put.status_code == 200, put.text
    passage = covering["passages"][0]["id"]
    begun = await begin(app.rt, await an_author(app.rt))
    return Seeds(secret, put.json()["id"], (first, second), answer.json()["id"], deleted, cookie, passage, begun)


@contextmanager
def served(app: Aftershow) -> Iterator[str]:
    """The application behind the real server on a free loopback port; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", ws="none", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)  # polls a condition
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


async def an_editor(app: Aftershow, account: Account) -> None:
    """Let somebody moderate the site, and set its rules."""
    site, now = (await directory(app.rt))["newsroom"], app.rt.clock.now()
    await app.rt.db.write(lambda tx: set_role(tx, site_id=site.id, account_id=account.id, role=Role.EDITOR, now=now))
