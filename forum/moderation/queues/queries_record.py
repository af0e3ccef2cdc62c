"""Statements about who wrote something: what became of it, and what moderators have told each other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, func, literal, select, union_all

from forum.accounts.model import ACCOUNT
from forum.accounts.tables import account, guest
from forum.comments.model import Status
from forum.comments.review.model import By, Verdict
from forum.comments.review.tables import decision, note
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from forum.moderation.queues.model import MOST_COUNTED, MOST_NOTES, Note, Record
from forum.spoilers.model import CoverState

_MINE = and_(comment.c.site_id == bindparam("site"), comment.c.author_id == bindparam("author"))
_lately = (
    select(comment.c.status, comment.c.cover_state)
    .where(_MINE)
    .order_by(comment.c.discussion_id.desc(), comment.c.id.desc())
    .limit(MOST_COUNTED + 1)
    .subquery("lately")
)
_approvals = (
    select(decision.c.verdict)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.author_id == bindparam("author"),
        decision.c.verdict == Verdict.APPROVE.value,
        decision.c.by_kind == By.MODERATOR.value,
    )
    .limit(MOST_COUNTED)
    .subquery("approvals")
)
_COUNTS = Prepared(
    union_all(
        select(_lately.c.status, _lately.c.cover_state, func.count().label("times")).group_by(
            _lately.c.status, _lately.c.cover_state
        ),
        select(literal("approved"), literal(""), func.count()).select_from(_approvals),
    )
)
_SINCE_ACCOUNT = Prepared(select(account.c.created_at).where(account.c.id == bindparam("author")))
_SINCE_GUEST = Prepared(
    select(guest.c.created_at).where(guest.c.site_id == bindparam("site"), guest.c.id == bindparam("author"))
)
_NOTES = Prepared(
    select(note.c.id, note.c.text, account.c.name, note.c.comment_id, note.c.created_at)
    .select_from(note.outerjoin(account, account.c.id == note.c.by_id))
    .where(note.c.site_id == bindparam("site"), note.c.author_id == bindparam("author"))
    .order_by(note.c.id.desc())
    .limit(MOST_NOTES)
)
_COVERED = (CoverState.PENDING.value, CoverState.CONFIRMED.value)


async def find_record(tx: Tx, *, site_id: int, kind: str, author_id: int) -> Record:
    """What became of somebody's comments on a site: three statements. Sanctions are read apart."""
    values: dict[str, Any] = {"site": site_id, "author": author_id}
    by_status: dict[str, int] = {}
    covered = 0
    for row in await tx.fetch_all(_COUNTS, values):
        by_status[row.status] = by_status.get(row.status, 0) + row.times
        covered += row.times if row.cover_state in _COVERED else 0
    approved = by_status.pop("approved", 0)
    notes = [Note(row[0], row[1], row[2] or "", *row[3:]) for row in await tx.fetch_all(_NOTES, values)]
    since = await tx.fetch_val(_SINCE_ACCOUNT if kind == ACCOUNT else _SINCE_GUEST, values)
    return Record(
        counted=sum(by_status.values()),
        published=by_status.get(Status.PUBLISHED, 0),
        held=by_status.get(Status.HELD, 0),
        removed=by_status.get(Status.REMOVED, 0),
        spam=by_status.get(Status.SPAM, 0),
        deleted=by_status.get(Status.DELETED, 0),
        covered=covered,
        approved=approved,
        since=since,
        notes=notes,
    )
