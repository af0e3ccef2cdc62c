"""Statements about people in the eyes of moderators: their sanctions, and what was decided about what they wrote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, insert, or_, select, update

from forum.accounts.model import Account, Role, Session
from forum.accounts.queries_session import COUNTS, WHOSE, whose
from forum.accounts.tables import account, account_role, session
from forum.comments.review.model import Decision, Sanction, SanctionRow
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.tables import decision, sanction
from forum.core.capability import hash_token
from forum.db import Prepared, Row, Tx

SANCTION_COLUMNS = tuple(sanction.c[name] for name in SanctionRow._fields)
# Nobody has more of them at once; and what one is told is a list to read.
MOST_SANCTIONS = 200
MOST_DECISIONS = 1_000

_NOW = bindparam("now", type_=sanction.c.created_at.type)
_OF = (sanction.c.site_id == bindparam("site"), sanction.c.author_id.in_(bindparam("authors", expanding=True)))
# Ids are one for guests and accounts alike: no kind is needed to tell them apart.
_IN_FORCE = Prepared(
    select(*SANCTION_COLUMNS)
    .where(
        *_OF,
        sanction.c.lifted_at.is_(None),
        or_(sanction.c.until.is_(None), sanction.c.until > _NOW),
        or_(sanction.c.kind != Sanction.WARN.value, sanction.c.seen_at.is_(None)),
    )
    .order_by(sanction.c.id.desc())
    .limit(MOST_SANCTIONS)
)
# Whoever may not write on a site has no say there either.
_OFFICES = and_(
    account_role.c.account_id == account.c.id,
    ~(
        select(sanction.c.id)
        .where(
            sanction.c.site_id == account_role.c.site_id,
            sanction.c.author_id == account_role.c.account_id,
            sanction.c.lifted_at.is_(None),
            or_(sanction.c.until.is_(None), sanction.c.until > _NOW),
            sanction.c.kind.in_((Sanction.SUSPEND.value, Sanction.BAN.value)),
        )
        .correlate(account_role)
        .exists()
    ),
)
_HOLDER = Prepared(
    select(*WHOSE, account_role.c.site_id, account_role.c.role)
    .select_from(session.join(account, account.c.id == session.c.account_id).outerjoin(account_role, _OFFICES))
    .where(session.c.token_hash == bindparam("token_hash"), COUNTS)
)
_ALL = Prepared(select(*SANCTION_COLUMNS).where(*_OF).order_by(sanction.c.id.desc()).limit(MOST_SANCTIONS))
_INSERT = Prepared(insert(sanction))
_THIS = and_(sanction.c.site_id == bindparam("site"), sanction.c.id == bindparam("sanction"))
_FIND_LOCKED = Prepared(select(*SANCTION_COLUMNS).where(_THIS).with_for_update())
_END = Prepared(
    update(sanction)
    .where(
        sanction.c.site_id == bindparam("site"),
        sanction.c.id.in_(bindparam("sanctions", expanding=True)),
        sanction.c.lifted_at.is_(None),
    )
    .values(lifted_at=_NOW)
)
_RESUME = Prepared(
    update(sanction)
    .where(sanction.c.site_id == bindparam("site"), sanction.c.id.in_(bindparam("sanctions", expanding=True)))
    .values(lifted_at=None)
)
_SEEN = Prepared(
    update(sanction)
    .where(_THIS, sanction.c.author_id.in_(bindparam("authors", expanding=True)), sanction.c.seen_at.is_(None))
    .values(seen_at=_NOW)
)
# Of what is about a comment's status or its cover: what its author is told. Claims of the site's own systems are not.
_ABOUT = Prepared(
    select(*DECISION_COLUMNS)
    .where(decision.c.site_id == bindparam("site"), decision.c.comment_id.in_(bindparam("comments", expanding=True)))
    .order_by(decision.c.id.desc())
    .limit(MOST_DECISIONS)
)
_OF_AUTHOR = Prepared(
    select(*DECISION_COLUMNS)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.author_id.in_(bindparam("authors", expanding=True)),
        decision.c.id < bindparam("edge"),
    )
    .order_by(decision.c.id.desc())
    .limit(bindparam("most"))
)


def sanction_of(row: Row) -> SanctionRow:
    """A row of `SANCTION_COLUMNS`."""
    return SanctionRow._make(row)


async def find_holder(tx: Tx, *, token: str, now: datetime) -> tuple[Account, Session, dict[int, Role]] | None:
    """Whose session this is (it may have ended by time), and what they are, by site id, but for sites that have
    suspended or banned them: one statement."""
    rows = await tx.fetch_all(_HOLDER, {"token_hash": hash_token(token), "now": now})
    if not rows:
        return None
    offices = {row[-2]: Role(row[-1]) for row in rows if row[-1] is not None}
    return *whose(rows[0]), offices


async def list_in_force(tx: Tx, *, site_id: int, authors: Sequence[int], now: datetime) -> list[SanctionRow]:
    """What counts for these people (one, or a guest and the account it signed in to) on a site now, unread warnings
    included; the latest first."""
    if not authors:
        return []
    values = {"site": site_id, "authors": list(authors), "now": now}
    return [sanction_of(row) for row in await tx.fetch_all(_IN_FORCE, values)]


async def list_sanctions(tx: Tx, *, site_id: int, authors: Sequence[int]) -> list[SanctionRow]:
    """Everything that ever was, the latest first."""
    rows = await tx.fetch_all(_ALL, {"site": site_id, "authors": list(authors)})
    return [sanction_of(row) for row in rows]


async def find_sanction_locked(tx: Tx, *, site_id: int, sanction_id: int) -> SanctionRow | None:
    """A sanction, held against others who lift it."""
    row = await tx.fetch_one(_FIND_LOCKED, {"site": site_id, "sanction": sanction_id})
    return None if row is None else sanction_of(row)


async def insert_sanction(tx: Tx, new: SanctionRow) -> None:
    """Sanction somebody."""
    await tx.execute(_INSERT, new._asdict())


async def end_sanctions(tx: Tx, *, site_id: int, sanctions: Collection[int], now: datetime) -> int:
    """Lift these; how many were not lifted before."""
    if not sanctions:
        return 0
    return await tx.execute(_END, {"site": site_id, "sanctions": sorted(sanctions), "now": now})


async def resume_sanctions(tx: Tx, *, site_id: int, sanctions: Collection[int]) -> int:
    """Take back that these were lifted."""
    if not sanctions:
        return 0
    return await tx.execute(_RESUME, {"site": site_id, "sanctions": sorted(sanctions)})


async def mark_seen(tx: Tx, *, site_id: int, sanction_id: int, authors: Sequence[int], now: datetime) -> bool:
    """Its person has said that they read it; whether it is theirs and was not read before."""
    if not authors:
        return False
    values = {"site": site_id, "sanction": sanction_id, "authors": list(authors), "now": now}
    return bool(await tx.execute(_SEEN, values))


async def list_about(tx: Tx, *, site_id: int, comments: Collection[int]) -> dict[int, list[Decision]]:
    """What was decided about these comments, by comment, the latest first."""
    if not comments:
        return {}
    found: dict[int, list[Decision]] = {}
    for row in await tx.fetch_all(_ABOUT, {"site": site_id, "comments": sorted(comments)}):
        line = decision_of(row)
        if line.comment_id is not None:
            found.setdefault(line.comment_id, []).append(line)
    return found


async def list_of_author(tx: Tx, *, site_id: int, authors: Sequence[int], edge: int, most: int) -> list[Decision]:
    """What was decided about these people and what they wrote on a site, before the decision `edge`, the latest
    first."""
    if not authors:
        return []
    values = {"site": site_id, "authors": list(authors), "edge": edge, "most": most}
    return [decision_of(row) for row in await tx.fetch_all(_OF_AUTHOR, values)]
