"""Statements about readers' flags, about the people who raise them, and about where flagged comments wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ScalarSelect, bindparam, case, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.tables import account, guest
from forum.comments.model import Status
from forum.comments.review.model import Item, Reason, Verdict
from forum.comments.review.policy import STOPPED_BY, Act
from forum.comments.review.queries import STANDS
from forum.comments.review.tables import decision, queue_item, sanction
from forum.comments.review.tables import flag as flags
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from forum.moderation.flags.flag_policy import Flag, Record

REJECTED, UPHELD = "rejected", "upheld"
ALL_REASONS = tuple(reason.value for reason in Reason)
_THIS = (flags.c.site_id == bindparam("site")) & (flags.c.comment_id == bindparam("comment"))
_AUTHORS = flags.c.author_id.in_(bindparam("authors", expanding=True))
# In the order of the fields of a `Flag`.
_COLUMNS = (
    *(flags.c.author_id, flags.c.reason, flags.c.scope_id, flags.c.weight),
    *(flags.c.is_new, flags.c.created_at, flags.c.network, flags.c.note),
)

_INSERT = Prepared(insert(flags).on_conflict_do_nothing().returning(flags.c.author_id))
_UNDECIDED = Prepared(
    select(*_COLUMNS).where(_THIS, flags.c.outcome.is_(None)).order_by(flags.c.created_at, flags.c.author_id)
)
# Who may not flag any more, for now or for good, has no say in what they flagged before either.
_stopped = exists().where(
    sanction.c.site_id == flags.c.site_id,
    sanction.c.author_id == flags.c.author_id,
    sanction.c.kind.in_(STOPPED_BY[Act.FLAG]),
    sanction.c.lifted_at.is_(None),
    or_(sanction.c.until.is_(None), sanction.c.until > bindparam("now", type_=sanction.c.until.type)),
)
_COUNTING = Prepared(
    select(*_COLUMNS).where(_THIS, flags.c.outcome.is_(None), ~_stopped).order_by(flags.c.created_at, flags.c.author_id)
)
_EARLIER = Prepared(select(flags.c.author_id).where(_THIS, _AUTHORS).limit(1))
_DECIDE = Prepared(
    update(flags)
    .where(_THIS, flags.c.outcome.is_(None), flags.c.reason.in_(bindparam("reasons", expanding=True)))
    .values(outcome=bindparam("new_outcome"))
    .returning(flags.c.author_id)
)
_REOPEN = Prepared(update(flags).where(_THIS, _AUTHORS).values(outcome=None))
_FORGET_NETWORKS = Prepared(
    update(flags)
    .where(flags.c.created_at < bindparam("before", type_=flags.c.created_at.type), flags.c.network != "")
    .values(network="")
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


def _decided(outcome: str) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(flags)
        .where(
            flags.c.site_id == bindparam("site"),
            flags.c.author_id == bindparam("author"),
            flags.c.outcome == outcome,
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
        _decided(REJECTED).label("rejected"),
        _decided(UPHELD).label("upheld"),
    )
)
_new = insert(queue_item)
# It keeps its place unless it has become more urgent, and what a rule said about it.
_RAISE = Prepared(
    _new.on_conflict_do_update(
        index_elements=("site_id", "comment_id", "queue"),
        set_={
            "priority": case(
                (_new.excluded.priority > queue_item.c.priority, _new.excluded.priority),
                else_=queue_item.c.priority,
            )
        },
    )
)
_COVERED = Prepared(
    select(decision.c.id)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.comment_id == bindparam("comment"),
        decision.c.verdict == Verdict.COVER_FOR_NOW.value,
        STANDS,
    )
    .order_by(decision.c.id.desc())
    .limit(1)
)


async def insert_flag(tx: Tx, *, site_id: int, comment_id: int, flag: Flag) -> bool:
    """Add a flag; False when this person has flagged this comment before, whatever became of it."""
    values: dict[str, object] = {"site_id": site_id, "comment_id": comment_id, "author_id": flag.author_id}
    values |= {"reason": flag.reason, "scope_id": flag.scope_id, "note": flag.note, "network": flag.network}
    values |= {"weight": flag.weight, "is_new": flag.is_new, "outcome": None, "created_at": flag.at}
    return await tx.fetch_one(_INSERT, values) is not None


async def has_flagged(tx: Tx, *, site_id: int, comment_id: int, authors: Collection[int]) -> bool:
    """Whether any of these has flagged a comment before, whatever became of it."""
    if not authors:
        return False
    values = {"site": site_id, "comment": comment_id, "authors": sorted(authors)}
    return await tx.fetch_one(_EARLIER, values) is not None


async def list_undecided(tx: Tx, *, site_id: int, comment_id: int) -> list[Flag]:
    """The flags of a comment that no moderator has decided about, the oldest first."""
    rows = await tx.fetch_all(_UNDECIDED, {"site": site_id, "comment": comment_id})
    return [Flag(*row) for row in rows]


async def list_counting(tx: Tx, *, site_id: int, comment_id: int, now: datetime) -> list[Flag]:
    """The same without those of people who may not flag here now."""
    rows = await tx.fetch_all(_COUNTING, {"site": site_id, "comment": comment_id, "now": now})
    return [Flag(*row) for row in rows]


async def decide_flags(
    tx: Tx, *, site_id: int, comment_id: int, outcome: str, reasons: Iterable[str] = ALL_REASONS
) -> list[int]:
    """What a moderator made of a comment's undecided flags with these reasons; whose they were, for an undo."""
    values = {"site": site_id, "comment": comment_id, "new_outcome": outcome, "reasons": list(reasons)}
    return sorted(row.author_id for row in await tx.fetch_all(_DECIDE, values))


async def reopen_flags(tx: Tx, *, site_id: int, comment_id: int, authors: Collection[int]) -> None:
    """Nothing was decided about these people's flags of a comment after all."""
    if authors:
        await tx.execute(_REOPEN, {"site": site_id, "comment": comment_id, "authors": sorted(authors)})


async def find_record(tx: Tx, *, site_id: int, author_id: int) -> Record | None:
    """What is known of somebody who flags, but for their role."""
    row = await tx.fetch_one(_RECORD, {"site": site_id, "author": author_id})
    if row is None or row.created_at is None:
        return None
    return Record(row.created_at, row.published, row.rejected, row.upheld)


async def raise_item(tx: Tx, new: Item) -> None:
    """Put a flagged comment into its queue, or further up in it."""
    await tx.execute(_RAISE, new._asdict())


async def find_covered(tx: Tx, *, site_id: int, comment_id: int) -> int | None:
    """The line of the log about the last cover by readers that time has not ended; None for one that is older than
    such lines."""
    found: int | None = await tx.fetch_val(_COVERED, {"site": site_id, "comment": comment_id})
    return found


async def forget_networks(tx: Tx, *, before: datetime) -> int:
    """Forget where flags came from that are older; how many."""
    return await tx.execute(_FORGET_NETWORKS, {"before": before})
