"""Queues of any length, put into the database at once; and how a statement is carried out."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from forum.comments.model import Status
from forum.comments.review.model import Item, Queue
from forum.db import Prepared
from tests.support.app import ARTICLE, START, House
from tests.support.threads import discussion_id, moment_text, noticed, plant

# So many people wrote what is planted, and so many rules put it there.
PEOPLE: Final = 100
RULES: Final = ("words", "links", "spam", "new_person")
ITEM_COLUMNS: Final = Item._fields


async def plant_queue(
    house: House, count: int, *, queue: Queue = Queue.PENDING, status: Status = Status.HELD, url: str = ARTICLE
) -> list[int]:
    """Fill an article's empty discussion with comments of this status, all of which wait in a queue (in that of what
    nobody has seen, there are no entries); returns their ids, the least urgent first."""
    ids = await plant(house, [None] * count, url=url, change=_change(status))
    if queue is not Queue.UNMODERATED:
        where = await discussion_id(house, url)
        items = [_item(house.site.id, where, number, comment_id, queue) for number, comment_id in enumerate(ids)]
        async with noticed(house):
            await _insert(house.rt.db.url, items)
    return ids


def _change(status: Status) -> dict[str, Any]:
    return {"status": status.value, "reviewed": False}


def _item(site_id: int, where: int, number: int, comment_id: int, queue: Queue) -> Item:
    author, since = number % PEOPLE + 1, START - timedelta(seconds=number)
    rule = RULES[number % len(RULES)]
    evidence = json.dumps([{"rule": rule, "sentence": "A moderator looks at it.", "args": {}, "spans": [[0, 6]]}])
    where_from = site_id, comment_id, queue.value, where
    return Item(*where_from, "guest", author, rule, evidence, float(number % 997), since)


async def _insert(url: str, items: list[Item]) -> None:
    if url.startswith("sqlite:"):
        _insert_sqlite(url.removeprefix("sqlite:///"), items)
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table("queue_item", records=items, columns=ITEM_COLUMNS)
        await connection.execute("ANALYZE queue_item")
        await connection.execute("ANALYZE comment")
    finally:
        await connection.close()


def _insert_sqlite(path: str, items: list[Item]) -> None:
    places = ", ".join("?" * len(ITEM_COLUMNS))
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            f"INSERT INTO queue_item ({', '.join(ITEM_COLUMNS)}) VALUES ({places})",
            [tuple(moment_text(v) if isinstance(v, datetime) else v for v in item) for item in items],
        )
        connection.commit()


async def explained(house: House, prepared: Prepared, values: dict[str, Any]) -> Any:
    """How an engine carries a statement out: the lines of SQLite's plan, or PostgreSQL's as JSON with what it did."""
    sql, parameters = prepared.compiled(house.rt.db.dialect).bind(values)
    url = house.rt.db.url
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    opened = await asyncpg.connect(url)
    try:
        (plan,) = json.loads(await opened.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *parameters))
        return plan["Plan"]
    finally:
        await opened.close()


def rows_visited(plan: dict[str, Any]) -> int:
    """How many rows PostgreSQL touched for a plan, those it threw away included."""
    own = int((plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"])
    return own + sum(rows_visited(inner) for inner in plan.get("Plans", ()))
