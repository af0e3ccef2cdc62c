"""Statements that read queues. Each costs the same, however many comments wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Float,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
    tuple_,
    union_all,
)

from forum.accounts.tables import account
from forum.articles.model import Gate
from forum.articles.tables import article, discussion
from forum.comments.model import Comment, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.review.model import Item, Queue
from forum.comments.review.queries import ITEM_COLUMNS, item_of
from forum.comments.review.tables import flag, queue_item
from forum.comments.tables import comment
from forum.core.ids import id_at
from forum.db import Prepared, Row, Tx
from forum.moderation.queues.model import (
    About,
    Beside,
    Entry,
    Filters,
    FlagSum,
    Said,
    Stand,
)
from forum.spoilers.tables import progress, progress_rule

_COMMENT_WIDTH, _ITEM_WIDTH = len(COLUMNS), len(ITEM_COLUMNS)
# Said in the words of the partial index: with a value bound instead, no engine could know that it may use that.
UNSEEN = text("comment.status = 'published' AND NOT comment.reviewed")
# What readers or a rule have hidden waits on where it was.
PUBLIC = (
    select(literal_column("1"))
    .where(
        comment.c.site_id == queue_item.c.site_id,
        comment.c.id == queue_item.c.comment_id,
        comment.c.status == Status.PUBLISHED.value,
    )
    .exists()
)
ABOUT_COLUMNS = (article.c.title, article.c.url, discussion.c.scope_id, discussion.c.gate, discussion.c.expiry_days)


def with_discussion(source: FromClause, site_id: Any, discussion_id: Any) -> FromClause:
    """A source of rows joined to the discussion that they are in."""
    of_article = and_(article.c.site_id == site_id, article.c.id == discussion_id)
    of_discussion = and_(discussion.c.site_id == site_id, discussion.c.id == discussion_id)
    return source.join(article, of_article).join(discussion, of_discussion)


def _edged(filters: frozenset[str], comment_id: Any) -> list[Any]:
    """The limits of age: ids rise with the moment they were made."""
    limits: list[Any] = []
    if "before" in filters:
        limits.append(comment_id < bindparam("before"))
    if "after" in filters:
        limits.append(comment_id >= bindparam("after"))
    return limits


@cache
def _page(filters: frozenset[str]) -> Prepared:
    """A page of a queue: its entries first, then (of these alone) all that stands elsewhere."""
    wanted: list[Any] = [queue_item.c.site_id == bindparam("site"), queue_item.c.queue == bindparam("queue")]
    wanted += [queue_item.c[name] == bindparam(name) for name in _COLUMNS_OF if name in filters]
    wanted += _edged(filters, queue_item.c.comment_id)
    wanted += [PUBLIC] if "public" in filters else []
    if "last" in filters:
        place = tuple_(queue_item.c.priority, queue_item.c.comment_id)
        wanted.append(place < tuple_(bindparam("priority", type_=Float), bindparam("last", type_=BigInteger)))
    order = queue_item.c.priority.desc(), queue_item.c.comment_id.desc()
    page = select(*ITEM_COLUMNS).where(*wanted).order_by(*order).limit(bindparam("most")).subquery("page")
    return Prepared(_joined(page).order_by(page.c.priority.desc(), page.c.comment_id.desc()))


def _joined(page: Subquery) -> Select[Any]:
    of_comment = and_(comment.c.site_id == page.c.site_id, comment.c.id == page.c.comment_id)
    source = with_discussion(page.join(comment, of_comment), page.c.site_id, page.c.discussion_id)
    items = tuple(page.c[column.name] for column in ITEM_COLUMNS)
    claimed = source.outerjoin(account, account.c.id == page.c.claimed_by)
    return select(*COLUMNS, *items, *ABOUT_COLUMNS, account.c.name.label("claimer")).select_from(claimed)


@cache
def _unseen_page(filters: frozenset[str]) -> Prepared:
    """A page of what nobody has looked at, the oldest first."""
    wanted: list[Any] = [comment.c.site_id == bindparam("site"), UNSEEN]
    wanted += [comment.c[name] == bindparam(name) for name in ("discussion_id", "author_id") if name in filters]
    wanted += _edged(filters, comment.c.id)
    if "last" in filters:
        wanted.append(comment.c.id > bindparam("last"))
    page = select(*COLUMNS).where(*wanted).order_by(comment.c.id).limit(bindparam("most")).subquery("page")
    source = with_discussion(page, page.c.site_id, page.c.discussion_id)
    # These have an entry only while somebody has claimed them.
    claim = and_(
        queue_item.c.site_id == page.c.site_id,
        queue_item.c.comment_id == page.c.id,
        queue_item.c.queue == Queue.UNMODERATED.value,
    )
    source = source.outerjoin(queue_item, claim).outerjoin(account, account.c.id == queue_item.c.claimed_by)
    claimed = queue_item.c.claimed_by, queue_item.c.claimed_until, account.c.name.label("claimer")
    return Prepared(select(*page.c, *ABOUT_COLUMNS, *claimed).select_from(source).order_by(page.c.id))


_COLUMNS_OF = ("discussion_id", "author_id", "rule")
_items_of = (
    select(*ITEM_COLUMNS)
    .where(queue_item.c.site_id == bindparam("site"), queue_item.c.comment_id == bindparam("comment"))
    .subquery("page")
)
_ITEMS = Prepared(
    select(*_items_of.c, account.c.name.label("claimer")).select_from(
        _items_of.outerjoin(account, account.c.id == _items_of.c.claimed_by)
    )
)


_NOTHING = cast(null(), BigInteger)
_flags = (
    select(
        literal("flag", String).label("kind"),
        flag.c.comment_id.label("comment_id"),
        flag.c.reason.label("name"),
        flag.c.scope_id.label("scope_id"),
        func.count().label("people"),
        func.sum(flag.c.weight).label("weight"),
        literal("", String).label("code"),
        literal("", String).label("ticks"),
    )
    .where(
        flag.c.site_id == bindparam("site"),
        flag.c.comment_id.in_(bindparam("comments", expanding=True)),
        flag.c.outcome.is_(None),
    )
    .group_by(flag.c.comment_id, flag.c.reason, flag.c.scope_id)
)
_no_flag = (cast(literal(0), BigInteger), cast(literal(0.0), Float))
_stands = select(
    literal("stand", String),
    _NOTHING,
    progress.c.work_id,
    _NOTHING,
    *_no_flag,
    progress.c.state + literal("/", String) + progress.c.unit,
    progress.c.ticks,
).where(progress.c.account_id == bindparam("account"))
_ruled = select(
    literal("rule", String),
    _NOTHING,
    progress_rule.c.rule,
    _NOTHING,
    *_no_flag,
    progress_rule.c.said,
    literal("", String),
).where(progress_rule.c.account_id == bindparam("account"))
_BESIDE = Prepared(union_all(_flags, _stands, _ruled))


def _given(filters: Filters) -> dict[str, Any]:
    given: dict[str, Any] = {"discussion_id": filters.discussion_id, "author_id": filters.author_id}
    given |= {"rule": filters.rule, "public": filters.public or None}
    given |= {name: _first_id(moment) for name, moment in (("before", filters.before), ("after", filters.after))}
    return {name: value for name, value in given.items() if value is not None}


def _first_id(moment: datetime | None) -> int | None:
    return None if moment is None else id_at(moment)


async def list_queue(
    tx: Tx, *, site_id: int, queue: Queue, filters: Filters, last: tuple[float, int] | None, most: int
) -> list[Entry]:
    """Entries of a queue, the most urgent first, after the one with this priority and comment."""
    given = _given(filters)
    unseen = queue is Queue.UNMODERATED
    if unseen and filters.rule is not None:
        return []  # no rule brings anything there
    if last is not None:
        given |= {"last": last[1]}
    prepared = _unseen_page(frozenset(given)) if unseen else _page(frozenset(given))
    given |= {"site": site_id, "queue": queue.value, "most": most, "priority": 0.0 if last is None else last[0]}
    rows = await tx.fetch_all(prepared, given)
    return [_unseen_entry(row) if unseen else _entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    item = item_of(row[_COMMENT_WIDTH : _COMMENT_WIDTH + _ITEM_WIDTH])
    about = about_of(row[_COMMENT_WIDTH + _ITEM_WIDTH : -1])
    return Entry(item, comment_of(row[:_COMMENT_WIDTH]), about, row[-1] or "")


def _unseen_entry(row: Row) -> Entry:
    found = comment_of(row[:_COMMENT_WIDTH])
    claimed_by, claimed_until, claimer = row[-3:]
    item = unseen_item(found)._replace(claimed_by=claimed_by, claimed_until=claimed_until)
    return Entry(item, found, about_of(row[_COMMENT_WIDTH:-3]), claimer or "")


def about_of(row: Sequence[Any]) -> About:
    """A row of `ABOUT_COLUMNS`."""
    return About(row[0], row[1], row[2], Gate(row[3]), row[4])


def unseen_item(found: Comment, queue: str = Queue.UNMODERATED.value) -> Item:
    """What stands for the entry of a comment that has none."""
    where = found.site_id, found.id, queue, found.discussion_id
    return Item(*where, found.author_kind, found.author_id, "", "", 0.0, found.created_at)


async def list_items(tx: Tx, *, site_id: int, comment_id: int) -> list[tuple[Item, str]]:
    """The entries of one comment, with the names of who has claimed them."""
    rows = await tx.fetch_all(_ITEMS, {"site": site_id, "comment": comment_id})
    return [(item_of(row[:_ITEM_WIDTH]), row[-1] or "") for row in rows]


async def read_beside(tx: Tx, *, site_id: int, comments: Sequence[int], account_id: int) -> Beside:
    """The open flags on these comments, added up, and how far an account is in everything: one statement."""
    values = {"site": site_id, "comments": list(comments), "account": account_id}
    flags: dict[int, list[FlagSum]] = {}
    stands: dict[str, Stand] = {}
    rules: dict[str, str] = {}
    for row in await tx.fetch_all(_BESIDE, values):
        if row.kind == "flag":
            flags.setdefault(row.comment_id, []).append(FlagSum(row.name, row.scope_id, row.people, row.weight))
        elif row.kind == "rule":
            rules[row.name] = row.code
        else:
            state, _, unit = row.code.partition("/")
            stands[row.name] = Stand(state, unit, orjson.loads(row.ticks) if row.ticks else ())
    return Beside({key: sorted(sums, key=_heaviest) for key, sums in flags.items()}, Said(stands, rules))


def _heaviest(one: FlagSum) -> tuple[float, str, int]:
    return -one.weight, one.reason, one.scope_id or 0
