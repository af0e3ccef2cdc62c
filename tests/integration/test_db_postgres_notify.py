"""PostgreSQL: what one process changes, the others hear; what could be missed counts as changed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from forum.db import Database, Prepared, Tx
from forum.db import postgres as postgres_module
from forum.db.postgres import CHANNEL, MAX_PAYLOAD, PostgresBackend, encode_changes
from tests.support.data import DEADLINE, open_scratch, until, write_note
from tests.support.postgres_operator import Operator

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(empty_postgresql_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_postgresql_url) as opened:
        yield opened


def backend_of(db: Database) -> PostgresBackend:
    backend = db._primary._backend
    assert isinstance(backend, PostgresBackend)
    return backend


@pytest.fixture
async def operator(empty_postgresql_url: str, postgresql_server: str) -> AsyncIterator[Operator]:
    connection = await asyncpg.connect(f"{postgresql_server}/postgres")
    yield Operator(connection, empty_postgresql_url.rpartition("/")[2])
    await connection.close()


async def test_a_notification_says_who_and_what() -> None:
    assert encode_changes("me", {"d:2", "d:1"}) == "me d:1 d:2"


@pytest.mark.parametrize("tag", ["d:", "é"])
async def test_more_than_a_notification_holds_means_anything(tag: str) -> None:
    many = {f"{tag}{number:05}" for number in range(1_200)}
    assert encode_changes("me", many) == "me *"
    payload = encode_changes("me", {f"{tag}{number:05}" for number in range(500)})
    assert payload.count(" ") == 500
    assert len(payload.encode()) <= MAX_PAYLOAD < 8_000


async def test_many_tags_pass_through_the_server(db: Database, empty_postgresql_url: str) -> None:
    other = Database(empty_postgresql_url)
    await other.connect()
    await other.watch()
    heard: list[set[str]] = []
    told = asyncio.Event()

    def hear(tags: set[str]) -> None:
        heard.append(tags)
        told.set()

    other.on_change(hear)
    for tags in ({f"d:{number}" for number in range(2_000)}, {"d:1", "home"}):

        async def work(tx: Tx, tags: set[str] = tags) -> None:
            tx.touch(*tags)

        told.clear()
        await db.write(work)
        async with asyncio.timeout(1):
            await told.wait()
    assert heard == [{"*"}, {"d:1", "home"}]
    await other.close()


async def test_own_notifications_are_heard_once(db: Database) -> None:
    await db.watch()
    heard: list[set[str]] = []
    db.on_change(lambda tags: heard.append(set(tags)))

    async def work(tx: Tx) -> None:
        tx.touch("d:1")

    await db.write(work)
    connection = await asyncpg.connect(backend_of(db).dsn)
    await connection.execute("SELECT pg_notify($1, 'somebody d:2')", CHANNEL)
    await until(lambda: {"d:2"} in heard)
    await connection.close()
    assert heard == [{"d:1"}, {"d:2"}]


async def test_a_commit_that_nobody_waits_for_is_told(db: Database) -> None:
    await write_note(db, 1)
    heard: list[set[str]] = []
    db.on_change(lambda tags: heard.append(set(tags)))
    entered = asyncio.Event()

    async def work(tx: Tx) -> None:
        tx.touch("d:1")
        entered.set()
        await tx.fetch_all(SLEEP)

    caller = asyncio.create_task(db.write(work))
    await entered.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    assert heard == [{"d:1"}]


SLEEP = Prepared(text("SELECT pg_sleep(60)"))


async def test_the_listener_connects_again_and_distrusts_what_it_missed(
    db: Database, operator: Operator, empty_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "RECONNECT_SECONDS", 0.01)
    await db.watch()
    listener = db._hear
    assert listener is not None
    heard: list[set[str]] = []
    db.on_change(lambda tags: heard.append(set(tags)))
    await operator.allow(connections=False)
    await operator.end_sessions()
    await until(lambda: not listener.listening.is_set())
    assert {"*"} in heard
    await operator.allow(connections=True)
    async with asyncio.timeout(DEADLINE):
        await listener.listening.wait()
    heard.clear()
    async with Session(empty_postgresql_url) as other:

        async def work(tx: Tx) -> None:
            tx.touch("d:7")

        await other.write(work)
        await until(lambda: {"d:7"} in heard)


async def test_a_connection_that_died_silently_is_noticed(
    db: Database, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "HEARTBEAT_SECONDS", 0.02)
    asked: list[str] = []
    real = asyncpg.Connection.execute

    async def execute(self: Any, query: str, *args: Any, **options: Any) -> Any:
        asked.append(query)
        return await real(self, query, *args, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", execute)
    await db.watch()
    await until(lambda: asked.count("SELECT 1") >= 2)


class Session(Database):
    """A database for the length of a block: another process, as far as the first one can tell."""

    async def __aenter__(self) -> "Session":
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
