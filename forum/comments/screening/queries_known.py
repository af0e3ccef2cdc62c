"""The one statement that posting asks for: what is known of whoever writes, and of texts like theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from forum.comments.model import Status
from forum.comments.review.model import Sanction, SanctionRow
from forum.comments.review.tables import sanction
from forum.comments.screening.facts import Earlier, Known
from forum.comments.screening.likeness import Sketch
from forum.comments.tables import comment
from forum.core.ids import id_at, time_of
from forum.db import Prepared, Row, Tx

# What people write in a day, and the latest of it, says what they are doing.
WITHIN: Final = timedelta(hours=24)
MOST_RECENT: Final = 20
# Equal texts that are shorter than this are no repetition: everybody says "Thank you" twice.
LEAST_SAME: Final = 12
MOST_PUBLISHED: Final = 50
MOST_ALIKE: Final = 3

_SITE, _AUTHOR = bindparam("site", type_=BigInteger), bindparam("author", type_=BigInteger)
_SINCE, _SELF = bindparam("since", type_=BigInteger), bindparam("self", type_=BigInteger)
_NOW = bindparam("now", type_=sanction.c.created_at.type)
_A, _B = bindparam("sketch_a", type_=BigInteger), bindparam("sketch_b", type_=BigInteger)
_NOTHING = cast(null(), sanction.c.until.type)


def _leg(what: str, number: Any, *, word: Any = None, until: Any = _NOTHING) -> tuple[Any, ...]:
    """The columns of one part of the answer: what it is about, a number, a word and a moment."""
    said = literal("", String()) if word is None else word
    return literal(what, String()).label("what"), number.label("number"), said.label("word"), until.label("until")


_SANCTIONS = select(*_leg("sanction", sanction.c.id, word=sanction.c.kind, until=sanction.c.until)).where(
    sanction.c.site_id == _SITE,
    sanction.c.author_id.in_(bindparam("authors", expanding=True)),
    sanction.c.lifted_at.is_(None),
    or_(sanction.c.until.is_(None), sanction.c.until > _NOW),
    sanction.c.kind != Sanction.WARN.value,
)
_ALIKE = or_(
    comment.c.sketch_a == _A,
    comment.c.sketch_b == _B,
    comment.c.source == bindparam("typed", type_=comment.c.source.type),
)
_RECENT = (
    select(
        *_leg(
            "own", comment.c.id, word=case((and_(_ALIKE, comment.c.status != Status.DELETED.value), "alike"), else_="")
        )
    )
    .where(comment.c.author_id == _AUTHOR, comment.c.site_id == _SITE, comment.c.id > _SINCE, comment.c.id != _SELF)
    .order_by(comment.c.id.desc())
    .limit(MOST_RECENT)
    .subquery()
)
_PUBLISHED = (
    select(comment.c.id)
    .where(comment.c.site_id == _SITE, comment.c.author_id == _AUTHOR, comment.c.status == Status.PUBLISHED.value)
    .limit(MOST_PUBLISHED)
    .subquery()
)
_HERE = select(*_leg("here", func.max(comment.c.id))).where(
    comment.c.site_id == _SITE,
    comment.c.author_id == _AUTHOR,
    comment.c.discussion_id == bindparam("discussion", type_=BigInteger),
    comment.c.id != _SELF,
)


def _of_others(by: Any) -> Select[Any]:
    found = (
        select(*_leg("other", comment.c.id))
        .where(
            by,
            comment.c.site_id == _SITE,
            comment.c.id > _SINCE,
            comment.c.author_id != _AUTHOR,
            comment.c.status != Status.DELETED.value,
        )
        .order_by(comment.c.id.desc())
        .limit(MOST_ALIKE)
        .subquery()
    )
    return select(found)


_COUNT = select(*_leg("published", cast(func.count(), BigInteger))).select_from(_PUBLISHED)
_ALL = Prepared(
    union_all(
        _SANCTIONS,
        select(_RECENT),
        _COUNT,
        _HERE,
        _of_others(comment.c.sketch_a == _A),
        _of_others(comment.c.sketch_b == _B),
    )
)
_FEW = Prepared(_SANCTIONS)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom and what is asked about: who writes where, and what. `comment_id` is the comment's own, where it is there
    already; `also` who else the same person is here: what is decided about one of them counts for all."""

    site_id: int
    author: tuple[str, int]
    discussion_id: int
    source: str
    sketch: Sketch
    comment_id: int = 0
    also: tuple[int, ...] = ()


async def find_known(tx: Tx, about: Asked, now: datetime, *, whole: bool) -> Known:
    """What is known; unless `whole`, sanctions alone: what the rules do not ask for need not be looked up."""
    who = about.author[1]
    values: dict[str, Any] = {"site": about.site_id, "authors": sorted({who, *about.also}), "now": now}
    if whole:
        values |= {
            "author": who,
            "discussion": about.discussion_id,
            "self": about.comment_id,
            "since": id_at(now - WITHIN),
        }
        values |= {"sketch_a": about.sketch[0], "sketch_b": about.sketch[1]}
        values["typed"] = about.source if len(about.source) >= LEAST_SAME else None
    rows = await tx.fetch_all(_ALL if whole else _FEW, values)
    here = [row.number for row in rows if row.what == "here" and row.number is not None]
    own = sorted((row for row in rows if row.what == "own"), key=lambda row: -row.number)
    return Known(
        sanctions=tuple(_sanction(row, about) for row in rows if row.what == "sanction"),
        recent=tuple(Earlier(time_of(row.number), row.word == "alike") for row in own),
        published=next((row.number for row in rows if row.what == "published"), 0),
        last_here=time_of(here[0]) if here else None,
        others_alike=len({row.number for row in rows if row.what == "other"}),
    )


def _sanction(row: Row, about: Asked) -> SanctionRow:
    """A sanction as far as it says what its person may do."""
    begun = time_of(row.number)
    return SanctionRow(about.site_id, row.number, *about.author, row.word, row.until, "", "", "", 0, 0, begun)
