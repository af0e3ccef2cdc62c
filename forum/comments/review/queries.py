"""Statements that put comments into queues and take them out, and that write the log of decisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from forum.comments.model import Comment
from forum.comments.review.model import Decision, Item, Queue, Verdict
from forum.comments.review.tables import decision, queue_item
from forum.core.ids import SEQUENCE_BITS
from forum.db import Prepared, Row, Tx

ITEM_COLUMNS = tuple(queue_item.c[name] for name in Item._fields)
DECISION_COLUMNS = tuple(decision.c[name] for name in Decision._fields)
_insert = insert(queue_item)
_KEY = ("site_id", "comment_id", "queue")
# A comment that comes again keeps its place in the queue unless it has become more urgent, and nobody's claim.
_PUT = Prepared(
    _insert.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            name: _insert.excluded[name]
            for name in Item._fields
            if name not in (*_KEY, "priority", "since", "claimed_by", "claimed_until")
        }
        | {
            "priority": case(
                (_insert.excluded.priority > queue_item.c.priority, _insert.excluded.priority),
                else_=queue_item.c.priority,
            )
        },
    )
)
_TAKE = Prepared(
    delete(queue_item)
    .where(queue_item.c.site_id == bindparam("site"), queue_item.c.comment_id == bindparam("comment"))
    .returning(*ITEM_COLUMNS)
)
_DROP = Prepared(
    delete(queue_item)
    .where(
        queue_item.c.site_id == bindparam("site"),
        queue_item.c.comment_id == bindparam("comment"),
        queue_item.c.queue.in_(bindparam("queues", expanding=True)),
    )
    .returning(*ITEM_COLUMNS)
)
# The last line about a comment is the one with the highest id. Other processes make ids by clocks of their own, so it
# gets one above all that are there, of the millisecond after theirs: who decides about a comment holds it.
_id = bindparam("id", type_=decision.c.id.type)
_MOMENT = 1 << SEQUENCE_BITS
_about = (decision.c.site_id == bindparam("site_id")) & (decision.c.comment_id == bindparam("comment_id"))
_last = select(func.coalesce(func.max(decision.c.id), 0)).where(_about).scalar_subquery()
_after = (
    select(func.coalesce((func.max(decision.c.id) // _MOMENT + 1) * _MOMENT + bindparam("low", type_=_id.type), 0))
    .where(_about)
    .scalar_subquery()
)
_given = {column.name: bindparam(column.name, type_=column.type) for column in DECISION_COLUMNS}
_LOG = Prepared(
    insert(decision)
    .from_select(list(_given), select(*(_given | {"id": case((_last >= _id, _after), else_=_id)}).values()))
    .returning(decision.c.id)
)
_LAST = Prepared(
    select(*DECISION_COLUMNS)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.comment_id == bindparam("comment"),
        decision.c.status != "",
    )
    .order_by(decision.c.id.desc())
    .limit(1)
)
# What was taken back does not count any more, nor does that it was: what stood before it does again.
_undoing = decision.alias("undoing")
STANDS: ColumnElement[bool] = and_(
    decision.c.verdict != Verdict.UNDO.value,
    ~select(_undoing.c.id)
    .where(
        _undoing.c.site_id == decision.c.site_id,
        _undoing.c.comment_id == decision.c.comment_id,
        _undoing.c.undoes == decision.c.id,
    )
    .exists(),
)
_STANDING = Prepared(
    select(*DECISION_COLUMNS)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.comment_id == bindparam("comment"),
        decision.c.status != "",
        STANDS,
    )
    .order_by(decision.c.id.desc())
    .limit(1)
)


def item_of(row: Row) -> Item:
    """A row of `ITEM_COLUMNS`."""
    return Item._make(row)


def decision_of(row: Row) -> Decision:
    """A row of `DECISION_COLUMNS`."""
    return Decision._make(row)


async def put_item(tx: Tx, new: Item) -> None:
    """Put a comment into a queue."""
    await tx.execute(_PUT, new._asdict())


async def take_items(tx: Tx, *, site_id: int, comment_id: int) -> list[Item]:
    """Take a comment out of all queues; what its entries were, claims included."""
    return [item_of(row) for row in await tx.fetch_all(_TAKE, {"site": site_id, "comment": comment_id})]


async def drop_items(tx: Tx, about: Comment, queues: Collection[Queue]) -> list[Item]:
    """Take a comment out of these queues; what its entries were."""
    values = {"site": about.site_id, "comment": about.id, "queues": [queue.value for queue in queues]}
    return [item_of(row) for row in await tx.fetch_all(_DROP, values)]


async def log_decision(tx: Tx, line: Decision) -> Decision:
    """Append to the log; the line as it is there. Its id is higher than those of all other lines about the comment."""
    values: dict[str, Any] = line._asdict() | {"low": line.id % _MOMENT}
    return line._replace(id=await tx.fetch_val(_LOG, values))


async def find_last(tx: Tx, *, site_id: int, comment_id: int) -> Decision | None:
    """The last decision about a comment's status."""
    row = await tx.fetch_one(_LAST, {"site": site_id, "comment": comment_id})
    return None if row is None else decision_of(row)


async def find_standing(tx: Tx, *, site_id: int, comment_id: int) -> Decision | None:
    """The last decision about a comment's status that was not taken back."""
    row = await tx.fetch_one(_STANDING, {"site": site_id, "comment": comment_id})
    return None if row is None else decision_of(row)


def in_order(items: Sequence[Item]) -> list[Item]:
    """Entries as a queue shows them."""
    return sorted(items, key=lambda item: (-item.priority, -item.comment_id))
