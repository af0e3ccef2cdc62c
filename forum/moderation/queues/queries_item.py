"""Statements that read one comment with all that is around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, literal, literal_column, select

from forum.accounts.tables import account
from forum.comments.model import DRAWN, Comment, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.review.model import By, Verdict
from forum.comments.review.tables import decision, flag
from forum.comments.tables import comment
from forum.core.ids import id_at
from forum.db import Prepared, Tx
from forum.moderation.queues.model import MOST_ABOVE, MOST_COUNTED, MOST_FLAGS, RULE_MEMORY, About, Flag, Hits, Reach
from forum.moderation.queues.queries_queue import ABOUT_COLUMNS, about_of, with_discussion
from forum.spoilers.tables import passage

# What a moderator says about a comment that a rule has stopped, where they agree with it and where they do not.
AGREED = (Verdict.REMOVE.value, Verdict.SPAM.value, Verdict.COVER.value)
DISAGREED = (Verdict.APPROVE.value, Verdict.DISMISS.value)
HOUR = timedelta(hours=1)

_WIDTH = len(COLUMNS)
_SITE: Any = bindparam("site")
_COMMENT: Any = bindparam("comment")
_SUBJECT = Prepared(
    select(*COLUMNS, *ABOUT_COLUMNS)
    .select_from(with_discussion(comment, comment.c.site_id, comment.c.discussion_id))
    .where(comment.c.id == _COMMENT)
)
_up = (
    select(comment.c.id, comment.c.parent_id, literal(0).label("level"))
    .where(comment.c.site_id == _SITE, comment.c.id == _COMMENT)
    .cte("up", recursive=True)
)
_up = _up.union_all(
    select(comment.c.id, comment.c.parent_id, (_up.c.level + 1).label("level"))
    .select_from(comment.join(_up, comment.c.id == _up.c.parent_id))
    .where(comment.c.site_id == _SITE, _up.c.level < MOST_ABOVE)
)
_ABOVE = Prepared(
    select(*COLUMNS)
    .select_from(comment.join(_up, comment.c.id == _up.c.id))
    .where(comment.c.site_id == _SITE, _up.c.level > 0)
    .order_by(comment.c.depth)
)
_REPLIES = Prepared(
    select(*COLUMNS)
    .where(comment.c.site_id == _SITE, comment.c.parent_id == _COMMENT, comment.c.status != Status.DELETED.value)
    .order_by(comment.c.root_seq)
    .limit(bindparam("most"))
)
_FLAGS = Prepared(
    select(
        flag.c.author_id,
        account.c.name,
        *(flag.c[name] for name in ("reason", "scope_id", "note", "weight", "is_new", "outcome", "created_at")),
    )
    .select_from(flag.outerjoin(account, account.c.id == flag.c.author_id))
    .where(flag.c.site_id == _SITE, flag.c.comment_id == _COMMENT)
    .order_by(flag.c.outcome.is_not(None), flag.c.weight.desc(), flag.c.created_at.desc(), flag.c.author_id)
    .limit(MOST_FLAGS)
)
_KEPT = Prepared(
    select(flag.c.author_id, flag.c.outcome, func.count().label("times"))
    .where(
        flag.c.site_id == _SITE,
        flag.c.author_id.in_(bindparam("authors", expanding=True)),
        flag.c.comment_id != _COMMENT,
        flag.c.outcome.is_not(None),
    )
    .group_by(flag.c.author_id, flag.c.outcome)
)
_undoing = decision.alias("undoing")
_lately = (
    select(decision.c.id, decision.c.verdict)
    .where(
        decision.c.site_id == _SITE,
        decision.c.about_rule == bindparam("rule"),
        decision.c.by_kind == By.MODERATOR.value,
        decision.c.verdict.in_((*AGREED, *DISAGREED)),
    )
    .order_by(decision.c.id.desc())
    .limit(RULE_MEMORY)
    .subquery("lately")
)
_HITS = Prepared(
    select(_lately.c.verdict, func.count().label("times"))
    .where(
        ~select(literal_column("1"))
        .where(_undoing.c.site_id == _SITE, _undoing.c.undoes == _lately.c.id)
        .correlate(_lately)
        .exists()
    )
    .group_by(_lately.c.verdict)
)
_quoting = (
    select(passage.c.comment_id)
    .where(passage.c.site_id == _SITE, passage.c.src_comment_id == _COMMENT)
    .distinct()
    .limit(MOST_COUNTED)
    .subquery("quoting")
)
_below = select(comment.c.id).where(comment.c.site_id == _SITE, comment.c.id == _COMMENT).cte("below", recursive=True)
_below = _below.union_all(
    select(comment.c.id)
    .select_from(comment.join(_below, comment.c.parent_id == _below.c.id))
    .where(comment.c.site_id == _SITE, comment.c.status.in_(DRAWN) | comment.c.marked)
)
_drawn_below = select(_below.c.id).limit(MOST_COUNTED + 1).subquery("drawn_below")
# The latest on the whole site, of which those of one discussion are counted: no index leads to these alone.
_recent = (
    select(comment.c.author_id, comment.c.discussion_id)
    .where(comment.c.site_id == _SITE, comment.c.id >= bindparam("since", type_=BigInteger))
    .limit(MOST_COUNTED)
    .subquery("recent")
)
_REACH = Prepared(
    select(
        select(func.count()).select_from(_quoting).scalar_subquery().label("quotes"),
        (select(func.count()).select_from(_drawn_below).scalar_subquery() - 1).label("replies"),
        select(func.count(_recent.c.author_id.distinct()))
        .where(_recent.c.discussion_id == bindparam("discussion"))
        .scalar_subquery()
        .label("writers"),
    )
)


async def find_subject(tx: Tx, comment_id: int) -> tuple[Comment, About] | None:
    """A comment, whatever its status, with its discussion."""
    row = await tx.fetch_one(_SUBJECT, {"comment": comment_id})
    return None if row is None else (comment_of(row[:_WIDTH]), about_of(row[_WIDTH:]))


async def list_above(tx: Tx, found: Comment) -> list[Comment]:
    """The comments that one answers, the nearest last."""
    if found.parent_id is None:
        return []
    return [comment_of(row) for row in await tx.fetch_all(_ABOVE, {"site": found.site_id, "comment": found.id})]


async def list_first_replies(tx: Tx, found: Comment, *, most: int) -> list[Comment]:
    """The first replies to a comment that were not deleted."""
    values = {"site": found.site_id, "comment": found.id, "most": most}
    return [comment_of(row) for row in await tx.fetch_all(_REPLIES, values)]


async def list_flags(tx: Tx, *, site_id: int, comment_id: int) -> list[Flag]:
    """The flags on a comment, open and heavy ones first, with what became of their people's other flags."""
    values = {"site": site_id, "comment": comment_id}
    rows = await tx.fetch_all(_FLAGS, values)
    if not rows:
        return []
    kept: dict[tuple[int, str], int] = {}
    for row in await tx.fetch_all(_KEPT, {**values, "authors": [row.author_id for row in rows]}):
        kept[row.author_id, row.outcome] = row.times
    return [_flag(row, kept) for row in rows]


def _flag(row: Sequence[object], kept: dict[tuple[int, str], int]) -> Flag:
    found = Flag(*row)  # type: ignore[arg-type]
    upheld, rejected = (kept.get((found.author_id, outcome), 0) for outcome in ("upheld", "rejected"))
    return found._replace(name=found.name or "", upheld=upheld, rejected=rejected)


async def find_hits(tx: Tx, *, site_id: int, rule: str) -> Hits:
    """How often moderators agreed with a rule, lately. What was undone does not count."""
    rows = await tx.fetch_all(_HITS, {"site": site_id, "rule": rule})
    by_verdict = {row.verdict: row.times for row in rows}
    return Hits(sum(by_verdict.get(verdict, 0) for verdict in AGREED), sum(by_verdict.values()))


async def find_reach(tx: Tx, found: Comment, now: datetime) -> Reach:
    """Whom a verdict on this comment reaches."""
    values = {"site": found.site_id, "comment": found.id, "discussion": found.discussion_id}
    row = await tx.fetch_one(_REACH, values | {"since": id_at(now - HOUR)})
    return Reach(row.quotes, row.replies, row.writers) if row is not None else Reach(0, 0, 0)
