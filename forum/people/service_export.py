"""Everything the database holds about an account, as one JSON document that is written while it is read.

Nothing in it opens anything (no token, code or handle), and nothing in it is somebody else's: not what they answered,
nor what they cover. `export.schema.json` describes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from forum.accounts.model import Account
from forum.accounts.present import profile_path
from forum.comments.review.words_log import UNTOLD
from forum.db import Row, Tx
from forum.people import queries_export as queries
from forum.runtime import Runtime
from forum.spoilers.scopes import Book
from forum.spoilers.service import book
from forum.web.operations import json_bytes

VERSION: Final = 1
SCHEMA_PATH: Final = "/api/v1/schemas/export.json"
# So many comments are in memory at once.
BATCH: Final = 500
_SCHEMA: Final = Path(__file__).with_name("export.schema.json")

Batch = list[dict[str, Any]]


def read_schema(public_url: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of an export, under this server's address."""
    return {**orjson.loads(_SCHEMA.read_bytes()), "$id": f"{public_url}{SCHEMA_PATH}"}


async def export(rt: Runtime, person: Account) -> AsyncIterator[bytes]:
    """The document, piece by piece."""
    known = await book(rt)
    async with rt.db.read(fresh=True) as tx:
        small = await queries.read_small(tx, person)
    head = {"$schema": f"{rt.settings.public_url}{SCHEMA_PATH}", "version": VERSION, "exported_at": rt.clock.now()}
    head |= {"server": rt.settings.public_url, "account": _account(rt, person), **_shaped(small)}
    yield json_bytes(head)[:-1]

    async def comments(tx: Tx, after: int) -> tuple[Batch, int]:
        return await _comments(tx, rt, known, (person.id, after))

    async def flags(tx: Tx, after: int) -> tuple[Batch, int]:
        return await _flags(tx, rt, known, (person.id, after))

    async def decisions(tx: Tx, after: int) -> tuple[Batch, int]:
        return await _decisions(tx, rt, (person.id, after))

    for name, read in (("flags", flags), ("decisions", decisions), ("comments", comments)):
        yield f',"{name}":['.encode()
        async for piece in _listed(rt, read):
            yield piece
        yield b"]"
    yield b"}\n"


async def _listed(rt: Runtime, read: Callable[[Tx, int], Awaitable[tuple[Batch, int]]]) -> AsyncIterator[bytes]:
    """The items of a long list, a batch at a time; each reading continues after the last id of the one before."""
    after, first = 0, True
    while True:
        async with rt.db.read(fresh=True) as tx:
            batch, after = await read(tx, after)
        if batch:
            items = b",".join(json_bytes(item) for item in batch)
            yield items if first else b"," + items
            first = False
        if len(batch) < BATCH:
            return


def _account(rt: Runtime, person: Account) -> dict[str, Any]:
    left_out = ("skeleton", "email_key", "erase_texts", "joining_id", "notify")
    kept = {name: value for name, value in person._asdict().items() if name not in left_out}
    url = f"{rt.settings.public_url}{profile_path(person.name)}"
    return kept | {"id": str(person.id), "url": url, "notify": orjson.loads(person.notify or "{}")}


def _shaped(small: dict[str, Batch]) -> dict[str, Batch]:
    """Rows as an export shows them: ids as text, JSON as what it says."""
    for row in small["follows"]:
        row["discussion"] = str(row.pop("discussion_id"))
    for row in small["progress"]:
        row["work"] = row.pop("work_id")
        row["ticks"] = orjson.loads(row["ticks"] or "[]")
    for row in small["sanctions"]:
        row["id"] = str(row["id"])
    for row in small["passkeys"]:
        row["transports"] = row["transports"].split()
    return small


async def _comments(tx: Tx, rt: Runtime, known: Book, which: tuple[int, int]) -> tuple[Batch, int]:
    account_id, after = which
    rows = await queries.list_written(tx, account_id, after=after, most=BATCH)
    if not rows:
        return [], after
    place = {"sites": {row.site_id for row in rows}, "comments": [row.id for row in rows]}
    earlier, events = await queries.list_earlier(tx, **place), await queries.list_scope_events(tx, **place)
    by_comment: dict[int, tuple[Batch, Batch]] = defaultdict(lambda: ([], []))
    for row in earlier:
        said = {"revision": row.revision, "source": row.source, "replaced_at": row.replaced_at}
        by_comment[row.comment_id][0].append(said)
    for row in events:
        by_comment[row.comment_id][1].append(_event(known, row))
    return [_comment(rt, known, row, by_comment[row.id]) for row in rows], rows[-1].id


def _event(known: Book, row: Row) -> dict[str, Any]:
    return {
        "actor": row.actor,
        "state": row.state,
        "before": known.scope(row.old_scope_id).tokens,
        "after": known.scope(row.new_scope_id).tokens,
        "reason": row.reason,
        "created_at": row.created_at,
    }


def _comment(rt: Runtime, known: Book, row: Row, more: Sequence[Batch]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "url": f"{rt.settings.public_url}/c/{row.id}",
        "site": row.site,
        "discussion": str(row.discussion_id),
        "article": {"url": row.url, "title": row.title},
        "parent": None if row.parent_id is None else str(row.parent_id),
        "name": row.author_name,
        "status": row.status,
        "source": row.source,
        "revision": row.revision,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "scope": known.scope(row.scope_id).tokens,
        "inherits": row.inherits,
        "set_scope": known.scope(row.set_scope_id).tokens,
        "cover_state": row.cover_state,
        "revisions": more[0],
        "events": more[1],
    }


async def _flags(tx: Tx, rt: Runtime, known: Book, which: tuple[int, int]) -> tuple[Batch, int]:
    account_id, after = which
    rows = await queries.list_flags(tx, account_id, after=after, most=BATCH)
    listed = [
        {
            "site": row.site,
            "comment": str(row.comment_id),
            "url": f"{rt.settings.public_url}/c/{row.comment_id}",
            "reason": row.reason,
            "scope": known.scope(row.scope_id).tokens,
            "note": row.note,
            "weight": row.weight,
            "is_new": row.is_new,
            "network": row.network,
            "outcome": row.outcome,
            "created_at": row.created_at,
        }
        for row in rows
    ]
    return listed, rows[-1].comment_id if rows else after


async def _decisions(tx: Tx, rt: Runtime, which: tuple[int, int]) -> tuple[Batch, int]:
    account_id, after = which
    rows = await queries.list_decisions(tx, account_id, after=after, most=BATCH)
    return [_decision(rt, row) for row in rows], rows[-1].id if rows else after


def _decision(rt: Runtime, row: Row) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "site": row.site,
        "comment": None if row.comment_id is None else str(row.comment_id),
        "url": None if row.comment_id is None else f"{rt.settings.public_url}/c/{row.comment_id}",
        "discussion": None if row.discussion_id is None else str(row.discussion_id),
        "verdict": row.verdict,
        "status": row.status,
        "revision": row.revision,
        "by": row.by_kind,
        "reason": row.reason,
        "rule": row.rule,
        "words": "" if row.verdict in UNTOLD else row.words,
        "about_rule": row.about_rule,
        "evidence": orjson.loads(row.evidence or "[]"),
        "undoes": None if row.undoes is None else str(row.undoes),
        "created_at": row.created_at,
    }
