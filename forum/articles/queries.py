"""Every statement about articles and the state of their discussions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from forum.articles.model import HOME_TAG, Article, ArticleRef, Discussion, DiscussionState, tag_of, unknown_tag
from forum.articles.tables import article, discussion
from forum.db import Prepared, Row, Tx

_COLUMNS = (
    *(c for c in article.c if c.name != "created_at"),
    discussion.c.state,
    discussion.c.comment_count,
    discussion.c.revision,
    discussion.c.last_comment_at,
)
_JOINED: Select[Any] = select(*_COLUMNS).select_from(
    article.join(discussion, (discussion.c.site_id == article.c.site_id) & (discussion.c.id == article.c.id))
)
_BY_ID = Prepared(_JOINED.where(article.c.id == bindparam("id")))
_BY_KEY = Prepared(_JOINED.where(article.c.site_id == bindparam("site"), article.c.url_key == bindparam("url_key")))
_COUNTS = Prepared(
    select(article.c.url_key, article.c.id, discussion.c.comment_count)
    .select_from(
        article.join(discussion, (discussion.c.site_id == article.c.site_id) & (discussion.c.id == article.c.id))
    )
    .where(article.c.site_id == bindparam("site"), article.c.url_key.in_(bindparam("keys", expanding=True)))
)
_SHOWN = _JOINED.where(
    article.c.verified_at.is_not(None),
    discussion.c.state != DiscussionState.ARCHIVED.value,
    discussion.c.last_comment_at.is_not(None),
).order_by(discussion.c.last_comment_at.desc(), discussion.c.id.desc())
_RECENT = Prepared(_SHOWN.limit(bindparam("most")))
_BEFORE = Prepared(
    _SHOWN.where(
        (discussion.c.last_comment_at < bindparam("moment", type_=discussion.c.last_comment_at.type))
        | (
            (discussion.c.last_comment_at == bindparam("moment", type_=discussion.c.last_comment_at.type))
            & (discussion.c.id < bindparam("id"))
        )
    ).limit(bindparam("most"))
)
_INSERT_ARTICLE = Prepared(insert(article).on_conflict_do_nothing().returning(article.c.id))
_INSERT_DISCUSSION = Prepared(insert(discussion))
_UPDATE_ARTICLE = Prepared(
    update(article)
    .where(article.c.site_id == bindparam("site"), article.c.id == bindparam("article"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=article.c[name].type)
            for name in ("url", "title", "prompt", "author", "image", "published_at", "locked", "verified_at")
        }
    )
)
_UPDATE_STATE = Prepared(
    update(discussion)
    .where(discussion.c.site_id == bindparam("site"), discussion.c.id == bindparam("discussion"))
    .values(state=bindparam("new_state"), revision=discussion.c.revision + 1)
)


def _discussion(row: Row) -> Discussion:
    return Discussion(
        article=Article(
            site_id=row.site_id,
            id=row.id,
            url_key=row.url_key,
            url=row.url,
            title=row.title,
            prompt=row.prompt,
            author=row.author,
            image=row.image,
            published_at=row.published_at,
            locked=frozenset(row.locked.split()),
            verified_at=row.verified_at,
        ),
        state=DiscussionState(row.state),
        comment_count=row.comment_count,
        revision=row.revision,
        last_comment_at=row.last_comment_at,
    )


async def find_discussion(tx: Tx, discussion_id: int) -> Discussion | None:
    """The discussion with this id."""
    row = await tx.fetch_one(_BY_ID, {"id": discussion_id})
    return None if row is None else _discussion(row)


async def find_discussion_of(tx: Tx, ref: ArticleRef) -> Discussion | None:
    """The discussion of an article, or None when nobody has brought the article here yet."""
    row = await tx.fetch_one(_BY_KEY, {"site": ref.site_id, "url_key": ref.key})
    return None if row is None else _discussion(row)


async def list_counts(tx: Tx, *, site_id: int, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """(discussion id, readable comments) of those articles that are known, by url_key."""
    rows = await tx.fetch_all(_COUNTS, {"site": site_id, "keys": list(keys)})
    return {row.url_key: (row.id, row.comment_count) for row in rows}


async def list_recent(tx: Tx, *, before: tuple[datetime, int] | None, most: int) -> list[Discussion]:
    """Verified discussions with comments, the last commented first; `before` continues a list."""
    if before is None:
        rows = await tx.fetch_all(_RECENT, {"most": most})
    else:
        rows = await tx.fetch_all(_BEFORE, {"moment": before[0], "id": before[1], "most": most})
    return [_discussion(row) for row in rows]


async def insert_discussion(tx: Tx, new: Article, *, now: datetime) -> bool:
    """Add an article and its empty discussion; False when somebody else was first."""
    values = {
        **{name: getattr(new, name) for name in ("site_id", "id", "url_key", "url", "title", "prompt")},
        **{name: getattr(new, name) for name in ("author", "image", "published_at", "verified_at")},
        "locked": " ".join(sorted(new.locked)),
        "created_at": now,
    }
    if await tx.fetch_one(_INSERT_ARTICLE, values) is None:
        return False
    empty = {"state": DiscussionState.OPEN.value, "comment_count": 0, "revision": 1, "last_comment_at": None}
    await tx.execute(_INSERT_DISCUSSION, {"site_id": new.site_id, "id": new.id, **empty})
    tx.touch(unknown_tag(new.site_id), HOME_TAG)
    return True


async def update_article(tx: Tx, changed: Article) -> None:
    """Store what is known of an article now."""
    names = ("url", "title", "prompt", "author", "image", "published_at", "verified_at")
    values = {f"new_{name}": getattr(changed, name) for name in names}
    values |= {"site": changed.site_id, "article": changed.id, "new_locked": " ".join(sorted(changed.locked))}
    await tx.execute(_UPDATE_ARTICLE, values)
    tx.touch(tag_of(changed.id), HOME_TAG)


async def update_state(tx: Tx, *, site_id: int, discussion_id: int, state: DiscussionState) -> None:
    """Open, close or archive a discussion."""
    await tx.execute(_UPDATE_STATE, {"site": site_id, "discussion": discussion_id, "new_state": state.value})
    tx.touch(tag_of(discussion_id), HOME_TAG)
