"""SQLite: what holds on each connection, the pool of readers, files that can't be used, and other processes."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from forum.db import Database, Prepared, Tx, open_database
from forum.db.database import sqlite_path
from forum.db.sqlite import SQLiteBackend
from forum.errors import Unavailable
from tests.support.data import ALL, DEADLINE, open_scratch, stored, until, write_note, writer_of

pytestmark = pytest.mark.anyio
FULL = 2  # of PRAGMA synchronous
NEXT = Prepared(text("INSERT INTO scratch_note (id) VALUES (:id)"))


@pytest.fixture
async def db(empty_sqlite_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_sqlite_url) as opened:
        yield opened


def pool_of(db: Database) -> SQLiteBackend:
    backend = db._primary._backend
    assert isinstance(backend, SQLiteBackend)
    return backend


def pragmas(connection: sqlite3.Connection) -> dict[str, Any]:
    names = ("journal_mode", "synchronous", "foreign_keys", "query_only", "wal_autocheckpoint", "busy_timeout")
    return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


async def test_every_connection_is_set_up_and_stays_so(db: Database) -> None:
    common = {"journal_mode": "wal", "synchronous": FULL, "foreign_keys": 1, "busy_timeout": 2_000}
    for _ in range(2):
        assert await writer_of(db).run(pragmas) == {**common, "query_only": 0, "wal_autocheckpoint": 1_000}
        for reader in pool_of(db)._all:
            assert await reader.run(pragmas) == {**common, "query_only": 1, "wal_autocheckpoint": 0}
        await write_note(db, 1 + len(await stored(db)))


async def test_only_the_writer_checkpoints(empty_sqlite_url: str) -> None:
    path = sqlite_path(empty_sqlite_url)
    log = path.with_name(path.name + "-wal")
    async with open_scratch(empty_sqlite_url) as db:
        await write_note(db, 1, word="x" * 100_000)
        await asyncio.gather(*(stored(db) for _ in range(20)))
        size = log.stat().st_size
        await pool_of(db).disconnect()
        assert log.stat().st_size == size > 100_000  # readers leave the log as it is
        await pool_of(db).connect()
        assert await stored(db) == [1]
    assert not log.exists()  # the writer, closed last, has put it into the file
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT length(word) FROM scratch_note").fetchall() == [(100_000,)]


async def test_the_log_does_not_grow_for_ever(db: Database) -> None:
    log = pool_of(db).path.with_name(pool_of(db).path.name + "-wal")
    for number in range(120):
        await write_note(db, number, word="x" * 100_000)
    assert log.stat().st_size < 8_000_000  # of twelve million bytes written


@pytest.mark.parametrize("name", ["a b", "50%25", "what#now", "ünï", "semi;colon", "q'uote"])
async def test_any_folder_name_is_a_folder_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    async with open_scratch(f"sqlite:///{folder}/data.db") as db:
        await write_note(db, 1)
        assert await stored(db) == [1]
        assert {path.name for path in folder.iterdir()} == {"data.db", "data.db-wal", "data.db-shm"}


async def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_scratch("sqlite:///here.db") as db:
        await write_note(db, 1)
    assert (tmp_path / "here.db").exists()


async def cannot_open(url: str) -> Unavailable:
    """Try to open a database that can't be used; nothing may be left open."""
    before = threading.active_count()
    with pytest.raises(Unavailable) as caught:
        async with open_database(url):
            pass
    assert caught.value.code == "storage_failing"
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    assert str(sqlite_path(url)) in "".join(caught.value.__notes__)
    await until(lambda: threading.active_count() <= before)
    return caught.value


async def test_a_missing_folder(tmp_path: Path) -> None:
    error = await cannot_open(f"sqlite:///{tmp_path}/nowhere/data.db")
    assert "unable to open" in str(error.__cause__)
    assert not (tmp_path / "nowhere").exists()


