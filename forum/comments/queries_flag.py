"""Statements about readers' flags, and about the people who raise them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.tables import account, guest
from forum.comments.cover_policy import Flag, Record
from forum.comments.model import Status
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from forum.spoilers.tables import spoiler_flag

REJECTED, UPHELD = "rejected", "upheld"
_THIS = (spoiler_flag.c.site_id == bindparam("site")) & (spoiler_flag.c.comment_id == bindparam("comment"))

_INSERT = Prepared(insert(spoiler_flag).on_conflict_do_nothing().returning(spoiler_flag.c.author_id))
_UNDECIDED = Prepared(
    select(spoiler_flag.c.author_id, spoiler_flag.c.scope_id, spoiler_flag.c.weight, spoiler_flag.c.is_new)
    .where(_THIS, spoiler_flag.c.outcome.is_(None))
    .order_by(spoiler_flag.c.created_at, spoiler_flag.c.author_id)
)
_EARLIER = Prepared(
    select(spoiler_flag.c.author_id)
    .where(_THIS, spoiler_flag.c.author_id.in_(bindparam("authors", expanding=True)))
    .limit(1)
)
_DECIDE = Prepared(
    update(spoiler_flag).where(_THIS, spoiler_flag.c.outcome.is_(None)).values(outcome=bindparam("new_outcome"))
)
_published = (
    select(func.count())
    .select_from(comment)
    .where(
        comment.c.site_id == bindparam("site"),
        comment.c.author_id == bindparam("author"),
        comment.c.status == Status.PUBLISHED.value,
    )
    .scalar_subquery()
)
_rejected = (
    select(func.count())
    .select_from(spoiler_flag)
    .where(
        spoiler_flag.c.site_id == bindparam("site"),
        spoiler_flag.c.author_id == bindparam("author"),
        spoiler_flag.c.outcome == REJECTED,
    )
    .scalar_subquery()
)
# Guests are known on one site, accounts on all: whichever has this id.
_since_guest = (
    select(guest.c.created_at)
    .where(guest.c.site_id == bindparam("site"), guest.c.id == bindparam("author"))
    .scalar_subquery()
)
_since_account = select(account.c.created_at).where(account.c.id == bindparam("author")).scalar_subquery()
_RECORD = Prepared(
    select(
        func.coalesce(_since_guest, _since_account, type_=guest.c.created_at.type).label("created_at"),
        _published.label("published"),
        _rejected.label("rejected"),
    )
)


async def insert_flag(tx: Tx, *, site_id: int, comment_id: int, flag: Flag, now: datetime) -> bool:
    """Add a flag; False when this person has flagged this comment before, whatever became of it."""
    values: dict[str, object] = {"site_id": site_id, "comment_id": comment_id}
    values |= {"author_id": flag.author_id, "scope_id": flag.scope_id}
    values |= {"weight": flag.weight, "is_new": flag.is_new, "outcome": None, "created_at": now}
    return await tx.fetch_one(_INSERT, values) is not None


async def has_flagged(tx: Tx, *, site_id: int, comment_id: int, authors: Collection[int]) -> bool:
    """Whether any of these has flagged a comment before, whatever became of it."""
    values = {"site": site_id, "comment": comment_id, "authors": list(authors)}
    return await tx.fetch_one(_EARLIER, values) is not None


async def list_undecided(tx: Tx, *, site_id: int, comment_id: int) -> list[Flag]:
    """The flags of a comment that no moderator has decided about."""
    rows = await tx.fetch_all(_UNDECIDED, {"site": site_id, "comment": comment_id})
    return [Flag(*row) for row in rows]


async def decide_flags(tx: Tx, *, site_id: int, comment_id: int, outcome: str) -> None:
    """What a moderator made of a comment's flags."""
    await tx.execute(_DECIDE, {"site": site_id, "comment": comment_id, "new_outcome": outcome})


async def find_record(tx: Tx, *, site_id: int, author_id: int) -> Record | None:
    """What is known of somebody who flags."""
    row = await tx.fetch_one(_RECORD, {"site": site_id, "author": author_id})
    return None if row is None or row.created_at is None else Record(row.created_at, row.published, row.rejected)
