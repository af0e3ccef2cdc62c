"""Statements about discussions as moderators see them: which there are, what was decided about them, which are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, exists, func, or_, select, update

from forum.accounts.tables import account
from forum.articles.model import HOME_TAG, PINNED_TAG, DiscussionState, tag_of
from forum.articles.tables import article, discussion
from forum.comments.review.model import Decision
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.tables import decision
from forum.core.ids import MAX_ID
from forum.db import Prepared, Row, Tx
from forum.moderation.discussions.steering import DISCUSSION_VERDICTS, Thing

_UNDO: Final = decision.alias("undo")
_UNDOER: Final = account.alias("undoer")
_IS_UNDONE = (_UNDO.c.site_id == decision.c.site_id) & (_UNDO.c.undoes == decision.c.id)
_DECISION = Prepared(
    select(*DECISION_COLUMNS).where(decision.c.site_id == bindparam("site"), decision.c.id == bindparam("decision"))
)
_LAST_IN_FORCE = Prepared(
    select(decision.c.id)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.discussion_id == bindparam("discussion"),
        decision.c.verdict.in_(bindparam("verdicts", expanding=True)),
        ~exists(select(_UNDO.c.id).where(_IS_UNDONE)),
    )
    .order_by(decision.c.id.desc())
    .limit(1)
)
_HISTORY = Prepared(
    select(
        *DECISION_COLUMNS,
        func.coalesce(account.c.name, "").label("by_name"),
        _UNDO.c.created_at.label("undone_at"),
        func.coalesce(_UNDOER.c.name, "").label("undone_by"),
    )
    .select_from(
        decision.outerjoin(_UNDO, _IS_UNDONE)
        .outerjoin(account, account.c.id == decision.c.by_id)
        .outerjoin(_UNDOER, _UNDOER.c.id == _UNDO.c.by_id)
    )
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.discussion_id == bindparam("discussion"),
        decision.c.verdict.in_(bindparam("verdicts", expanding=True)),
    )
    .order_by(decision.c.id.desc())
    .limit(bindparam("most"))
)
_HERE = (discussion.c.site_id == article.c.site_id) & (discussion.c.id == article.c.id)
# What every list may ask for; the page after a discussion goes on with the ids below it.
_LISTED = (
    select(discussion.c.id)
    .select_from(article.join(discussion, _HERE))
    .where(discussion.c.site_id == bindparam("site"), discussion.c.id < bindparam("edge"))
    .order_by(discussion.c.id.desc())
    .limit(bindparam("most"))
)
_BEGIN_WITH = {
    None: (),
    Thing.STATE: (discussion.c.state.in_((DiscussionState.CLOSED.value, DiscussionState.ARCHIVED.value)),),
    Thing.SLOW: (discussion.c.slow_seconds > 0,),
    Thing.PINNED: (discussion.c.pinned_at.is_not(None),),
    Thing.FEATURED: (discussion.c.featured_id.is_not(None),),
    Thing.WATCHED: (discussion.c.premoderated,),
}
_WORDS = func.lower(bindparam("words", type_=article.c.title.type))
_MATCHES = or_(
    *(func.lower(column).contains(_WORDS, escape="\\") for column in (article.c.title, article.c.url)),
)
_LISTS = {thing: Prepared(_LISTED.where(*some)) for thing, some in _BEGIN_WITH.items()}
_SEARCHES = {thing: Prepared(_LISTED.where(_MATCHES, *some)) for thing, some in _BEGIN_WITH.items()}
_OLD = Prepared(
    update(discussion)
    .where(
        discussion.c.site_id == bindparam("site"),
        discussion.c.id.in_(
            select(discussion.c.id)
            .where(
                discussion.c.site_id == bindparam("site"),
                discussion.c.id < bindparam("edge"),
                discussion.c.state == DiscussionState.OPEN.value,
            )
            .order_by(discussion.c.id)
            .limit(bindparam("most"))
        ),
        discussion.c.state == DiscussionState.OPEN.value,
    )
    .values(state=DiscussionState.CLOSED.value, revision=discussion.c.revision + 1)
    .returning(discussion.c.id, discussion.c.revision)
)


class Told(NamedTuple):
    """A decision about a discussion, as its history tells it: by whom, and when and by whom it was undone. Names are
    "" for rules, time, and accounts that are gone."""

    decision: Decision
    by: str
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which discussions of a site: with `words` in title or address, with something set (`thing`), begun before the
    discussion `edge`."""

    words: str = ""
    thing: Thing | None = None
    edge: int | None = None


async def find_decision(tx: Tx, *, site_id: int, decision_id: int) -> Decision | None:
    """A line of a site's log."""
    row = await tx.fetch_one(_DECISION, {"site": site_id, "decision": decision_id})
    return None if row is None else decision_of(row)


async def find_last_in_force(tx: Tx, about: Decision, verdicts: Sequence[str]) -> int | None:
    """The last decision with one of these verdicts, about the same discussion, that nobody has undone."""
    values = {"site": about.site_id, "discussion": about.discussion_id, "verdicts": list(verdicts)}
    found: int | None = await tx.fetch_val(_LAST_IN_FORCE, values)
    return found


def _told(row: Row) -> Told:
    count = len(DECISION_COLUMNS)
    return Told(decision_of(row[:count]), row.by_name, row.undone_at, row.undone_by)


async def list_told(tx: Tx, *, site_id: int, discussion_id: int, most: int) -> list[Told]:
    """What was set for a discussion, the latest first."""
    values: dict[str, Any] = {"site": site_id, "discussion": discussion_id, "most": most}
    rows = await tx.fetch_all(_HISTORY, values | {"verdicts": sorted(DISCUSSION_VERDICTS)})
    return [_told(row) for row in rows]


async def list_ids(tx: Tx, *, site_id: int, wanted: Wanted, most: int) -> list[int]:
    """Discussions of a site, the latest first."""
    values: dict[str, Any] = {"site": site_id, "edge": wanted.edge or MAX_ID, "most": most}
    if not wanted.words:
        return [row.id for row in await tx.fetch_all(_LISTS[wanted.thing], values)]
    words = wanted.words
    for sign in ("\\", "%", "_"):
        words = words.replace(sign, f"\\{sign}")
    return [row.id for row in await tx.fetch_all(_SEARCHES[wanted.thing], values | {"words": words})]


async def close_old(tx: Tx, *, site_id: int, edge: int, most: int) -> list[tuple[int, int]]:
    """Close open discussions with ids below `edge`, but for those that somebody has opened again; (id, revision) of
    each."""
    rows = await tx.fetch_all(_OLD, {"site": site_id, "edge": edge, "most": most})
    if rows:
        tx.touch(HOME_TAG, PINNED_TAG, *(tag_of(row.id) for row in rows))
    return [(row.id, row.revision) for row in rows]
