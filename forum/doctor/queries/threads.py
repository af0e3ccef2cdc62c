"""The statements of an examination: each looks at a whole table at once, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, column, func, or_, select, table, text
from sqlalchemy.types import BigInteger, Integer, Text

from forum.articles.tables import article, discussion
from forum.comments.tables import comment, comment_revision, idempotency_key
from forum.db import Prepared, Row, Tx

_PARENT = comment.alias("parent")


@dataclass(frozen=True, slots=True)
class Fault:
    """How many rows break a rule, and one of them."""

    rule: str
    count: int
    example: int


def broken(rows: FromClause, row_id: Any, rules: Mapping[str, ColumnElement[bool]]) -> Prepared:
    """One pass over `rows` that counts, for each rule, those that break it."""
    columns: list[ColumnElement[Any]] = []
    for number, broken in enumerate(rules.values()):
        columns.append(func.count(case((broken, row_id))).label(f"count_{number}"))
        columns.append(func.min(case((broken, row_id))).label(f"example_{number}"))
    return Prepared(select(*columns).select_from(rows))


def _left(rows: Any, other: Any, *pairs: tuple[Any, Any]) -> Any:
    return rows.outerjoin(other, and_(*(one == two for one, two in pairs)))


def _same(one: Any, other: Any, **names: str) -> tuple[tuple[Any, Any], ...]:
    """Pairs of columns: of the same site, and those named."""
    return ((one.c.site_id, other.c.site_id), *((one.c[left], other.c[right]) for left, right in names.items()))


_ORPHANS: dict[str, tuple[Any, Any, Any]] = {
    "discussions without an article": (
        _left(discussion, article, *_same(discussion, article, id="id")),
        discussion.c.id,
        article.c.id.is_(None),
    ),
    "articles without a discussion": (
        _left(article, discussion, *_same(article, discussion, id="id")),
        article.c.id,
        discussion.c.id.is_(None),
    ),
    "comments without a discussion": (
        _left(comment, discussion, *_same(comment, discussion, discussion_id="id")),
        comment.c.id,
        discussion.c.id.is_(None),
    ),
    "replies without the comment they answer": (
        _left(comment, _PARENT, *_same(comment, _PARENT, parent_id="id")),
        comment.c.id,
        and_(comment.c.parent_id.is_not(None), _PARENT.c.id.is_(None)),
    ),
    "revisions without a comment": (
        _left(comment_revision, comment, *_same(comment_revision, comment, comment_id="id")),
        comment_revision.c.comment_id,
        comment.c.id.is_(None),
    ),
}
_ORPHANED = {rule: broken(rows, row_id, {rule: lost}) for rule, (rows, row_id, lost) in _ORPHANS.items()}

_REPLY_RULES: dict[str, ColumnElement[bool]] = {
    "replies in another discussion than what they answer": comment.c.discussion_id != _PARENT.c.discussion_id,
    "replies at a wrong depth": comment.c.depth != _PARENT.c.depth + 1,
    "replies in another conversation than what they answer": comment.c.root_id != _PARENT.c.root_id,
    "replies ordered before what they answer": comment.c.root_seq <= _PARENT.c.root_seq,
}
_REPLIES = broken(
    comment.join(_PARENT, and_(comment.c.site_id == _PARENT.c.site_id, comment.c.parent_id == _PARENT.c.id)),
    comment.c.id,
    _REPLY_RULES,
)
_ROOT_RULES = {
    "conversations that do not begin with themselves": and_(
        comment.c.parent_id.is_(None),
        or_(comment.c.root_id != comment.c.id, comment.c.depth != 0, comment.c.root_seq != 0),
    )
}
_ROOTS = broken(comment, comment.c.id, _ROOT_RULES)
_TWICE = (
    select(func.min(comment.c.id).label("id"))
    .group_by(comment.c.site_id, comment.c.root_id, comment.c.root_seq)
    .having(func.count() > 1)
    .subquery()
)
_TWICE_RULES = {"places in a conversation taken twice": _TWICE.c.id.is_not(None)}
_PLACES = broken(_TWICE, _TWICE.c.id, _TWICE_RULES)

# 0 holds the keys that belong to nobody (a form sent twice, a guessable key): they stand beside an author's own.
_SHARED = (
    select(idempotency_key.c.comment_id)
    .where(idempotency_key.c.author_id != 0)
    .group_by(idempotency_key.c.site_id, idempotency_key.c.comment_id)
    .having(func.count() > 1)
    .subquery()
)
_KEY_RULES = {"comments that two keys refer to": _SHARED.c.comment_id.is_not(None)}
_KEYS = broken(_SHARED, _SHARED.c.comment_id, _KEY_RULES)
_HOLDER_RULES = {
    "keys that belong to somebody else than their comment": and_(
        idempotency_key.c.author_id != 0, idempotency_key.c.author_id != comment.c.author_id
    )
}
_HOLDERS = broken(
    idempotency_key.join(
        comment,
        and_(idempotency_key.c.site_id == comment.c.site_id, idempotency_key.c.comment_id == comment.c.id),
    ),
    comment.c.id,
    _HOLDER_RULES,
)

_SYNCHRONOUS = Prepared(text("PRAGMA synchronous").columns(column("value", Integer)))
_JOURNAL = Prepared(text("PRAGMA journal_mode").columns(column("value", Text)))
_FOREIGN_KEYS = Prepared(text("PRAGMA foreign_keys").columns(column("value", Integer)))
_INTEGRITY = Prepared(text("PRAGMA integrity_check(5)").columns(column("value", Text)))
_BROKEN_REFERENCES = Prepared(
    text("PRAGMA foreign_key_check").columns(
        column("child", Text), column("row", BigInteger), column("parent", Text), column("number", Integer)
    )
)
_POSTGRES_SETTINGS = ("server_version", "synchronous_commit", "fsync", "full_page_writes")
_SHOW = Prepared(select(*(func.current_setting(name, type_=Text).label(name) for name in _POSTGRES_SETTINGS)))
_INDEX = table("pg_index", column("indisvalid"))
_CONSTRAINT = table("pg_constraint", column("convalidated"))
_INVALID_INDEXES = Prepared(select(func.count()).select_from(_INDEX).where(_INDEX.c.indisvalid.is_(False)))
_UNPROVEN = Prepared(select(func.count()).select_from(_CONSTRAINT).where(_CONSTRAINT.c.convalidated.is_(False)))
_NEWEST = Prepared(select(func.max(comment.c.id)))


async def list_faults(tx: Tx, prepared: Prepared, rules: Iterable[str]) -> list[Fault]:
    """What a statement of `broken` found, for those of its rules that are broken."""
    row = await tx.fetch_one(prepared)
    if row is None:
        return []
    return [Fault(rule, row[2 * n], row[2 * n + 1]) for n, rule in enumerate(rules) if row[2 * n]]


async def list_orphans(tx: Tx) -> list[Fault]:
    """I3: parts of something that was never finished."""
    return [fault for rule, query in _ORPHANED.items() for fault in await list_faults(tx, query, [rule])]


async def list_broken_threads(tx: Tx) -> list[Fault]:
    """I5: threads that are not trees."""
    return [
        *await list_faults(tx, _REPLIES, _REPLY_RULES),
        *await list_faults(tx, _ROOTS, _ROOT_RULES),
        *await list_faults(tx, _PLACES, _TWICE_RULES),
    ]


async def list_broken_keys(tx: Tx) -> list[Fault]:
    """I2: keys that do not stand for one comment of their holder. (A held comment that was deleted leaves its key.)"""
    return [*await list_faults(tx, _KEYS, _KEY_RULES), *await list_faults(tx, _HOLDERS, _HOLDER_RULES)]


async def get_pragmas(tx: Tx) -> tuple[str, int, int]:
    """(journal_mode, synchronous, foreign_keys) of this SQLite connection."""
    journal, synchronous, foreign_keys = [
        await tx.fetch_val(query) for query in (_JOURNAL, _SYNCHRONOUS, _FOREIGN_KEYS)
    ]
    return journal, synchronous, foreign_keys


async def list_sqlite_damage(tx: Tx) -> list[str]:
    """I12 on SQLite: what its own checks complain about, up to a few lines."""
    said = [row.value for row in await tx.fetch_all(_INTEGRITY)]
    damage = [] if said == ["ok"] else said
    references = await tx.fetch_all(_BROKEN_REFERENCES)
    if references:
        tables = ", ".join(sorted({f"{row.child} to {row.parent}" for row in references}))
        damage.append(f"{len(references)} broken references ({tables})")
    return damage


async def get_postgres_settings(tx: Tx) -> Row:
    """server_version, synchronous_commit, fsync and full_page_writes, as text."""
    return await tx.fetch_one(_SHOW)


async def count_postgres_damage(tx: Tx) -> tuple[int, int]:
    """I12 on PostgreSQL: (invalid indexes, constraints that were never validated)."""
    return await tx.fetch_val(_INVALID_INDEXES), await tx.fetch_val(_UNPROVEN)


async def find_newest_id(tx: Tx) -> int | None:
    """The id of the newest comment; it begins with its time."""
    newest: int | None = await tx.fetch_val(_NEWEST)
    return newest
