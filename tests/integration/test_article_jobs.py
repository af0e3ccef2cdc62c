"""What the worker learns from article pages, served here by a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.articles.tables import article
from forum.outbox.model import MAX_ATTEMPTS
from forum.outbox.tables import outbox
from tests.support.app import PUBLIC_URL, House, open_house

pytestmark = pytest.mark.anyio

EMBED = f'<script src="{PUBLIC_URL}/static/embed.js" data-site="newsroom" async></script>'
PAGE = """<!doctype html><html><head><title>Gutterlight returns · The Newsroom</title>
<meta property="og:title" content="Gutterlight returns"><meta property="og:image" content="/lantern.jpg">
<meta property="article:published_time" content="2026-02-27T10:00:00Z"><meta name="author" content="M. Quill">
<link rel="canonical" href="{canonical}"></head><body><article><h1>Gutterlight returns</h1>
<p>The lantern series comes back for a second season, and the ferryman with it.</p>
<p>The first one ended on a question that nobody at the studio wants to answer yet.</p>
<p>Where do you think the story will go? Let us know your thoughts in the comments.</p></article>
{embed}</body></html>"""
VERIFIED = {"title": "Gutterlight returns", "prompt": "Where do you think the story will go?", "author": "M. Quill"}


@dataclass
class Newsroom:
    """A publisher's server: what it answers by path, and the paths it was asked for."""

    origin: str = ""
    pages: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, path: str, *, embed: str = EMBED, canonical: str = "") -> None:
        body = PAGE.format(canonical=canonical or f"{self.origin}{path}", embed=embed)
        self.pages[path] = (200, "content-type: text/html; charset=utf-8", body)

    def answers(self, path: str, status: int, header: str = "x-nothing: yes") -> None:
        self.pages[path] = (status, header, "")

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ", 2)[1]
        self.asked.append(path)
        status, header, body = self.pages.get(path, (404, "x-nothing: yes", ""))
        content = body.encode()
        lines = (f"HTTP/1.1 {status} X", header, f"content-length: {len(content)}", "connection: close", "", "")
        writer.write("\r\n".join(lines).encode() + content)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_newsroom() -> AsyncIterator[Newsroom]:
    newsroom = Newsroom()
    server = await asyncio.start_server(newsroom.handle, "127.0.0.1", 0)
    newsroom.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield newsroom


@dataclass
class Town:
    """An installation and the publisher's server it may reach."""

    house: House
    news: Newsroom
    elsewhere: Newsroom

    async def post(self, path: str = "/story") -> None:
        await self.house.author.post("Hello.", url=f"{self.news.origin}{path}")

    async def article(self) -> Any:
        (row,) = await self.house.rows(select(article))
        return row

    async def job(self) -> Any:
        (row,) = await self.house.rows(select(outbox))
        return row


@pytest.fixture
async def town(engine_url: str) -> AsyncIterator[Town]:
    async with a_newsroom() as news, a_newsroom() as elsewhere, open_house(engine_url, egress_local=True) as house:
        await house.change_site(origins=(news.origin,))
        yield Town(house, news, elsewhere)


async def test_lines_of_a_page_that_hold_spoiler_signs_are_not_taken(town: Town) -> None:
    town.news.page("/story")
    status, header, body = town.news.pages["/story"]
    for line in ("Gutterlight returns", "M. Quill", "Where do you think"):
        body = body.replace(line, f"{line} [spoiler]and ||dies||[/spoiler]")
    town.news.pages["/story"] = (status, header, body)
    await town.post()
    assert await town.house.run_jobs() == 1
    row = await town.article()
    assert row.verified_at is not None
    assert (row.title or "", row.prompt or "", row.author or "") == ("", "", "")


async def test_a_page_with_the_embed_verifies_and_describes_its_article(town: Town) -> None:
    town.news.page("/story")
    await town.post()
    assert (await town.article()).verified_at is None
    assert await town.house.run_jobs() == 1
    row = await town.article()
    assert {name: getattr(row, name) for name in VERIFIED} == VERIFIED
    assert row.image == f"{town.news.origin}/lantern.jpg"
    assert row.published_at.isoformat() == "2026-02-27T10:00:00+00:00"
    assert row.verified_at == town.house.clock.now()
    assert await town.house.rows(select(outbox.c.id)) == []
    assert "Gutterlight returns" in (await town.house.attacker.get("/?lang=en")).text
    embed = await town.house.attacker.get("/embed/newsroom", params={"url": f"{town.news.origin}/story"})
    assert "Where do you think the story will go?" in embed.text


async def test_posting_never_waits_for_the_page(town: Town) -> None:
    await town.post()
    assert town.news.asked == []


