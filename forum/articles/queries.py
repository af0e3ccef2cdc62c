"""Every statement about articles and the state of their discussions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from forum.articles.model import (
    HOME_TAG,
    PINNED_TAG,
    Article,
    ArticleRef,
    Discussion,
    DiscussionState,
    Gate,
    Steered,
    Warned,
    tag_of,
    unknown_tag,
)
from forum.articles.tables import article, discussion
from forum.db import Prepared, Row, Tx
from forum.outbox.tables import outbox

# How an open discussion is stored that somebody has opened again.
_REOPENED = "reopened"
_COLUMNS = (
    *(c for c in article.c if c.name != "created_at"),
    discussion.c.state,
    discussion.c.comment_count,
    discussion.c.revision,
    discussion.c.last_comment_at,
    *(discussion.c[name] for name in ("assumes", "scope_id", "works", "gate", "expiry_days", "scope_locked")),
    discussion.c.has_passages,
    *(discussion.c[name] for name in ("slow_seconds", "premoderated", "pinned_at", "featured_id")),
)
_PAIR = article.join(discussion, (discussion.c.site_id == article.c.site_id) & (discussion.c.id == article.c.id))
_JOINED: Select[Any] = select(*_COLUMNS).select_from(_PAIR)
_BY_ID = Prepared(_JOINED.where(article.c.id == bindparam("id")))
_BY_ID_LOCKED = Prepared(_JOINED.where(article.c.id == bindparam("id")).with_for_update(key_share=True))
_BY_IDS = Prepared(_JOINED.where(article.c.id.in_(bindparam("ids", expanding=True))))
_BY_KEY = Prepared(_JOINED.where(article.c.site_id == bindparam("site"), article.c.url_key == bindparam("url_key")))
# With what became of the first job about it, which has its id: so that whoever writes pays nothing for asking.
_MET = Prepared(
    select(*_COLUMNS, outbox.c.dead_at)
    .select_from(_PAIR.outerjoin(outbox, (outbox.c.site_id == article.c.site_id) & (outbox.c.id == article.c.id)))
    .where(article.c.site_id == bindparam("site"), article.c.url_key == bindparam("url_key"))
)
# By the address too: a list page knows no identifiers.
_COUNTS = Prepared(
    select(article.c.url_key, article.c.url, article.c.id, article.c.verified_at, discussion.c.comment_count)
    .select_from(_PAIR)
    .where(
        article.c.site_id == bindparam("site"),
        article.c.url_key.in_(bindparam("urls", expanding=True)) | article.c.url.in_(bindparam("urls", expanding=True)),
    )
)
_BEGIN = bindparam("prefix", type_=article.c.url.type)
_LENGTH = bindparam("length", type_=Integer())
_COUNT_BELOW = Prepared(
    select(func.count())
    .select_from(article)
    .where(
        article.c.site_id == bindparam("site"),
        (func.substr(article.c.url_key, 1, _LENGTH) == _BEGIN)
        | (article.c.url_key.startswith("id:") & (func.substr(article.c.url, 1, _LENGTH) == _BEGIN)),
    )
)
_SHOWN = _JOINED.where(
    article.c.verified_at.is_not(None),
    discussion.c.state != DiscussionState.ARCHIVED.value,
    discussion.c.last_comment_at.is_not(None),
).order_by(discussion.c.last_comment_at.desc(), discussion.c.id.desc())
_OTHERS = _SHOWN.where(discussion.c.id.not_in(bindparam("without", expanding=True)))
_RECENT = Prepared(_OTHERS.limit(bindparam("most")))
_BEFORE = Prepared(
    _OTHERS.where(
        (discussion.c.last_comment_at < bindparam("moment", type_=discussion.c.last_comment_at.type))
        | (
            (discussion.c.last_comment_at == bindparam("moment", type_=discussion.c.last_comment_at.type))
            & (discussion.c.id < bindparam("id"))
        )
    ).limit(bindparam("most"))
)
_PINNED = Prepared(
    select(discussion.c.id)
    .where(discussion.c.pinned_at.is_not(None), discussion.c.state != DiscussionState.ARCHIVED.value)
    .order_by(discussion.c.pinned_at.desc(), discussion.c.id.desc())
    .limit(bindparam("most"))
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
_UPDATE_STEERED = Prepared(
    update(discussion)
    .where(discussion.c.site_id == bindparam("site"), discussion.c.id == bindparam("discussion"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=discussion.c[name].type)
            for name in ("slow_seconds", "premoderated", "pinned_at", "featured_id")
        }
        | {"revision": discussion.c.revision + 1}
    )
)
_UPDATE_WARNED = Prepared(
    update(discussion)
    .where(discussion.c.site_id == bindparam("site"), discussion.c.id == bindparam("discussion"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=discussion.c[name].type)
            for name in ("assumes", "scope_id", "works", "gate", "expiry_days", "scope_locked")
        }
        | {"revision": discussion.c.revision + 1}
    )
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
        state=DiscussionState.OPEN if row.state == _REOPENED else DiscussionState(row.state),
        comment_count=row.comment_count,
        revision=row.revision,
        last_comment_at=row.last_comment_at,
        warned=Warned(
            assumes=row.assumes,
            scope_id=row.scope_id,
            works=tuple(row.works.split()),
            gate=Gate(row.gate),
            expiry_days=row.expiry_days,
            locked=row.scope_locked,
        ),
        has_passages=row.has_passages,
        steered=Steered(row.slow_seconds, row.premoderated, row.pinned_at, row.featured_id),
        kept_open=row.state == _REOPENED,
    )


async def find_discussion(tx: Tx, discussion_id: int) -> Discussion | None:
    """The discussion with this id."""
    row = await tx.fetch_one(_BY_ID, {"id": discussion_id})
    return None if row is None else _discussion(row)


async def find_discussion_locked(tx: Tx, discussion_id: int) -> Discussion | None:
    """The discussion with this id, and its article, held against other writers until this transaction ends."""
    row = await tx.fetch_one(_BY_ID_LOCKED, {"id": discussion_id})
    return None if row is None else _discussion(row)


async def list_discussions(tx: Tx, ids: Sequence[int]) -> list[Discussion]:
    """The discussions with these ids, in no order."""
    return [_discussion(row) for row in await tx.fetch_all(_BY_IDS, {"ids": list(ids)})]


async def find_discussion_of(tx: Tx, ref: ArticleRef) -> Discussion | None:
    """The discussion of an article, or None when nobody has brought the article here yet."""
    row = await tx.fetch_one(_BY_KEY, {"site": ref.site_id, "url_key": ref.key})
    return None if row is None else _discussion(row)


async def find_met(tx: Tx, ref: ArticleRef) -> tuple[Discussion, datetime | None] | None:
    """The discussion of an article, and since when the reading of its page has been given up, if it was."""
    row = await tx.fetch_one(_MET, {"site": ref.site_id, "url_key": ref.key})
    return None if row is None else (_discussion(row), row.dead_at)


async def list_counts(tx: Tx, *, site_id: int, urls: Sequence[str]) -> tuple[dict[str, int], set[int]]:
    """Readable comments by normalised address, and the ids of all discussions that had to do with it.

    An address may lead to several articles, as anybody can name one: what is verified comes first, then what is
    recognised by the address itself, then what has most comments.
    """
    rows = await tx.fetch_all(_COUNTS, {"site": site_id, "urls": list(urls)})
    asked = set(urls)
    best: dict[str, tuple[bool, bool, int]] = {}
    for row in rows:
        for url in {row.url_key, row.url} & asked:
            rank = (row.verified_at is not None, row.url_key == url, row.comment_count)
            best[url] = max(best.get(url, rank), rank)
    return {url: rank[2] for url, rank in best.items()}, {row.id for row in rows}


async def count_below(tx: Tx, *, site_id: int, origin: str) -> int:
    """How many of a site's articles are recognised, or counted, by an address on this origin."""
    prefix = f"{origin}/"
    found: int = await tx.fetch_val(_COUNT_BELOW, {"site": site_id, "prefix": prefix, "length": len(prefix)})
    return found


