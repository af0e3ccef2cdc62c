"""Statements about what people keep for themselves: progress, whom they mute, what they follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import and_, bindparam, delete, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.tables import account
from forum.articles.tables import article
from forum.comments.model import Status
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from forum.people.model import MOST_MUTED_COMMENTS, Followed, Known, Muted, Stand
from forum.people.tables import follow, mute
from forum.sites.tables import site
from forum.spoilers.tables import progress, progress_rule

_MINE = progress.c.account_id == bindparam("account")
_STANDS = Prepared(
    select(progress.c.work_id, progress.c.state, progress.c.unit, progress.c.ticks).where(_MINE).order_by("work_id")
)
_RULES = Prepared(
    select(progress_rule.c.rule, progress_rule.c.said)
    .where(progress_rule.c.account_id == bindparam("account"))
    .order_by("rule")
)
_KEEP_STAND = Prepared(
    (given := insert(progress)).on_conflict_do_update(
        index_elements=["account_id", "work_id"],
        set_={name: given.excluded[name] for name in ("state", "unit", "ticks", "updated_at")},
    )
)
_DROP_STAND = Prepared(delete(progress).where(_MINE, progress.c.work_id == bindparam("work")))
_KEEP_RULE = Prepared(
    (ruled := insert(progress_rule)).on_conflict_do_update(
        index_elements=["account_id", "rule"], set_={"said": ruled.excluded.said}
    )
)
_DROP_RULE = Prepared(
    delete(progress_rule).where(
        progress_rule.c.account_id == bindparam("account"), progress_rule.c.rule == bindparam("dropped")
    )
)

_MUTE = Prepared(insert(mute).on_conflict_do_nothing())
_IS_MUTED = and_(
    mute.c.account_id == bindparam("account"),
    mute.c.muted_kind == bindparam("kind"),
    mute.c.muted_id == bindparam("person"),
)
_UNMUTE = Prepared(delete(mute).where(_IS_MUTED))
_COUNT_MUTED = Prepared(select(func.count()).select_from(mute).where(mute.c.account_id == bindparam("account")))
_MUTED = Prepared(
    select(mute.c.muted_kind, mute.c.muted_id, func.coalesce(account.c.name, mute.c.name).label("name"))
    .select_from(mute.outerjoin(account, and_(mute.c.muted_kind == "account", account.c.id == mute.c.muted_id)))
    .where(mute.c.account_id == bindparam("account"))
    .order_by(mute.c.created_at.desc(), mute.c.muted_id.desc())
)
_muted_comments = (
    select(comment.c.id)
    .select_from(
        mute.join(comment, and_(comment.c.author_id == mute.c.muted_id, comment.c.author_kind == mute.c.muted_kind))
    )
    .where(
        mute.c.account_id == bindparam("account"),
        comment.c.site_id == bindparam("site"),
        comment.c.discussion_id == bindparam("discussion"),
        comment.c.status == Status.PUBLISHED.value,
    )
    .order_by(comment.c.id.desc())
    .limit(MOST_MUTED_COMMENTS)
)
_MUTED_COMMENTS = Prepared(_muted_comments)

_FOLLOWS = and_(
    follow.c.account_id == bindparam("account"),
    follow.c.site_id == bindparam("site"),
    follow.c.discussion_id == bindparam("discussion"),
)
_FOLLOW = Prepared(insert(follow).on_conflict_do_nothing())
_UNFOLLOW = Prepared(delete(follow).where(_FOLLOWS))
_COUNT_FOLLOWED = Prepared(select(func.count()).select_from(follow).where(follow.c.account_id == bindparam("account")))
_FOLLOWED = Prepared(
    select(follow.c.discussion_id, article.c.title, article.c.url, site.c.name, follow.c.created_at)
    .select_from(
        follow.join(article, and_(article.c.site_id == follow.c.site_id, article.c.id == follow.c.discussion_id)).join(
            site, site.c.id == follow.c.site_id
        )
    )
    .where(follow.c.account_id == bindparam("account"))
    .order_by(follow.c.created_at.desc(), follow.c.discussion_id.desc())
)
# Both in one go: whether the discussion is followed (no comment has this id), and the comments of the muted in it.
_FOLLOWED_MARK = 0
_listed = _muted_comments.subquery("muted")
_HERE = Prepared(
    union_all(select(literal(_FOLLOWED_MARK).label("id")).select_from(follow).where(_FOLLOWS), select(_listed.c.id))
)


def _codes(kept: str) -> tuple[str, ...]:
    return tuple(orjson.loads(kept)) if kept else ()


async def find_known(tx: Tx, account_id: int) -> Known:
    """All that somebody has said about works."""
    stands = await tx.fetch_all(_STANDS, {"account": account_id})
    rules = await tx.fetch_all(_RULES, {"account": account_id})
    return Known(
        {row.work_id: Stand(row.work_id, row.state, row.unit, _codes(row.ticks)) for row in stands},
        {row.rule: row.said for row in rules},
    )


async def keep_stand(tx: Tx, account_id: int, stand: Stand, now: datetime) -> None:
    """Store how far somebody is in a work; one that says nothing is forgotten."""
    if not stand.state and not stand.ticks:
        await tx.execute(_DROP_STAND, {"account": account_id, "work": stand.work_id})
        return
    ticks = orjson.dumps(stand.ticks).decode() if stand.ticks else ""
    values = {**stand._asdict(), "ticks": ticks, "account_id": account_id, "updated_at": now}
    await tx.execute(_KEEP_STAND, values)


async def keep_rule(tx: Tx, account_id: int, rule: str, said: str | None) -> None:
    """Store a rule about all works of a kind in a franchise; None takes it back."""
    if said is None:
        await tx.execute(_DROP_RULE, {"account": account_id, "dropped": rule})
    else:
        await tx.execute(_KEEP_RULE, {"account_id": account_id, "rule": rule, "said": said})


async def insert_mute(tx: Tx, account_id: int, muted: Muted, now: datetime) -> None:
    """Mute somebody; who is muted stays so."""
    values = {"account_id": account_id, "muted_kind": muted.kind, "muted_id": muted.id}
    await tx.execute(_MUTE, {**values, "name": muted.name, "created_at": now})


async def delete_mute(tx: Tx, account_id: int, *, kind: str, person_id: int) -> None:
    """Hear somebody again."""
    await tx.execute(_UNMUTE, {"account": account_id, "kind": kind, "person": person_id})


async def count_muted(tx: Tx, account_id: int) -> int:
    """How many people somebody has muted."""
    return int(await tx.fetch_val(_COUNT_MUTED, {"account": account_id}))


async def list_muted(tx: Tx, account_id: int) -> list[Muted]:
    """Whom somebody has muted, the latest first."""
    rows = await tx.fetch_all(_MUTED, {"account": account_id})
    return [Muted(row.muted_kind, row.muted_id, row.name) for row in rows]


async def list_muted_comments(tx: Tx, account_id: int, *, site_id: int, discussion_id: int) -> list[int]:
    """Comments of a discussion by people whom somebody has muted, the latest ones."""
    values = {"account": account_id, "site": site_id, "discussion": discussion_id}
    return [row.id for row in await tx.fetch_all(_MUTED_COMMENTS, values)]


async def insert_follow(tx: Tx, account_id: int, *, site_id: int, discussion_id: int, now: datetime) -> None:
    """Follow a discussion; one that is followed stays so."""
    values = {"account_id": account_id, "site_id": site_id, "discussion_id": discussion_id, "created_at": now}
    await tx.execute(_FOLLOW, values)


async def delete_follow(tx: Tx, account_id: int, *, site_id: int, discussion_id: int) -> None:
    """Follow a discussion no longer."""
    await tx.execute(_UNFOLLOW, {"account": account_id, "site": site_id, "discussion": discussion_id})


async def count_followed(tx: Tx, account_id: int) -> int:
    """How many discussions somebody follows."""
    return int(await tx.fetch_val(_COUNT_FOLLOWED, {"account": account_id}))


async def list_followed(tx: Tx, account_id: int) -> list[Followed]:
    """The discussions somebody follows, the latest first."""
    rows = await tx.fetch_all(_FOLLOWED, {"account": account_id})
    return [Followed(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Extras:
    """What a page asks about who is signed in, beside who they are: whether its discussion is followed, the comments in
    it by people they have muted, and what they have said about works ((state, unit's code) by work id)."""

    following: bool
    muted: Sequence[int]
    progress: Mapping[str, tuple[str, str]]
    ticks: Mapping[str, Sequence[str]]
    rules: Mapping[str, str]


async def find_extras(tx: Tx, *, account_id: int, site_id: int, discussion_id: int | None) -> Extras:
    """Everything a page asks, in at most three statements; `discussion_id` None: it shows no discussion."""
    here: list[int] = []
    if discussion_id is not None:
        values = {"account": account_id, "site": site_id, "discussion": discussion_id}
        here = [row.id for row in await tx.fetch_all(_HERE, values)]
    known = await find_known(tx, account_id)
    stands = known.stands.values()
    return Extras(
        following=_FOLLOWED_MARK in here,
        muted=[comment_id for comment_id in here if comment_id != _FOLLOWED_MARK],
        progress={stand.work_id: (stand.state, stand.unit) for stand in stands if stand.state},
        ticks={stand.work_id: stand.ticks for stand in stands if stand.ticks},
        rules=known.rules,
    )