async def test_what_the_publisher_said_survives_the_page(town: Town) -> None:
    town.news.page("/story")
    url = f"{town.news.origin}/story"
    await town.house.publish(url=url, title="My title", prompt="My question?")
    await town.house.run_jobs()
    row = await town.article()
    assert (row.title, row.prompt, row.author) == ("My title", "My question?", "M. Quill")


async def test_the_canonical_address_counts_on_the_sites_origins_only(town: Town) -> None:
    town.news.page("/story?print=1", canonical=f"{town.news.origin}/story")
    await town.post("/story?print=1")
    await town.house.run_jobs()
    assert (await town.article()).url == f"{town.news.origin}/story"


async def test_a_canonical_address_of_another_origin_is_ignored(town: Town) -> None:
    town.news.page("/story", canonical=f"{town.elsewhere.origin}/story")
    await town.post()
    await town.house.run_jobs()
    assert (await town.article()).url == f"{town.news.origin}/story"


@pytest.mark.parametrize(
    "embed",
    ["", '<script src="https://evil.example/static/embed.js" data-site="newsroom"></script>',
     f'<script src="{PUBLIC_URL}/static/embed.js" data-site="gazette"></script>'],
)  # fmt: skip
async def test_a_page_without_this_sites_embed_says_nothing(town: Town, embed: str) -> None:
    town.news.page("/story", embed=embed)
    await town.post()
    await town.house.run_jobs()
    row = await town.article()
    assert (row.title, row.verified_at) == ("", None)
    assert (await town.job()).attempts == 1
    assert "Gutterlight" not in (await town.house.attacker.get("/?lang=en")).text


async def test_a_page_that_carries_the_embed_later_is_found_later(town: Town) -> None:
    town.news.page("/story", embed="")
    await town.post()
    await town.house.run_jobs()
    assert await town.house.run_jobs() == 0
    town.news.page("/story")
    town.house.clock.advance(timedelta(seconds=29))
    assert await town.house.run_jobs() == 0
    town.house.clock.advance(timedelta(seconds=1))
    assert await town.house.run_jobs() == 1
    assert (await town.article()).title == "Gutterlight returns"
    assert await town.house.rows(select(outbox.c.id)) == []


async def test_failures_are_retried_ever_later_and_given_up_in_the_end(town: Town) -> None:
    town.news.answers("/story", 500)
    await town.post()
    waits = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert await town.house.run_jobs() == 1, attempt
        waits.append((await town.job()).run_at - town.house.clock.now())
        town.house.clock.advance(waits[-1])
    job = await town.job()
    assert job.attempts == MAX_ATTEMPTS
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert job.dead_at is not None
    assert "the page answers 500" in job.last_error
    town.house.clock.advance(timedelta(days=30))
    assert await town.house.run_jobs() == 0
    assert len(town.news.asked) == MAX_ATTEMPTS
    assert (await town.house.attacker.read("/readyz"))["outbox"] == {"jobs": 1, "dead": 1}


@pytest.mark.parametrize("status", [404, 410])
async def test_a_page_that_is_not_there_yet_is_looked_at_again(town: Town, status: int) -> None:
    town.news.answers("/story", status)
    await town.post()
    await town.house.run_jobs()
    job = await town.job()
    assert job.dead_at is None
    assert str(status) in job.last_error
    assert (await town.article()).verified_at is None
    town.news.page("/story")
    town.house.clock.advance(job.run_at - town.house.clock.now())
    await town.house.run_jobs()
    assert (await town.article()).verified_at == town.house.clock.now()


async def test_a_redirect_within_the_site_is_followed(town: Town) -> None:
    town.news.answers("/old", 301, f"location: {town.news.origin}/story")
    town.news.page("/story")
    await town.post("/old")
    await town.house.run_jobs()
    assert (await town.article()).title == "Gutterlight returns"


async def test_a_redirect_to_another_origin_is_given_up(town: Town) -> None:
    town.news.answers("/story", 302, f"location: {town.elsewhere.origin}/story")
    town.elsewhere.page("/story")
    await town.post()
    await town.house.run_jobs()
    assert (await town.job()).dead_at is not None
    row = await town.article()
    assert (row.title, row.verified_at) == ("", None)


async def test_a_private_address_is_refused_without_the_development_setting(engine_url: str) -> None:
    async with a_newsroom() as news, open_house(engine_url) as house:
        await house.change_site(origins=(news.origin,))
        news.page("/story")
        await house.author.post("Hello.", url=f"{news.origin}/story")
        await house.run_jobs()
        (job,) = await house.rows(select(outbox))
        assert job.dead_at is not None
        assert news.asked == []


async def test_an_article_is_read_once_however_often_it_is_announced(town: Town) -> None:
    town.news.page("/story")
    for _ in range(3):
        await town.post()
    await town.house.run_jobs()
    await town.post()
    assert await town.house.run_jobs() == 0
    assert town.news.asked == ["/story"]
