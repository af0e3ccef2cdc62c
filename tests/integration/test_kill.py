"""`kill -9` of the server while people post: what was acknowledged is there, once, and every counter is right."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from forum.comments.tables import comment
from forum.core.clock import SystemClock
from forum.core.ids import IdMaker
from forum.db import Database, Prepared, open_database
from forum.doctor.queries import counters
from forum.sites.service import add_site
from tests.support.app import ARTICLE, COMMENTS, a_site

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ROUNDS: Final = 50
POSTERS: Final = 16
# A round ends when this many more are acknowledged, or a little before or after: the moment is drawn.
FEWEST, MOST = 20, 120
ROOT: Final = Path(__file__).parents[2]
DEADLINE: Final = 30.0
# No certificates are read and no proxy looked for: 16 clients are made in each round.
PLAIN: Final[dict[str, Any]] = {"verify": False, "trust_env": False, "timeout": DEADLINE}


@dataclass(slots=True)
class Server:
    """The real program on one SQLite file, started as often as needed."""

    forker: Process
    url: str = ""
    pid: int = 0

    async def start(self) -> None:
        """Start it and wait for the line that says where it listens."""
        assert self.forker.stdin is not None
        self.forker.stdin.write(b"start\n")
        self.pid, self.url = 0, ""
        while not (self.pid and self.url):
            line = await self._line()
            if line.startswith("pid "):
                self.pid = int(line.split()[1])
            elif line.startswith("Aftershow "):
                self.url = line.partition(" listens on ")[2].split()[0]

    async def kill(self) -> None:
        """SIGKILL: nothing is flushed, nobody is told."""
        os.kill(self.pid, signal.SIGKILL)
        while not (line := await self._line()).startswith("ended "):
            pass
        assert line == "ended -9"

    async def _line(self) -> str:
        assert self.forker.stdout is not None
        async with asyncio.timeout(DEADLINE):
            line = (await self.forker.stdout.readline()).decode()
        assert line, "the server's starter is gone"
        return line.rstrip()


@asynccontextmanager
async def server_on(database: str) -> AsyncIterator[Server]:
    """A server on this database, not yet started; whatever runs at the end is ended."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AFTERSHOW_")}
    environ |= {
        "AFTERSHOW_DATABASE_URL": database,
        "AFTERSHOW_SECRET_KEY": "k" * 40,
        "AFTERSHOW_RATE_LIMITS": "off",
        "AFTERSHOW_WORKER": "separate",
        "AFTERSHOW_LOG_LEVEL": "warning",
        "AFTERSHOW_PORT": "0",
        "COLUMNS": "500",
    }
    command = (sys.executable, "-m", "tests.support.server_forker")
    forker = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=environ, cwd=ROOT, start_new_session=True
    )
    try:
        yield Server(forker)
    finally:
        os.killpg(forker.pid, signal.SIGKILL)
        await forker.communicate()


@dataclass(slots=True)
class Poster:
    """One guest: a browser with its cookie, and what it sent without getting an answer."""

    number: int
    random: random.Random
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    unanswered: tuple[str, dict[str, Any]] | None = None


@dataclass(slots=True)
class Crowd:
    """Everybody who posts, and what they were told."""

    posters: list[Poster]
    acknowledged: dict[str, str] = field(default_factory=dict)  # key → comment id
    repeated: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    goal: int = 0

    async def post(self, server: Server) -> None:
        """Everybody posts until the server is gone."""
        await asyncio.gather(*(self._post_on(poster, server) for poster in self.posters))

    async def _post_on(self, poster: Poster, server: Server) -> None:
        origin = {"origin": "http://localhost:8000"}
        async with httpx.AsyncClient(base_url=server.url, cookies=poster.cookies, headers=origin, **PLAIN) as http:
            try:
                while True:
                    key, sent = self._next(poster)
                    poster.unanswered = (key, sent)
                    answer = await http.post(COMMENTS, json=sent, headers={"idempotency-key": key})
                    assert answer.status_code == 201, answer.text
                    poster.unanswered = None
                    poster.cookies = http.cookies
                    self._note(key, answer.json()["id"])
            except httpx.TransportError:
                return  # killed

    def _next(self, poster: Poster) -> tuple[str, dict[str, Any]]:
        """What this guest sends: most often what nobody answered, else something new, often a reply."""
        if poster.unanswered is not None and poster.random.random() < 0.8:
            self.repeated += 1
            return poster.unanswered
        key = str(UUID(int=poster.random.getrandbits(128)))
        sent = {"url": ARTICLE, "author_name": f"Guest {poster.number}", "body": f"This is {key}."}
        if self.acknowledged and poster.random.random() < 0.6:
            sent["parent_id"] = poster.random.choice(list(self.acknowledged.values())[-200:])
        return key, sent

    def _note(self, key: str, comment_id: str) -> None:
        assert self.acknowledged.setdefault(key, comment_id) == comment_id
        if len(self.acknowledged) >= self.goal:
            self.enough.set()

    def aim(self, more: int) -> None:
        """Tell when so many more are acknowledged."""
        self.goal = len(self.acknowledged) + more
        self.enough.clear()


async def one_round(server: Server, crowd: Crowd, chance: random.Random) -> None:
    """Start, let everybody post, kill in the middle of it."""
    await server.start()
    crowd.aim(chance.randint(FEWEST, MOST))
    posting = asyncio.create_task(crowd.post(server))
    async with asyncio.timeout(DEADLINE):
        await crowd.enough.wait()
    await asyncio.sleep(chance.random() * 0.02)  # not a wait: the moment of death is anywhere within a batch
    await server.kill()
    await posting


async def test_what_was_acknowledged_survives_kill_9(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as db:
        await add_site(db, IdMaker(SystemClock()), a_site())
    chance = random.Random(20_260_301)
    crowd = Crowd([Poster(number, random.Random(number)) for number in range(POSTERS)])
    async with server_on(sqlite_url) as server:
        for _ in range(ROUNDS):
            await one_round(server, crowd, chance)
    assert len(crowd.acknowledged) >= ROUNDS * FEWEST
    assert crowd.repeated > ROUNDS
    await assert_all_there(sqlite_url, crowd)


ROWS = Prepared(select(comment.c.id, comment.c.source))


async def counter_faults(db: Database) -> tuple[int, int, int]:
    """How many (discussions, replies, conversations) are counted wrong, as doctor finds them."""
    async with db.read() as tx:
        discussions, _ = await counters.list_wrong_discussions(tx, most=1)
        replies, conversations, _ = await counters.list_wrong_comments(tx, most=1)
    return discussions, replies, conversations


async def assert_all_there(url: str, crowd: Crowd) -> None:
    """Compare the file with what was acknowledged, and the counters with a recount."""
    async with open_database(url) as db:
        async with db.read() as tx:
            stored = {row.id: row.source for row in await tx.fetch_all(ROWS)}
        faults = await counter_faults(db)
    assert faults == (0, 0, 0)
    bodies = list(stored.values())
    assert len(set(bodies)) == len(bodies)
    for key, comment_id in crowd.acknowledged.items():
        assert stored[int(comment_id)] == f"This is {key}."
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
