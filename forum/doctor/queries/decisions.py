"""The statements of an examination that compare comments with what was decided about them (I7), and with the queues."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select

from forum.comments.model import DRAWN, Status
from forum.comments.review.model import Queue
from forum.comments.review.tables import decision, queue_item
from forum.comments.tables import comment
from forum.db import Tx
from forum.doctor.queries.threads import Fault, broken, list_faults
from forum.spoilers.tables import passage

_STATUSES = decision.alias("statuses")
_LAST = (
    select(decision.c.site_id, decision.c.comment_id, func.max(decision.c.id).label("id"))
    .where(decision.c.status != "", decision.c.comment_id.is_not(None))
    .group_by(decision.c.site_id, decision.c.comment_id)
    .subquery("last")
)
_DECIDED = comment.outerjoin(
    _LAST, and_(_LAST.c.site_id == comment.c.site_id, _LAST.c.comment_id == comment.c.id)
).outerjoin(_STATUSES, and_(_STATUSES.c.site_id == _LAST.c.site_id, _STATUSES.c.id == _LAST.c.id))
_LIVES = comment.c.status != Status.DELETED.value
_IS_DRAWN = or_(comment.c.status.in_(DRAWN), comment.c.marked)
_COMMENT_RULES: dict[str, ColumnElement[bool]] = {
    "comments stand otherwise than was last decided": and_(
        _LIVES, _STATUSES.c.id.is_not(None), _STATUSES.c.status != comment.c.status
    ),
    "comments are out of sight and nobody decided so": and_(
        _LIVES, comment.c.status != Status.PUBLISHED.value, _STATUSES.c.id.is_(None)
    ),
    "comments are drawn and marked as not drawn": and_(comment.c.status.in_(DRAWN), comment.c.marked),
    "comments have replies in sight and no place of their own": and_(~_IS_DRAWN, comment.c.reply_count > 0),
}
_COMMENTS = broken(_DECIDED, comment.c.id, _COMMENT_RULES)

_HELD_IN = (Queue.PENDING.value, Queue.SPAM.value, Queue.REPORTED.value)
_WAITS = (
    select(queue_item.c.comment_id)
    .where(
        queue_item.c.site_id == comment.c.site_id,
        queue_item.c.comment_id == comment.c.id,
        queue_item.c.queue.in_(_HELD_IN),
    )
    .correlate(comment)
    .exists()
)
_HELD_RULES: dict[str, ColumnElement[bool]] = {
    "comments are held and wait in no queue": and_(comment.c.status == Status.HELD.value, ~_WAITS)
}
_HELD = broken(comment, comment.c.id, _HELD_RULES)

# What stands in a queue, by what the comment must be.
_MUST_BE = {
    Queue.PENDING: (Status.HELD,),
    Queue.SPAM: (Status.HELD, Status.SPAM),
    Queue.REPORTED: (Status.PUBLISHED, Status.HELD),
    Queue.SPOILERS: (Status.PUBLISHED, Status.HELD),
    Queue.REMOVED: (Status.REMOVED,),
    Queue.APPROVED: (Status.PUBLISHED,),
    Queue.UNMODERATED: (Status.PUBLISHED,),
}
_QUEUED = queue_item.outerjoin(
    comment, and_(comment.c.site_id == queue_item.c.site_id, comment.c.id == queue_item.c.comment_id)
)
_QUEUE_RULES: dict[str, ColumnElement[bool]] = {
    "entries of queues lead to no comment": comment.c.id.is_(None),
    "comments wait in a queue that they do not belong in": or_(
        *(
            and_(queue_item.c.queue == queue.value, comment.c.status.not_in([status.value for status in statuses]))
            for queue, statuses in _MUST_BE.items()
        )
    ),
}
_ENTRIES = broken(_QUEUED, queue_item.c.comment_id, _QUEUE_RULES)

_SOURCE = comment.alias("quoted")
_QUOTE_RULES: dict[str, ColumnElement[bool]] = {
    "quotes repeat what nobody may read": and_(
        ~passage.c.withheld, _SOURCE.c.status.not_in([Status.PUBLISHED.value, Status.DELETED.value])
    ),
    "quotes are withheld and their source is not": and_(passage.c.withheld, _SOURCE.c.status == Status.PUBLISHED.value),
}
_QUOTES = broken(
    passage.join(_SOURCE, and_(_SOURCE.c.site_id == passage.c.site_id, _SOURCE.c.id == passage.c.src_comment_id)),
    passage.c.comment_id,
    _QUOTE_RULES,
)
_UNDONE = decision.alias("undone")
_LOG_RULES: dict[str, ColumnElement[bool]] = {
    "decisions take back what is not in the log": and_(decision.c.undoes.is_not(None), _UNDONE.c.id.is_(None))
}
_LOG = broken(
    decision.outerjoin(_UNDONE, and_(_UNDONE.c.site_id == decision.c.site_id, _UNDONE.c.id == decision.c.undoes)),
    decision.c.id,
    _LOG_RULES,
)


async def list_broken_decisions(tx: Tx) -> list[Fault]:
    """Comments, queues and quotes that are not as the log says."""
    return [
        *await list_faults(tx, _COMMENTS, _COMMENT_RULES),
        *await list_faults(tx, _HELD, _HELD_RULES),
        *await list_faults(tx, _ENTRIES, _QUEUE_RULES),
        *await list_faults(tx, _QUOTES, _QUOTE_RULES),
        *await list_faults(tx, _LOG, _LOG_RULES),
    ]
