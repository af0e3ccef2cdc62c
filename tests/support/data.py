"""A scratch table on either engine, and a hold on SQLite's writer, for tests of the data layer itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    insert,
    select,
    text,
)
from sqlalchemy.schema import CreateTable

from forum.db import Database, Prepared, Tx, UtcDateTime, open_database
from forum.db.writer import SQLiteWriter

DEADLINE: Final = 10.0

_metadata = MetaData()
note = Table(
    "scratch_note",
    _metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("word", Text),
    Column("flag", Boolean),
    Column("moment", UtcDateTime),
    Column("n", Integer),
    Column("parent", BigInteger, ForeignKey("scratch_note.id")),
)
INSERT: Final = Prepared(insert(note))
ALL: Final = Prepared(select(note).order_by(note.c.id))
BY_ID: Final = Prepared(select(note).where(note.c.id == bindparam("wanted")))
BLANK: Final = {"word": None, "flag": None, "moment": None, "n": None, "parent": None}


@asynccontextmanager
async def open_scratch(url: str) -> AsyncIterator[Database]:
    """An open database with the table `note`, as a serving process has it."""
    async with open_database(url, checkpoints=True) as db:
        create = Prepared(text(str(CreateTable(note).compile(dialect=db.dialect))))

        async def work(tx: Tx) -> None:
            await tx.execute(create)

        await db.write(work)
        yield db


async def add(tx: Tx, note_id: int, **values: Any) -> None:
    """Insert a note."""
    await tx.execute(INSERT, {**BLANK, "id": note_id, **values})


async def write_note(db: Database, note_id: int, **values: Any) -> int:
    """Insert a note in a transaction of its own; returns its id."""

    async def work(tx: Tx) -> int:
        await add(tx, note_id, **values)
        return note_id

    return await db.write(work)


async def stored(db: Database) -> list[int]:
    """The ids of all notes."""
    async with db.read() as tx:
        return [row.id for row in await tx.fetch_all(ALL)]


async def get_note(db: Database, note_id: int) -> Any:
    """One note's row."""
    async with db.read() as tx:
        return await tx.fetch_one(BY_ID, {"wanted": note_id})


def writer_of(db: Database) -> SQLiteWriter:
    """SQLite's writer, to look behind the curtain."""
    assert isinstance(db._writer, SQLiteWriter)
    return db._writer


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds, letting everything else run; fails after a deadline."""
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110 — there is nothing to be told by
            await asyncio.sleep(0.001)


@asynccontextmanager
async def writer_held(db: Database) -> AsyncIterator[None]:
    """Keep SQLite's writer occupied: what is queued inside the block goes into one batch after it."""
    entered, leave = threading.Event(), threading.Event()

    async def work(_: Tx) -> None:
        entered.set()
        leave.wait(DEADLINE)

    holding = asyncio.create_task(db.write(work))
    await until(entered.is_set)
    try:
        yield
    finally:
        leave.set()
        await holding


async def queued(db: Database, *works: Callable[[Tx], Any]) -> list[asyncio.Task[Any]]:
    """Hand pieces of work in, in this order, and return once all of them wait."""
    before = len(writer_of(db)._waiting)
    tasks = [asyncio.create_task(db.write(work)) for work in works]
    await until(lambda: len(writer_of(db)._waiting) == before + len(works))
    return tasks


def aware(year: int, month: int, day: int, hour: int = 0, *rest: int) -> datetime:
    """A moment in UTC; `rest` is minute, second, microsecond."""
    minute, second, microsecond = (*rest, 0, 0, 0)[:3]
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
