"""Statements for teaching the spam filters: what moderators said since the last time, with the texts it was about."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select

from forum.comments.review.model import By, Verdict
from forum.comments.review.tables import decision
from forum.comments.tables import comment
from forum.db import Prepared, Tx

_undone = decision.alias("undone")
_TEACHING = (Verdict.APPROVE, Verdict.REMOVE, Verdict.SPAM, Verdict.DISMISS, Verdict.UNDO)
_SAID = Prepared(
    select(
        decision.c.id,
        decision.c.verdict,
        decision.c.reason,
        decision.c.status,
        decision.c.created_at,
        decision.c.undoes,
        _undone.c.verdict.label("undone_verdict"),
        _undone.c.reason.label("undone_reason"),
        _undone.c.status.label("undone_status"),
        _undone.c.created_at.label("undone_at"),
        decision.c.comment_id,
        comment.c.html,
        comment.c.text,
        comment.c.edited_at,
    )
    .select_from(
        decision.join(
            comment, and_(comment.c.site_id == decision.c.site_id, comment.c.id == decision.c.comment_id)
        ).outerjoin(_undone, and_(_undone.c.site_id == decision.c.site_id, _undone.c.id == decision.c.undoes))
    )
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.id > bindparam("seen"),
        decision.c.id < bindparam("before"),
        decision.c.by_kind == By.MODERATOR.value,
        decision.c.verdict.in_([verdict.value for verdict in _TEACHING]),
    )
    .order_by(decision.c.id)
    .limit(bindparam("most"))
)


class Said(NamedTuple):
    """A line of the log by a moderator, what it took back (None: nothing), and the comment's skeleton as it is now."""

    id: int
    verdict: str
    reason: str
    status: str
    created_at: datetime
    undoes: int | None
    undone_verdict: str | None
    undone_reason: str | None
    undone_status: str | None
    undone_at: datetime | None
    comment_id: int
    html: str
    text: str
    edited_at: datetime | None


async def list_said(tx: Tx, *, site_id: int, seen: int, before: int, most: int) -> list[Said]:
    """What moderators said about comments that are still there, in order: lines after `seen` and before `before`."""
    values = {"site": site_id, "seen": seen, "before": before, "most": most}
    return [Said._make(row) for row in await tx.fetch_all(_SAID, values)]
