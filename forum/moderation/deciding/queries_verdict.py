"""Statements of verdicts: hold what is decided about, empty its queues, give flags back what they had, and claims."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from forum.accounts.tables import account
from forum.comments.model import Comment, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.review.model import Decision, Item, Queue, Verdict
from forum.comments.review.queries import DECISION_COLUMNS, ITEM_COLUMNS, STANDS, decision_of, item_of
from forum.comments.review.tables import decision, queue_item
from forum.comments.tables import comment
from forum.db import Prepared, Tx

_SITE: Any = bindparam("site")
_asked = comment.alias("asked")


def _of_asked(column: Any) -> Any:
    return select(column).where(_asked.c.id == bindparam("comment")).correlate(None).scalar_subquery()


# By the id alone: of which site it is, says the comment.
_HOLD_PLACE = Prepared(
    select(*COLUMNS, comment.c.reviewed)
    .where(
        comment.c.site_id == _of_asked(_asked.c.site_id),
        or_(
            comment.c.id == bindparam("comment"),
            comment.c.id == _of_asked(_asked.c.parent_id),
            comment.c.id == _of_asked(_asked.c.root_id),
        ),
    )
    .order_by(comment.c.id)
    .with_for_update(key_share=True)
)
_SET_REVIEWED = Prepared(
    update(comment)
    .where(comment.c.site_id == _SITE, comment.c.id == bindparam("comment"))
    .values(reviewed=bindparam("new_reviewed", type_=comment.c.reviewed.type))
)
_ITEMS_OF = (queue_item.c.site_id == _SITE) & (queue_item.c.comment_id == bindparam("comment"))
_ITEMS = Prepared(select(*ITEM_COLUMNS).where(_ITEMS_OF).order_by(queue_item.c.queue).with_for_update())
_NOW = bindparam("now", type_=queue_item.c.claimed_until.type)
_CLAIM = Prepared(
    update(queue_item)
    .where(
        _ITEMS_OF,
        or_(
            queue_item.c.claimed_by.is_(None),
            queue_item.c.claimed_by == bindparam("who"),
            queue_item.c.claimed_until <= _NOW,
        ),
    )
    .values(claimed_by=bindparam("who"), claimed_until=bindparam("until", type_=queue_item.c.claimed_until.type))
)
_RELEASE = Prepared(
    update(queue_item)
    .where(_ITEMS_OF, queue_item.c.claimed_by == bindparam("who"))
    .values(claimed_by=None, claimed_until=None)
)
_FORGET_CLAIM = Prepared(
    delete(queue_item).where(
        _ITEMS_OF, queue_item.c.queue == Queue.UNMODERATED.value, queue_item.c.claimed_by.is_(None)
    )
)
_CLAIMS = Prepared(
    select(*ITEM_COLUMNS, account.c.name.label("claimer"))
    .select_from(queue_item.outerjoin(account, account.c.id == queue_item.c.claimed_by))
    .where(_ITEMS_OF)
)
_DECISION = Prepared(
    select(*DECISION_COLUMNS).where(decision.c.site_id == _SITE, decision.c.id == bindparam("decision"))
)
# Held: of two that take the same thing back at once, the second finds the line of the first.
_DECISION_HELD = Prepared(
    select(decision.c.id)
    .where(decision.c.site_id == _SITE, decision.c.id == bindparam("decision"))
    .with_for_update(key_share=True)
)
_UNDONE = Prepared(
    select(decision.c.id).where(decision.c.site_id == _SITE, decision.c.undoes == bindparam("decision")).limit(1)
)
# What is said about a person or a discussion in passing is not about the comment.
_ABOUT_COMMENT = or_(
    decision.c.status != "",
    decision.c.verdict.in_((Verdict.COVER.value, Verdict.UNCOVER.value, Verdict.DISMISS.value)),
)
_LAST_ABOUT = Prepared(
    select(*DECISION_COLUMNS)
    .where(
        decision.c.site_id == _SITE,
        decision.c.comment_id == bindparam("comment"),
        _ABOUT_COMMENT,
        STANDS,
    )
    .order_by(decision.c.id.desc())
    .limit(1)
)
_BATCH = Prepared(
    select(*DECISION_COLUMNS)
    .where(decision.c.site_id == _SITE, decision.c.batch_id == bindparam("batch"), decision.c.undoes.is_(None))
    .order_by(decision.c.id.desc())
)
_THESE = Prepared(
    select(*COLUMNS).where(comment.c.site_id == _SITE, comment.c.id.in_(bindparam("comments", expanding=True)))
)
_BY_AUTHOR = Prepared(
    select(*COLUMNS)
    .where(
        comment.c.site_id == _SITE,
        comment.c.author_id == bindparam("author"),
        comment.c.author_kind == bindparam("kind"),
        comment.c.created_at > bindparam("since", type_=comment.c.created_at.type),
        comment.c.status != Status.DELETED.value,
    )
    .order_by(comment.c.id.desc())
    .limit(bindparam("most"))
)
_CLAIMED = Prepared(
    select(queue_item.c.comment_id)
    .where(
        queue_item.c.site_id == _SITE,
        queue_item.c.comment_id.in_(bindparam("comments", expanding=True)),
        queue_item.c.claimed_by != bindparam("who"),
        queue_item.c.claimed_until > _NOW,
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Place:
    """A comment that is held, whether a moderator has seen it, and what it replies to (held as well)."""

    comment: Comment
    reviewed: bool
    parent: Comment | None


async def hold_place(tx: Tx, comment_id: int) -> Place | None:
    """A comment, held with its parent and the root of its conversation, the oldest first."""
    rows = await tx.fetch_all(_HOLD_PLACE, {"comment": comment_id})
    found = {row.id: (comment_of(row[: len(COLUMNS)]), bool(row.reviewed)) for row in rows}
    if comment_id not in found:
        return None
    held, reviewed = found[comment_id]
    above = found.get(held.parent_id or 0)
    return Place(held, reviewed, None if above is None else above[0])


async def set_reviewed(tx: Tx, changed: Comment, *, reviewed: bool) -> None:
    """Whether a moderator has seen a comment as it is."""
    await tx.execute(_SET_REVIEWED, {"site": changed.site_id, "comment": changed.id, "new_reviewed": reviewed})


async def list_items(tx: Tx, about: Comment) -> list[Item]:
    """A comment's entries in queues, held."""
    return [item_of(row) for row in await tx.fetch_all(_ITEMS, {"site": about.site_id, "comment": about.id})]