async def list_recent(
    tx: Tx, *, before: tuple[datetime, int] | None, most: int, without: Sequence[int] = ()
) -> list[Discussion]:
    """Verified discussions with comments, the last commented first, but for those `without`; `before` continues a
    list."""
    values = {"most": most, "without": list(without)}
    if before is None:
        rows = await tx.fetch_all(_RECENT, values)
    else:
        rows = await tx.fetch_all(_BEFORE, {"moment": before[0], "id": before[1], **values})
    return [_discussion(row) for row in rows]


async def list_pinned(tx: Tx, *, most: int) -> list[int]:
    """The discussions that were pinned last, the last one first. Looks at all there are: keep it until PINNED_TAG."""
    return [row.id for row in await tx.fetch_all(_PINNED, {"most": most})]


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
    unwarned: dict[str, object] = {"assumes": "", "scope_id": None, "works": "", "gate": Gate.ASK.value}
    unwarned |= {"expiry_days": None, "scope_locked": False, "has_passages": False}
    unsteered = {"slow_seconds": 0, "premoderated": False, "pinned_at": None, "featured_id": None}
    await tx.execute(_INSERT_DISCUSSION, {"site_id": new.site_id, "id": new.id, **empty, **unwarned, **unsteered})
    tx.touch(unknown_tag(new.site_id), HOME_TAG)
    return True


