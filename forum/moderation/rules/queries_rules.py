"""Statements about the versions of a site's rules, and about what a dry run looks at."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, select

from forum.accounts.tables import account, account_role
from forum.comments.model import Status
from forum.comments.review.model import By, Verdict
from forum.comments.review.tables import decision
from forum.comments.screening.tables import screening_rules
from forum.comments.tables import comment
from forum.db import Prepared, Tx

_VERSIONS = Prepared(
    select(
        screening_rules.c.version,
        screening_rules.c.rules,
        screening_rules.c.created_at,
        func.coalesce(account.c.name, "").label("by"),
    )
    .select_from(screening_rules.outerjoin(account, account.c.id == screening_rules.c.by_id))
    .where(screening_rules.c.site_id == bindparam("site"), screening_rules.c.version < bindparam("before"))
    .order_by(screening_rules.c.version.desc())
    .limit(bindparam("most"))
)


class Kept(NamedTuple):
    """A version of a site's rules: JSON, when it was saved, and by whom ("" for somebody who is gone)."""

    version: int
    rules: str
    created_at: datetime
    by: str


async def list_kept(tx: Tx, *, site_id: int, before: int, most: int) -> list[Kept]:
    """Versions with a lower number than `before`, the latest first."""
    rows = await tx.fetch_all(_VERSIONS, {"site": site_id, "before": before, "most": most})
    return [Kept._make(row) for row in rows]


class Stored(NamedTuple):
    """A comment for a dry run."""

    id: int
    author_kind: str
    author_id: int
    source: str
    html: str
    text: str
    covers: str
    eff_scope_id: int | None
    sketch_a: int | None
    sketch_b: int | None
    status: str


_STORED = tuple(comment.c[name] for name in Stored._fields)
_THERE = and_(comment.c.site_id == bindparam("site"), comment.c.status != Status.DELETED.value)
# The comment that so many are younger than.
_FIRST = Prepared(
    select(comment.c.id).where(_THERE).order_by(comment.c.id.desc()).offset(bindparam("skipped")).limit(1)
)
_SLICE = Prepared(
    select(*_STORED).where(_THERE, comment.c.id > bindparam("after")).order_by(comment.c.id).limit(bindparam("most"))
)
_JUDGING = (Verdict.APPROVE, Verdict.DISMISS, Verdict.REMOVE, Verdict.SPAM, Verdict.UNDO)
_JUDGED = Prepared(
    select(decision.c.comment_id, decision.c.verdict)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.comment_id.in_(bindparam("comments", expanding=True)),
        decision.c.by_kind == By.MODERATOR.value,
        decision.c.verdict.in_([verdict.value for verdict in _JUDGING]),
    )
    .order_by(decision.c.id)
)
_PUBLIC = Prepared(
    select(comment.c.author_id, func.count().label("public"))
    .where(
        comment.c.site_id == bindparam("site"),
        comment.c.author_id.in_(bindparam("authors", expanding=True)),
        comment.c.id < bindparam("before"),
        comment.c.status == Status.PUBLISHED.value,
    )
    .group_by(comment.c.author_id)
)
_STAFF = Prepared(select(account_role.c.account_id).where(account_role.c.site_id == bindparam("site")))


async def find_first(tx: Tx, *, site_id: int, most: int) -> int:
    """The id of the comment with which the latest so many begin; 0 when there are no more."""
    found: int | None = await tx.fetch_val(_FIRST, {"site": site_id, "skipped": most - 1})
    return found or 0


async def list_slice(tx: Tx, *, site_id: int, after: int, most: int) -> list[Stored]:
    """Comments that are there, whatever became of them, in the order in which they were written."""
    return [Stored._make(row) for row in await tx.fetch_all(_SLICE, {"site": site_id, "after": after, "most": most})]


async def list_judged(tx: Tx, *, site_id: int, comments: list[int]) -> dict[int, str]:
    """The last thing that moderators said about these comments: a `Verdict`."""
    rows = await tx.fetch_all(_JUDGED, {"site": site_id, "comments": comments})
    return {row.comment_id: row.verdict for row in rows}


async def count_public(tx: Tx, *, site_id: int, authors: list[int], before: int) -> dict[int, int]:
    """How many comments of these people with ids below `before` are public."""
    found = await tx.fetch_all(_PUBLIC, {"site": site_id, "authors": authors, "before": before})
    return dict.fromkeys(authors, 0) | {row.author_id: row.public for row in found}


async def list_staff(tx: Tx, *, site_id: int) -> frozenset[int]:
    """The accounts that have a role on a site."""
    return frozenset(row.account_id for row in await tx.fetch_all(_STAFF, {"site": site_id}))
