"""Databases for tests: each a fresh copy of a template that was migrated once per run, on SQLite and on PostgreSQL.
There a copy serves again when a test has changed nothing in it but rows.

`engine_url` runs a test on both engines; `sqlite_url` and `postgresql_url` on one. The `empty_…` forms hold no tables.
"""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4

import asyncpg
import pytest

from tests.support import emptied, session

ENGINES: Final = ("sqlite", "postgresql")
TEMPLATE: Final = "aftershow_template"
T = TypeVar("T")
# Of this worker, each as good as new.
_EMPTIED: Final[list[str]] = []


def _migrate(url: str) -> None:
    from forum.db.migrate import upgrade  # here, so that tests without a database run without that package

    upgrade(url)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/aftershow.db"


@pytest.fixture
def sqlite_url(empty_sqlite_url: str) -> str:
    """Return the URL of a migrated SQLite database without rows."""
    shutil.copyfile(_sqlite_template(), empty_sqlite_url.removeprefix("sqlite:///"))
    return empty_sqlite_url


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """Return the URL, without a database, of the run's PostgreSQL server; whoever needs it first starts it."""
    with session.exclusive("postgresql.lock"):
        url = session.folder() / "url"
        if not url.exists():
            keeper = Path(__file__).with_name("postgres_keeper.py")
            ended = subprocess.run([sys.executable, keeper, session.folder()], check=False)
            if ended.returncode != 0:
                log = (session.folder() / "postgres.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"no PostgreSQL server for the tests:\n{log}")
        return url.read_text(encoding="utf-8")


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL database without tables; it is dropped afterwards."""
    with _database(postgresql_server, "template1") as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give the URL of a migrated PostgreSQL database without rows; it is emptied or dropped afterwards."""
    with _migrated(postgresql_server) as url:
        yield url


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a migrated database without rows, once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=ENGINES)
def twin_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Give the URLs of two migrated databases without rows, once on each engine."""
    if request.param == "sqlite":
        for name in ("one.db", "two.db"):
            shutil.copyfile(_sqlite_template(), tmp_path / name)
        yield f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"
        return
    server = str(request.getfixturevalue("postgresql_server"))
    with _migrated(server) as one, _migrated(server) as two:
        yield one, two


@pytest.fixture(params=ENGINES)
def empty_engine_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database without tables, once on each engine."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


def _sqlite_template() -> Path:
    """Return the run's migrated SQLite database, whole in one file: nothing of it is left in a write-ahead log."""
    with session.exclusive("sqlite.lock"):
        path = session.folder() / "template.db"
        if not path.exists():
            draft = path.with_name("draft.db")
            _migrate(f"sqlite:///{draft}")
            with closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            draft.rename(path)
        return path


def _make_postgresql_template(server: str) -> None:
    with session.exclusive("template.lock") as mark:
        if mark.read_text():
            return
        _execute(server, f"DROP DATABASE IF EXISTS {TEMPLATE}")  # left by an attempt that failed
        _execute(server, f"CREATE DATABASE {TEMPLATE}")
        _migrate(f"{server}/{TEMPLATE}")
        mark.write_text("made")


@contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    url = _make(server, template)
    try:
        yield url
    finally:
        _drop(url)


@contextmanager
def _migrated(server: str) -> Iterator[str]:
    _make_postgresql_template(server)
    url = _EMPTIED.pop() if _EMPTIED else _make(server, TEMPLATE)
    new = _state_of_new(server)
    try:
        yield url
    finally:
        if _run(emptied.empty(url, new)):
            _EMPTIED.append(url)
        else:
            _drop(url)


@cache
def _state_of_new(server: str) -> emptied.State:
    """What a migrated database is like; the template itself may be in use for making another."""
    with _database(server, TEMPLATE) as url:
        return _run(emptied.state_of(url))


def _make(server: str, template: str) -> str:
    name = f"test_{uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server}/{name}"


def _drop(url: str) -> None:
    server, _, name = url.rpartition("/")
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(f"{server}/postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    _run(work())


def _run(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as pool:  # a thread has no running loop, whatever the test is doing
        return pool.submit(asyncio.run, work).result()