async def update_article(tx: Tx, changed: Article) -> None:
    """Store what is known of an article now."""
    names = ("url", "title", "prompt", "author", "image", "published_at", "verified_at")
    values = {f"new_{name}": getattr(changed, name) for name in names}
    values |= {"site": changed.site_id, "article": changed.id, "new_locked": " ".join(sorted(changed.locked))}
    await tx.execute(_UPDATE_ARTICLE, values)
    # The address may be new: counts that were asked for it knew nothing of this article.
    tx.touch(tag_of(changed.id), HOME_TAG, unknown_tag(changed.site_id))


async def update_state(
    tx: Tx, *, site_id: int, discussion_id: int, state: DiscussionState, kept_open: bool = True
) -> None:
    """Open, close or archive a discussion. One that is opened stays so (`kept_open`), however old it is."""
    stored = _REOPENED if state is DiscussionState.OPEN and kept_open else state.value
    await tx.execute(_UPDATE_STATE, {"site": site_id, "discussion": discussion_id, "new_state": stored})
    tx.touch(tag_of(discussion_id), HOME_TAG, PINNED_TAG)


async def update_steered(tx: Tx, *, site_id: int, discussion_id: int, steered: Steered) -> None:
    """Store what moderators have set for a discussion."""
    values = {f"new_{name}": value for name, value in asdict(steered).items()}
    await tx.execute(_UPDATE_STEERED, {"site": site_id, "discussion": discussion_id, **values})
    tx.touch(tag_of(discussion_id), HOME_TAG, PINNED_TAG)


async def update_warned(tx: Tx, *, site_id: int, discussion_id: int, warned: Warned) -> None:
    """Say what a discussion as a whole gives away."""
    values = {
        "site": site_id,
        "discussion": discussion_id,
        "new_assumes": warned.assumes,
        "new_scope_id": warned.scope_id,
        "new_works": " ".join(warned.works),
        "new_gate": warned.gate.value,
        "new_expiry_days": warned.expiry_days,
        "new_scope_locked": warned.locked,
    }
    await tx.execute(_UPDATE_WARNED, values)
    tx.touch(tag_of(discussion_id), HOME_TAG)