async def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    await cannot_open(f"sqlite:///{tmp_path}")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    path.write_bytes(b"Dear diary, " * 1_000)
    error = await cannot_open(f"sqlite:///{path}")
    assert "not a database" in str(error.__cause__)
    assert path.read_bytes().startswith(b"Dear diary")


@contextmanager
def unprivileged(*paths: Path) -> Iterator[None]:
    """Be nobody for a while, if we are root: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    for path in paths:
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that any user can reach."""
    with tempfile.TemporaryDirectory(prefix="aftershow-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def test_a_file_that_may_not_be_read(open_folder: Path) -> None:
    path = open_folder / "data.db"
    path.touch()
    with unprivileged(path, open_folder):
        path.chmod(0)
        await cannot_open(f"sqlite:///{path}")


async def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    with unprivileged(open_folder):
        os.chmod(open_folder, 0o500)
        await cannot_open(f"sqlite:///{open_folder}/data.db")


async def test_a_file_that_may_not_be_written_is_read_on(open_folder: Path) -> None:
    path = open_folder / "data.db"
    url = f"sqlite:///{path}"
    async with open_scratch(url) as db:
        await write_note(db, 1)
    with unprivileged(path, open_folder):
        os.chmod(path, 0o444)
        async with open_database(url) as readable:
            assert await stored(readable) == [1]
            with pytest.raises(Unavailable) as caught:
                await write_note(readable, 2)
            assert caught.value.code == "storage_failing"
            assert await stored(readable) == [1]


async def test_a_foreign_process_that_writes_is_seen_within_a_second(db: Database) -> None:
    path = pool_of(db).path
    await db.watch()
    changed = asyncio.Event()
    heard: list[set[str]] = []

    def hear(tags: set[str]) -> None:
        heard.append(set(tags))
        changed.set()

    db.on_change(hear)
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
    command = [sys.executable, "-c", script, str(path), "INSERT INTO scratch_note (id) VALUES (77)"]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=DEADLINE)
    async with asyncio.timeout(1):
        await changed.wait()
    assert heard == [{"*"}]
    assert await stored(db) == [77]


async def test_own_writes_are_not_taken_for_foreign_ones(db: Database) -> None:
    before = await writer_of(db).data_version()
    for number in range(5):
        await write_note(db, number)
        await stored(db)
    assert await writer_of(db).data_version() == before
    with closing(sqlite3.connect(pool_of(db).path)) as connection, connection:
        connection.execute("INSERT INTO scratch_note (id) VALUES (77)")
    await write_note(db, 9)  # one of ours in between hides nothing
    assert await writer_of(db).data_version() != before


async def test_the_watch_survives_a_failing_database(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forum.db.database.WATCH_SECONDS", 0.01)
    failed, changed = threading.Event(), asyncio.Event()

    def fail() -> int:
        failed.set()
        return 1  # interrupts the statement

    db.on_change(lambda _: changed.set())
    await db.watch()
    await writer_of(db).run(lambda connection: connection.set_progress_handler(fail, 1))
    await until(failed.is_set)
    await writer_of(db).run(lambda connection: connection.set_progress_handler(None, 0))
    with closing(sqlite3.connect(pool_of(db).path)) as connection, connection:
        connection.execute("INSERT INTO scratch_note (id) VALUES (77)")
    async with asyncio.timeout(1):
        await changed.wait()


async def test_contended_read_then_write_never_fails(db: Database, empty_sqlite_url: str) -> None:
    # Two processes' worth of writers; with a plain BEGIN most of these would end with "database is locked".
    async with open_database(empty_sqlite_url) as other:

        async def add_next(database: Database) -> None:
            async def work(tx: Tx) -> None:
                rows = await tx.fetch_all(ALL)
                await tx.execute(NEXT, {"id": len(rows) + 1})

            await database.write(work)

        for _ in range(25):
            await asyncio.gather(*(add_next(database) for database in (db, other) for _ in range(2)))
    assert await stored(db) == list(range(1, 101))
