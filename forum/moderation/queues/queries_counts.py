"""Statements that count what waits in queues. Each costs the same, however much that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    String,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from forum.comments.review.model import WAITING, Queue
from forum.comments.review.tables import queue_item
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from forum.moderation.policy import UNDECIDED_ABOVE
from forum.moderation.queues.model import MOST_COUNTED, TRUSTED_QUEUES
from forum.moderation.queues.queries_queue import PUBLIC, UNSEEN
from forum.sites.tables import site

# In the queue of spam there is also what was decided.
_UNDECIDED = queue_item.c.priority > UNDECIDED_ABOVE


def _counted(queue: Queue, some: Select[Any]) -> Select[str, int]:
    limited = some.limit(literal_column(str(MOST_COUNTED + 1))).subquery()
    counted = select(literal(queue.value, String).label("queue"), func.count().label("waiting")).select_from(limited)
    return counted


def _of_queue(queue: Queue) -> Select[Any]:
    """What waits, in order: so that it is found along the index, and no more of it is read than is counted."""
    if queue is Queue.UNMODERATED:
        return select(comment.c.id).where(comment.c.site_id == bindparam("site"), UNSEEN).order_by(comment.c.id)
    wanted = [queue_item.c.site_id == bindparam("site"), queue_item.c.queue == queue.value]
    if queue is Queue.SPAM:
        wanted.append(_UNDECIDED)
    return select(queue_item.c.comment_id).where(*wanted).order_by(queue_item.c.priority.desc())


_COUNTS = Prepared(union_all(*(_counted(queue, _of_queue(queue)) for queue in Queue)))
_COUNTS_PUBLIC = Prepared(union_all(*(_counted(queue, _of_queue(queue).where(PUBLIC)) for queue in TRUSTED_QUEUES)))


def _waits(*wanted: ColumnElement[bool]) -> Exists:
    return select(literal_column("1")).where(queue_item.c.site_id == site.c.id, *wanted).exists()


_WAITING_SITES = Prepared(
    select(site.c.id).where(
        site.c.id.in_(bindparam("sites", expanding=True)),
        or_(
            _waits(queue_item.c.queue.in_([queue.value for queue in WAITING if queue is not Queue.SPAM])),
            _waits(queue_item.c.queue == Queue.SPAM.value, _UNDECIDED),
        ),
    )
)


async def count_queues(tx: Tx, site_id: int, *, full: bool) -> dict[Queue, int]:
    """How many wait in each queue of a site, for moderators or for people who may only cover; no more than one above
    `MOST_COUNTED` are counted. What was marked as spam does not wait for anybody."""
    rows = await tx.fetch_all(_COUNTS if full else _COUNTS_PUBLIC, {"site": site_id})
    return {Queue(row.queue): row.waiting for row in rows}


async def list_waiting_sites(tx: Tx, sites: Sequence[int]) -> set[int]:
    """Those of these sites on which something waits for a moderator."""
    return {row.id for row in await tx.fetch_all(_WAITING_SITES, {"sites": list(sites)})}
