"""The running product for tests of use cases: both engines, a clock that stands still, and a small cast of people.

`house` is an installation with the site "newsroom". In it `author`, `replier` and `attacker` are three browsers with
cookies and networks of their own; `newcomer()` makes another one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select

from forum.app import Aftershow, create_app, worker_of
from forum.articles.tables import discussion
from forum.comments.model import DRAWN
from forum.comments.tables import comment
from forum.core.clock import FixedClock
from forum.db import Prepared, Tx
from forum.runtime import Runtime
from forum.settings import Settings, WorkerMode
from forum.sites.model import Site
from forum.sites.service import add_site, edit_site

PUBLIC_URL: Final = "https://talk.example"
NEWS: Final = "https://news.example"
ARTICLE: Final = f"{NEWS}/gutterlight"
START: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
# What a browser adds when one of our own pages writes.
OURS: Final = {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin"}
COMMENTS: Final = "/api/v1/sites/newsroom/comments"
FORM: Final = "/embed/newsroom/comments"

# httpx looks for it at each request; to search the whole path for what is not there takes longer than many an answer.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

_COMMENTS = Prepared(select(comment))
_DISCUSSIONS = Prepared(select(discussion))


@dataclass(slots=True)
class Person:
    """One browser: its own cookies, its own network."""

    name: str
    http: httpx.AsyncClient

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """GET, following nothing."""
        return await self.http.get(path, **options)

    async def read(self, path: str, **options: Any) -> Any:
        """The JSON of an answer that must be 200."""
        answer = await self.http.get(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, body: str, *, key: str | None = None, path: str = COMMENTS, **fields: Any) -> httpx.Response:
        """Post a comment through the API; without `url` or `discussion_id` it goes below ARTICLE."""
        where = {} if {"url", "discussion_id"} & set(fields) else {"url": ARTICLE}
        sent = {"body": body, "author_name": self.name, **where, **fields}
        headers = OURS if key is None else {**OURS, "idempotency-key": key}
        return await self.http.post(path, json=sent, headers=headers)

    async def post(self, body: str, **options: Any) -> dict[str, Any]:
        """Post a comment that must be accepted, and return it."""
        answer = await self.send(body, **options)
        assert answer.status_code == 201, answer.text
        posted: dict[str, Any] = answer.json()
        return posted

    async def reply(self, parent: dict[str, Any], body: str, **options: Any) -> dict[str, Any]:
        """Reply to a comment; the reply must be accepted."""
        return await self.post(body, parent_id=parent["id"], **options)

    async def edit(self, comment_id: str, body: str, revision: int = 1) -> httpx.Response:
        """Change a comment's text."""
        sent = {"body": body, "revision": revision}
        return await self.http.patch(f"/api/v1/comments/{comment_id}", json=sent, headers=OURS)

    async def delete(self, comment_id: str) -> httpx.Response:
        """Take a comment away."""
        return await self.http.delete(f"/api/v1/comments/{comment_id}", headers=OURS)

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as one of our own pages does."""
        return await self.http.post(path, data=fields, headers=OURS)


@dataclass(slots=True)
class House:
    """An installation that runs, and who is in it."""

    app: Aftershow
    clock: FixedClock
    site: Site
    secret: str
    people: AsyncExitStack
    author: Person = field(init=False)
    replier: Person = field(init=False)
    attacker: Person = field(init=False)
    _networks: int = 0

    @property
    def rt(self) -> Runtime:
        return self.app.rt

    async def newcomer(self, name: str = "Noor", *, network: str | None = None) -> Person:
        """Another browser, without a cookie yet, in a network of its own unless one is given."""
        self._networks += 1
        address = network or f"203.0.113.{self._networks}"
        transport = httpx.ASGITransport(app=self.app, client=(address, 50_000))
        http = httpx.AsyncClient(transport=transport, base_url=self.rt.settings.public_url)
        return Person(name, await self.people.enter_async_context(http))

    async def change_site(self, **changes: Any) -> None:
        """Configure the site anew."""
        self.site = replace(self.site, **changes)
        await edit_site(self.rt.db, self.site)

    async def add_site(self, key: str, **changes: Any) -> tuple[Site, str]:
        """Another site, with its secret."""
        return await add_site(self.rt.db, self.rt.ids, replace(a_site(), key=key, **changes))

    async def publish(self, **fields: Any) -> httpx.Response:
        """Say something about ARTICLE (or another `url`) as its publisher."""
        bearer = {"authorization": f"Bearer {self.secret}"}
        publisher = await self.newcomer()
        return await publisher.http.put(
            "/api/v1/sites/newsroom/articles", json={"url": ARTICLE, **fields}, headers=bearer
        )

    async def run_jobs(self) -> int:
        """Let the worker do what is due now; returns how many jobs it tried."""
        return await worker_of(self.rt).run_due()

    async def rows(self, statement: Any) -> list[Any]:
        """Rows of any select, in a fresh reading."""
        async with self.rt.db.read(fresh=True) as tx:
            return await tx.fetch_all(statement if isinstance(statement, Prepared) else Prepared(statement))

    async def recount(self) -> int:
        """Check that every counter equals a recount and every thread is a tree; returns the number of comments."""
        comments = {row.id: row for row in await self.rows(_COMMENTS)}
        drawn = [row for row in comments.values() if row.status in DRAWN or row.marked]
        assert all(row.parent_id is None or comments[row.parent_id] in drawn for row in drawn)
        replies = Counter(row.parent_id for row in drawn)
        below = Counter(row.root_id for row in drawn if row.parent_id is not None)
        for row in comments.values():
            assert row.reply_count == replies[row.id]
            assert row.subtree_count == (below[row.id] if row.parent_id is None else 0)
            if row.parent_id is not None:
                parent = comments[row.parent_id]
                assert (row.root_id, row.depth) == (parent.root_id, parent.depth + 1)
                assert row.root_seq > parent.root_seq
        places = Counter((row.root_id, row.root_seq) for row in comments.values())
        assert not places or max(places.values()) == 1
        readable = Counter(row.discussion_id for row in comments.values() if row.status == "published")
        for row in await self.rows(_DISCUSSIONS):
            assert row.comment_count == readable[row.id]
        return len(comments)

    @contextmanager
    def recorded(self) -> Iterator[list[Prepared]]:
        """Collect every statement that runs inside the block."""
        statements: list[Prepared] = []

        def record(tx: Tx) -> None:
            statements.extend(tx.statements)

        self.rt.db.recorder = record
        try:
            yield statements
        finally:
            self.rt.db.recorder = None


def a_site() -> Site:
    """The newsroom: one origin, guests welcome, nothing held."""
    return Site(0, "newsroom", "The Newsroom", "en", (NEWS,), True, False, False, "", START)


def settings_for(database_url: str, **options: Any) -> Settings:
    """Settings under test: no rate limits unless asked for, and a worker that runs only when it is told to."""
    given = {"public_url": PUBLIC_URL, "rate_limits": False, "worker": WorkerMode.SEPARATE, **options}
    return Settings(database_url=database_url, secret_key="k" * 40, **given)


@asynccontextmanager
async def open_house(database_url: str, **options: Any) -> AsyncIterator[House]:
    """A running installation with its cast; `options` are settings."""
    clock = FixedClock(START)
    app = create_app(settings_for(database_url, **options), clock=clock)
    async with AsyncExitStack() as people, app.router.lifespan_context(app):
        site, secret = await add_site(app.rt.db, app.rt.ids, a_site())
        house = House(app, clock, site, secret, people)
        house.author = await house.newcomer("Ada", network="198.51.100.1")
        house.replier = await house.newcomer("Ravi", network="198.51.100.2")
        house.attacker = await house.newcomer("Mallory", network="198.51.100.3")
        yield house


@pytest.fixture
async def house(engine_url: str) -> AsyncIterator[House]:
    """An installation on each engine, with rate limits off."""
    async with open_house(engine_url) as opened:
        yield opened


@pytest.fixture
async def postgresql_house(postgresql_url: str) -> AsyncIterator[House]:
    """An installation on PostgreSQL, for what only several processes on one database can show."""
    async with open_house(postgresql_url) as opened:
        yield opened


def problem(answer: httpx.Response) -> tuple[int, str]:
    """(status, code) of a problem document, whose form is checked on the way."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said = answer.json()
    assert set(said) == {"type", "title", "status", "code", "detail", "errors"}
    assert said["status"] == answer.status_code
    return answer.status_code, said["code"]


def wrong_fields(answer: httpx.Response) -> dict[str, str]:
    """What a 422 says is wrong, by field."""
    assert answer.status_code == 422, answer.text
    return {error["loc"]: error["code"] for error in answer.json()["errors"]}
