"""Sets counters right, a few rows at a time, so that people who write meanwhile hardly wait."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from forum.db import Database, Tx
from forum.doctor.queries import counters
from forum.doctor.queries.counters import Miscount

# Rows found by one comparison of everything, and rows repaired by one transaction.
FOUND_AT_ONCE = 10_000
REPAIRED_AT_ONCE = 100


async def repair_counters(db: Database) -> tuple[int, int]:
    """Recount and store every counter that is wrong; returns how many (comments, discussions) were set right."""
    return await _repair_comments(db), await _repair_discussions(db)


async def _repair_comments(db: Database) -> int:
    repaired = 0
    seen: set[Miscount] = set()
    while True:
        async with db.read(fresh=True) as tx:
            _, _, found = await counters.list_wrong_comments(tx, most=FOUND_AT_ONCE)
        for rows in _portions(found):
            await db.write(partial(_recount_comments, rows=rows))
        repaired += len(found)
        # What is wrong again after a repair hangs in a broken thread: no recount helps it.
        if len(found) < FOUND_AT_ONCE or seen.issuperset(found):
            return repaired
        seen.update(found)


async def _repair_discussions(db: Database) -> int:
    repaired = 0
    seen: set[Miscount] = set()
    while True:
        async with db.read(fresh=True) as tx:
            _, found = await counters.list_wrong_discussions(tx, most=FOUND_AT_ONCE)
        for rows in _portions(found):
            await db.write(partial(_recount_discussions, rows=rows))
        repaired += len(found)
        # What is wrong again after a repair hangs in a broken thread: no recount helps it.
        if len(found) < FOUND_AT_ONCE or seen.issuperset(found):
            return repaired
        seen.update(found)


async def _recount_comments(tx: Tx, rows: Sequence[Miscount]) -> None:
    for row in rows:
        await counters.recount_comment(tx, row)
    for site_id, discussion_id in sorted({(row.site_id, row.discussion_id) for row in rows}):
        await counters.renew_discussion(tx, site_id=site_id, discussion_id=discussion_id)


async def _recount_discussions(tx: Tx, rows: Sequence[Miscount]) -> None:
    for row in rows:
        await counters.recount_discussion(tx, row)


def _portions(rows: Sequence[Miscount]) -> list[Sequence[Miscount]]:
    return [rows[start : start + REPAIRED_AT_ONCE] for start in range(0, len(rows), REPAIRED_AT_ONCE)]
