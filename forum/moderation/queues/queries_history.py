"""Statements that read the log of decisions of a site: all of it, or what is about one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import Exists, Subquery, and_, bindparam, func, literal_column, or_, select

from forum.accounts.model import ACCOUNT
from forum.accounts.tables import account
from forum.articles.tables import article
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.review.model import By, Verdict
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.tables import decision, queue_item
from forum.comments.tables import comment
from forum.core.ids import MAX_ID
from forum.db import Prepared, Row, Tx
from forum.moderation.queues.model import Line, Place, Together

_WIDTH = len(DECISION_COLUMNS)
# What is about a comment beside its status. A warning, or that it stands above all others, is about something else.
OF_COMMENTS = (Verdict.COVER.value, Verdict.UNCOVER.value, Verdict.DISMISS.value)
# What a part of the log may be about: each of these has an index.
PARTS = ("comment_id", "author_id", "discussion_id", "by_id", "batch_id")


_WHOSE, _WHO = account.alias("whose"), account.alias("who")
_UNDOING, _LATER, _BACK = decision.alias("undoing"), decision.alias("later"), decision.alias("back")


@cache
def _lines(parts: frozenset[str]) -> Prepared:
    """A page of the log: the decisions first, then (of these alone) the names of everything."""
    wanted = [decision.c.site_id == bindparam("site"), decision.c.id < bindparam("edge")]
    wanted += [decision.c[part] == bindparam(part) for part in PARTS if part in parts]
    if "by_id" in parts:
        wanted.append(decision.c.by_kind == By.MODERATOR.value)
    order = decision.c.id.desc()
    page = select(*DECISION_COLUMNS).where(*wanted).order_by(order).limit(bindparam("most")).subquery("page")
    source = (
        page.outerjoin(_WHO, and_(_WHO.c.id == page.c.by_id, page.c.by_kind == By.MODERATOR.value))
        .outerjoin(comment, and_(comment.c.site_id == page.c.site_id, comment.c.id == page.c.comment_id))
        .outerjoin(_WHOSE, and_(_WHOSE.c.id == page.c.author_id, page.c.author_kind == ACCOUNT))
        .outerjoin(article, and_(article.c.site_id == page.c.site_id, article.c.id == page.c.discussion_id))
    )
    columns = (
        *(page.c[column.name] for column in DECISION_COLUMNS),
        func.coalesce(_WHO.c.name, "").label("who"),
        func.coalesce(_WHOSE.c.name, comment.c.author_name, "").label("author_name"),
        func.coalesce(article.c.title, "").label("title"),
        _is_undone(page).label("undone"),
        _is_followed(page).label("followed"),
    )
    return Prepared(select(*columns).select_from(source).order_by(page.c.id.desc()))


def _is_undone(page: Subquery) -> Exists:
    """Whether a decision was taken back."""
    undoing = _UNDOING.c.site_id == page.c.site_id, _UNDOING.c.undoes == page.c.id
    return select(literal_column("1")).where(*undoing).correlate(page).exists()


def _is_followed(page: Subquery) -> Exists:
    """Whether something else was decided about the same comment since, and not taken back."""
    back = _BACK.c.site_id == _LATER.c.site_id, _BACK.c.undoes == _LATER.c.id, _BACK.c.comment_id == _LATER.c.comment_id
    later = (
        _LATER.c.site_id == page.c.site_id,
        _LATER.c.comment_id == page.c.comment_id,
        _LATER.c.id > page.c.id,
        or_(_LATER.c.status != "", _LATER.c.verdict.in_(OF_COMMENTS)),
        _LATER.c.verdict != Verdict.UNDO.value,
        ~select(literal_column("1")).where(*back).correlate(_LATER).exists(),
    )
    return select(literal_column("1")).where(*later).correlate(page).exists()


_together = (
    select(decision.c.site_id, decision.c.id, decision.c.comment_id, decision.c.batch_id)
    .add_columns(decision.c.verdict, decision.c.status, decision.c.by_id)
    .where(
        decision.c.site_id == bindparam("site"),
        decision.c.batch_id.in_(bindparam("batches", expanding=True)),
        decision.c.undoes.is_(None),
    )
    .subquery("page")
)
_each = select(
    *(_together.c[name] for name in ("id", "batch_id", "verdict", "status", "by_id", "comment_id")),
    _is_undone(_together).label("undone"),
    _is_followed(_together).label("followed"),
).subquery("each")
_KINDS = tuple(_each.c[name] for name in ("batch_id", "verdict", "status", "by_id", "undone", "followed"))
_TOGETHER = Prepared(
    select(
        *_KINDS,
        func.count().label("decisions"),
        func.min(_each.c.comment_id).label("first"),
        func.max(_each.c.comment_id).label("last"),
    )
    .group_by(*_KINDS)
    .order_by(func.min(_each.c.id))
)


_PLACES = Prepared(
    select(*COLUMNS, queue_item.c.queue)
    .select_from(
        comment.outerjoin(
            queue_item, and_(queue_item.c.site_id == comment.c.site_id, queue_item.c.comment_id == comment.c.id)
        )
    )
    .where(comment.c.site_id == bindparam("site"), comment.c.id.in_(bindparam("comments", expanding=True)))
)


async def list_places(tx: Tx, *, site_id: int, comments: Sequence[int]) -> dict[int, Place]:
    """Where these comments stand now."""
    found: dict[int, Place] = {}
    for row in await tx.fetch_all(_PLACES, {"site": site_id, "comments": list(comments)}):
        one = comment_of(row[:-1])
        queues = found[one.id].queues if one.id in found else frozenset[str]()
        found[one.id] = Place(one, queues if row[-1] is None else queues | {row[-1]})
    return found


async def sum_batches(tx: Tx, *, site_id: int, batches: Sequence[int]) -> dict[int, list[Together]]:
    """What was decided together, by batch: how often each verdict, and how many of these can still be taken back."""
    found: dict[int, list[Together]] = {}
    for row in await tx.fetch_all(_TOGETHER, {"site": site_id, "batches": list(batches)}):
        open_still = not row.undone and _is_last(row.verdict, row.status, followed=row.followed)
        comment_id = row.first if row.first == row.last else None
        one = Together(row.verdict, row.by_id, row.decisions, row.decisions if open_still else 0, comment_id)
        found.setdefault(row.batch_id, []).append(one)
    return found


def _is_last(verdict: str, status: str, *, followed: bool) -> bool:
    return not followed or not (status or verdict in OF_COMMENTS)


async def list_lines(
    tx: Tx, *, site_id: int, parts: Mapping[str, int], edge: int | None = None, most: int
) -> list[Line]:
    """Decisions on a site that are about all of `parts` (by `PARTS`), before the one with id `edge`, the latest
    first."""
    values = {"site": site_id, "edge": MAX_ID if edge is None else edge, "most": most, **parts}
    return [_line(row) for row in await tx.fetch_all(_lines(frozenset(parts)), values)]


def _line(row: Row) -> Line:
    by, author_name, title, undone, followed = row[_WIDTH:]
    made = decision_of(row[:_WIDTH])
    is_last = _is_last(made.verdict, made.status, followed=followed)
    return Line(made, by, author_name, title, bool(undone), is_last)