async def claim_items(tx: Tx, about: Comment, *, who: int, now: datetime, until: datetime) -> int:
    """Claim a comment's entries that nobody else has claimed; how many."""
    values = {"site": about.site_id, "comment": about.id, "who": who, "now": now, "until": until}
    return await tx.execute(_CLAIM, values)


async def release_items(tx: Tx, about: Comment, *, who: int) -> None:
    """Give a comment's entries free again; what held nothing but the claim goes."""
    this = {"site": about.site_id, "comment": about.id}
    await tx.execute(_RELEASE, {**this, "who": who})
    await tx.execute(_FORGET_CLAIM, this)


async def list_claims(tx: Tx, about: Comment) -> list[tuple[Item, str]]:
    """A comment's entries with the names of those who have claimed them ("" for nobody)."""
    rows = await tx.fetch_all(_CLAIMS, {"site": about.site_id, "comment": about.id})
    return [(item_of(row[: len(ITEM_COLUMNS)]), row.claimer or "") for row in rows]


async def find_decision(tx: Tx, *, site_id: int, decision_id: int) -> Decision | None:
    """A line of a site's log."""
    row = await tx.fetch_one(_DECISION, {"site": site_id, "decision": decision_id})
    return None if row is None else decision_of(row)


async def is_undone(tx: Tx, given: Decision) -> bool:
    """Whether something was taken back; whoever takes it back now comes after us."""
    this = {"site": given.site_id, "decision": given.id}
    await tx.fetch_one(_DECISION_HELD, this)
    return await tx.fetch_one(_UNDONE, this) is not None


async def find_last_about(tx: Tx, about: Comment) -> Decision | None:
    """What was last decided about a comment (its status, its cover or its flags) and not taken back."""
    row = await tx.fetch_one(_LAST_ABOUT, {"site": about.site_id, "comment": about.id})
    return None if row is None else decision_of(row)


async def list_batch(tx: Tx, *, site_id: int, batch_id: int) -> list[Decision]:
    """What was decided together, the last first."""
    rows = await tx.fetch_all(_BATCH, {"site": site_id, "batch": batch_id})
    return [decision_of(row) for row in rows]


async def list_these(tx: Tx, *, site_id: int, comments: Collection[int]) -> list[Comment]:
    """The comments of a site with these ids."""
    rows = await tx.fetch_all(_THESE, {"site": site_id, "comments": sorted(comments)})
    return [comment_of(row) for row in rows]


async def list_by_author(tx: Tx, *, site_id: int, author: tuple[str, int], since: datetime, most: int) -> list[Comment]:
    """What somebody (kind, id) has written on a site lately, the latest first; nothing that they have deleted."""
    values = {"site": site_id, "kind": author[0], "author": author[1], "since": since, "most": most}
    return [comment_of(row) for row in await tx.fetch_all(_BY_AUTHOR, values)]


async def list_claimed(tx: Tx, *, site_id: int, comments: Collection[int], who: int, now: datetime) -> set[int]:
    """Which of these comments others have claimed at this moment."""
    values = {"site": site_id, "comments": sorted(comments), "who": who, "now": now}
    return {row.comment_id for row in await tx.fetch_all(_CLAIMED, values)}
