"""Storage that is busy, full, slow or away answers 503 with Retry-After, and recovers without a restart."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from forum.db import sqlite as sqlite_module
from forum.db import writer as writer_module
from tests.support.app import ARTICLE, House, open_house, problem
from tests.support.data import DEADLINE, until, writer_held, writer_of

pytestmark = pytest.mark.anyio
THREAD = "/api/v1/sites/newsroom/discussion"
LONG = "word " * 1_500


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as opened:
        yield opened


async def comments(house: House) -> list[dict[str, Any]]:
    """What a reader sees, from the database and not from memory."""
    house.rt.cache.invalidate({"*"})
    read = await house.replier.read(THREAD, params={"url": ARTICLE})
    found: list[dict[str, Any]] = read["comments"]
    return found


def refused(answer: httpx.Response, code: str) -> None:
    """The answer is 503 in our words and says when to come back."""
    assert problem(answer) == (503, code)
    assert int(answer.headers["retry-after"]) > 0
    assert "no-store" in answer.headers["cache-control"]


async def post_until_refused(house: House) -> tuple[list[str], httpx.Response]:
    """Post long comments until one is refused; returns the acknowledged ids and the refusal."""
    acknowledged: list[str] = []
    while True:
        answer = await house.author.send(LONG + str(len(acknowledged)))
        if answer.status_code != 201:
            return acknowledged, answer
        acknowledged.append(answer.json()["id"])


async def test_a_full_disk(house: House) -> None:
    first = await house.author.post("Before.")

    def leave_room(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 40}")

    await writer_of(house.rt.db).run(leave_room)
    acknowledged, refusal = await post_until_refused(house)
    refused(refusal, "storage_full")
    assert acknowledged
    stored = {first["id"], *acknowledged}
    assert {comment["id"] for comment in await comments(house)} == stored
    assert (await house.replier.get("/readyz")).status_code == 200
    # Everybody who posts now is refused, and nothing of it is half there.
    answers = await asyncio.gather(*(house.author.send(LONG + f"also {n}") for n in range(8)))
    assert {answer.status_code for answer in answers} == {503}
    assert await house.recount() == len(stored)
    await writer_of(house.rt.db).run(lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
    later = await house.author.post(LONG + "after")
    assert await house.recount() == len(stored) + 1
    assert later["id"] in {comment["id"] for comment in await comments(house)}


async def test_a_refused_post_succeeds_with_its_key_later(house: House) -> None:
    await house.author.post("Before.")
    await writer_of(house.rt.db).run(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
    refused(await house.author.send(LONG * 1, key="once"), "storage_full")
    await writer_of(house.rt.db).run(lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
    answers = [await house.author.send(LONG * 1, key="once") for _ in range(2)]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await house.recount() == 2


async def test_a_form_that_can_not_be_saved_keeps_its_text(house: House) -> None:
    await house.author.post("Before.")
    await writer_of(house.rt.db).run(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
    body = "My long thought. " * 400
    answer = await house.author.submit("/embed/newsroom/comments", url=ARTICLE, body=body, author_name="Ada")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"].startswith("text/html")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program in the middle of a write transaction."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def test_a_database_that_another_program_has_locked(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_MILLISECONDS", 20)
    async with open_house(sqlite_url) as house:
        first = await house.author.post("Before.")
        with locked(house.rt.settings.sqlite_path):
            refused(await house.author.send("Meanwhile."), "storage_busy")
            assert [comment["id"] for comment in await comments(house)] == [first["id"]]
        await house.author.post("After.")
        assert await house.recount() == 2


async def test_a_lock_that_is_soon_gone_is_waited_for(house: House) -> None:
    with locked(house.rt.settings.sqlite_path):
        posting = asyncio.create_task(house.author.send("Patient."))
        await until(lambda: writer_of(house.rt.db)._held is not None and not writer_of(house.rt.db)._waiting)
    assert (await posting).status_code == 201


async def test_more_writers_than_can_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await house.author.post("Before.")
    monkeypatch.setattr(writer_module, "MAX_WAITING", 4)
    async with writer_held(house.rt.db):
        waiting = [asyncio.create_task(house.author.send(f"Waits {n}.")) for n in range(4)]
        await until(lambda: len(writer_of(house.rt.db)._waiting) == 4)
        refused(await house.replier.send("One too many."), "storage_busy")
        assert [comment["id"] for comment in await comments(house)] == [first["id"]]
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {201}
    await house.replier.post("Room again.")
    assert await house.recount() == 6


async def test_reads_that_find_no_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.author.post("Before.")
    monkeypatch.setattr(sqlite_module, "ACQUIRE_SECONDS", 0.02)
    house.rt.cache.invalidate({"*"})
    release, entered = asyncio.Event(), 0

    async def hold() -> None:
        nonlocal entered
        async with house.rt.db.read(fresh=True):
            entered += 1
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(sqlite_module.READERS)]
    await until(lambda: entered == sqlite_module.READERS)
    answer = await house.replier.get("/readyz")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    release.set()
    await asyncio.gather(*holders)
    assert len(await comments(house)) == 1


async def test_a_slow_statement_is_cut_and_others_go_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.author.post("Before.")
    monkeypatch.setattr(sqlite_module, "RUN_SECONDS", 0.05)
    over = threading.Event()

    def stall() -> int:
        over.wait(0.01)  # every few instructions: a disk that hardly answers
        return 0

    await writer_of(house.rt.db).run(lambda connection: connection.set_progress_handler(stall, 1))
    posting = asyncio.create_task(house.author.send("Slow."))
    assert len(await comments(house)) == 1
    refused(await posting, "storage_busy")
    over.set()
    await writer_of(house.rt.db).run(lambda connection: connection.set_progress_handler(None, 0))
    await house.author.post("After.")
    assert await house.recount() == 2


async def test_postgresql_restarts(postgresql_url: str, postgresql_server: str) -> None:
    name = postgresql_url.rpartition("/")[2]
    console = await asyncpg.connect(f"{postgresql_server}/postgres")
    try:
        async with open_house(postgresql_url) as house:
            first = await house.author.post("Before.")
            await console.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await console.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            for _ in range(5):
                answer = await house.author.send("Meanwhile.", key="meanwhile")
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["retry-after"]) > 0
                assert (await house.replier.get("/readyz")).status_code == 503
                assert (await house.replier.get("/healthz")).status_code == 200
            await console.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            later = await house.author.post("Meanwhile.", key="meanwhile")
            assert {comment["id"] for comment in await comments(house)} == {first["id"], later["id"]}
            assert await house.recount() == 2
            async with asyncio.timeout(DEADLINE):
                assert house.rt.db._hear is not None
                await house.rt.db._hear.listening.wait()
    finally:
        await console.close()
