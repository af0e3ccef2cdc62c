"""Discussions of any shape and size, put into the database at once with the counters they would have."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import asyncpg
from sqlalchemy import func, select

from forum.comments.tables import comment
from forum.core.ids import EPOCH, SEQUENCE_BITS
from tests.support.app import ARTICLE, NEWS, OURS, START, House

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
LONG_AGO: Final = START - timedelta(days=1)
_COUNT: Final = select(func.count().label("comments")).select_from(comment)
COLUMNS: Final = tuple(column.name for column in comment.c)


async def discussion_id(house: House, url: str = ARTICLE) -> int:
    """The id of an article's discussion, begun if need be."""
    path = f"/api/v1/sites/{house.site.key}/announce"
    answer = await house.author.http.post(path, json={"url": url}, headers=OURS)
    return int(answer.json()["id"])


async def furnished(house: House) -> tuple[int, dict[str, Any]]:
    """A described discussion with an edited comment, a reply, and one that was deleted; its id and first comment."""
    root = await house.author.post('The **ferryman** did it. </script><script>alert("x")</script>')
    await house.replier.reply(root, "Never!")
    gone = await house.replier.post("Forget it.")
    await house.replier.delete(gone["id"])
    await house.publish(title='Gutterlight & "the" <return>', prompt="Where will it go?", image=f"{NEWS}/a.jpg")
    return await discussion_id(house), root


async def plant(
    house: House, parents: Sequence[int | None], *, url: str = ARTICLE, change: Mapping[str, Any] = NOTHING
) -> list[int]:
    """Fill an article's empty discussion: comment number n hangs below number `parents[n]`. With `change` their rows
    have other values. Returns their ids."""
    where = await discussion_id(house, url)
    (there,) = await house.rows(_COUNT)
    rows = [{**row, **change} for row in _rows(house.site.id, where, parents, begin=there.comments)]
    async with noticed(house):
        await _insert(house.rt.db.url, where, rows)
    house.rt.cache.invalidate({"*"})
    return [row["id"] for row in rows]


@asynccontextmanager
async def noticed(house: House) -> AsyncIterator[None]:
    """Write past the product inside the block: its watcher sees that at the end of it, and not later, in a count."""
    seen = asyncio.Event()
    house.rt.db.on_change(lambda tags: seen.set() if "*" in tags else None)
    yield
    if house.rt.db.is_sqlite:  # it forgets everything once it sees the foreign write
        await asyncio.wait_for(seen.wait(), 10)


def _rows(site_id: int, where: int, parents: Sequence[int | None], *, begin: int) -> list[dict[str, Any]]:
    first = ((LONG_AGO - EPOCH) // timedelta(milliseconds=1) << SEQUENCE_BITS) + begin
    rows: list[dict[str, Any]] = []
    for number, at in enumerate(parents):
        parent = None if at is None else rows[at]
        root = None if parent is None else rows[parent["root_id"] - first]
        row: dict[str, Any] = {
            "site_id": site_id,
            "id": first + number,
            "discussion_id": where,
            "parent_id": None,
            "depth": 0,
        }
        row |= {"root_id": first + number, "root_seq": 0, "next_seq": 1, "author_id": 1, "author_kind": "guest"}
        row |= {"author_name": "Noor", "source": f"Number {number}.", "html": f"<p>Number {number}.</p>"}
        row |= {"text": f"Number {number}.", "status": "published", "revision": 1, "reply_count": 0}
        row |= {"subtree_count": 0, "created_at": LONG_AGO, "edited_at": None}
        row |= {"covers": "", "scope_id": None, "inherits": True, "set_scope_id": None, "stretches": ""}
        row |= {"eff_scope_id": None, "inner_scope_id": None, "cover_state": "open"}
        row |= {"marked": False, "reviewed": True, "sketch_a": None, "sketch_b": None}
        if parent is not None and root is not None:
            row |= {"parent_id": parent["id"], "depth": parent["depth"] + 1}
            row |= {"root_id": root["id"], "root_seq": root["next_seq"]}
            root["next_seq"] += 1
            root["subtree_count"] += 1
            parent["reply_count"] += 1
        rows.append(row)
    return rows


async def _insert(url: str, where: int, rows: list[dict[str, Any]]) -> None:
    records = [tuple(row[name] for name in COLUMNS) for row in rows]
    if url.startswith("sqlite:"):
        public = sum(row["status"] == "published" for row in rows)
        _insert_sqlite(url.removeprefix("sqlite:///"), (public, where), records)
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table("comment", records=records, columns=COLUMNS)
        await connection.execute(
            "UPDATE discussion SET comment_count = $1, last_comment_at = $2 WHERE id = $3",
            sum(row["status"] == "published" for row in rows),
            LONG_AGO,
            where,
        )
        await connection.execute("ANALYZE comment")
    finally:
        await connection.close()


def _insert_sqlite(path: str, counted: tuple[int, int], records: list[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(COLUMNS))
    moment = moment_text(LONG_AGO)
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            f"INSERT INTO comment ({', '.join(COLUMNS)}) VALUES ({places})",
            [tuple(moment_text(v) if isinstance(v, datetime) else v for v in record) for record in records],
        )
        connection.execute(
            "UPDATE discussion SET comment_count = ?, last_comment_at = ? WHERE id = ?",
            (counted[0], moment, counted[1]),
        )
        connection.commit()


def moment_text(moment: datetime) -> str:
    """A moment as SQLite keeps it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
