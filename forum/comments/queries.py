"""Statements that change comments and the counters that go with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, case, delete, exists, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.model import ACCOUNT, account_tag
from forum.articles.model import HOME_TAG, tag_of
from forum.articles.tables import discussion
from forum.comments.model import Comment, Revision, Slot, Status
from forum.comments.tables import comment, comment_revision, idempotency_key
from forum.db import Prepared, Row, Tx

NO_SKETCH = (None, None)
# Everything but what was typed: ordinary reading sees skeletons alone.
COLUMNS = tuple(comment.c[name] for name in Comment._fields)
# What a comment's row says about covering.
SCOPED = (
    *("covers", "scope_id", "inherits", "set_scope_id", "stretches"),
    *("eff_scope_id", "inner_scope_id", "cover_state"),
)
_STATUSES = {status.value: status for status in Status}
_STATUS_AT = [c.name for c in COLUMNS].index("status")
_THIS = (comment.c.site_id == bindparam("site")) & (comment.c.id == bindparam("comment"))

_BY_ID = Prepared(select(*COLUMNS).where(comment.c.id == bindparam("comment")))
_SOURCED = Prepared(select(*COLUMNS, comment.c.source).where(comment.c.id == bindparam("comment")))
_SOURCE = Prepared(select(comment.c.source, comment.c.revision).where(_THIS))
# Not so strict that a foreign key's check of a parent waits: that would be the wrong way round for who holds replies.
_LOCKED = Prepared(select(*COLUMNS).where(_THIS).with_for_update(key_share=True))
_HELD = Prepared(select(*COLUMNS).where(comment.c.id == bindparam("comment")).with_for_update(key_share=True))
_INSERT = Prepared(plain_insert(comment))
_IS_ROOT = comment.c.id == bindparam("root")
_BY = bindparam("by", type_=Integer)
# The root of a conversation and a parent in it, which may be the same.
_ABOVE = (comment.c.site_id == bindparam("site")) & comment.c.id.in_((bindparam("root"), bindparam("parent")))
_COUNTED = {
    "subtree_count": comment.c.subtree_count + case((_IS_ROOT, _BY), else_=0),
    "reply_count": comment.c.reply_count + case((comment.c.id == bindparam("parent"), _BY), else_=0),
}
_TAKE_SLOT = Prepared(
    update(comment)
    .where(_ABOVE)
    .values({**_COUNTED, "next_seq": comment.c.next_seq + case((_IS_ROOT, 1), else_=0)})
    .returning(comment.c.id, comment.c.next_seq)
)
_COUNT_PLACE = Prepared(update(comment).where(_ABOVE).values(_COUNTED))
_IS_THIS = comment.c.id == bindparam("comment")
# Also what is above it, where its place in the thread begins or ceases to be drawn.
_SET_STATUS = Prepared(
    update(comment)
    .where(
        comment.c.site_id == bindparam("site"),
        comment.c.id.in_((bindparam("comment"), bindparam("root"), bindparam("parent"))),
    )
    .values(
        {
            name: case((_IS_THIS, bindparam(f"new_{name}", type_=comment.c[name].type)), else_=comment.c[name])
            for name in ("status", "marked", "reviewed")
        }
        | {"revision": comment.c.revision + case((_IS_THIS, 1), else_=0)}
        | _COUNTED
    )
)
_COUNT_COMMENT = Prepared(
    update(discussion)
    .where(discussion.c.site_id == bindparam("site"), discussion.c.id == bindparam("discussion"))
    .values(
        comment_count=discussion.c.comment_count + bindparam("by"),
        revision=discussion.c.revision + 1,
        last_comment_at=func.coalesce(
            bindparam("moment", type_=discussion.c.last_comment_at.type), discussion.c.last_comment_at
        ),
    )
)
_KEEP_REVISION = Prepared(plain_insert(comment_revision))
_WRITTEN = ("source", "html", "text", "edited_at", *SCOPED, "sketch_a", "sketch_b", "reviewed")
_REWRITE = Prepared(
    update(comment)
    .where(_THIS, comment.c.revision == bindparam("seen"))
    .values(
        {name: bindparam(f"new_{name}", type_=comment.c[name].type) for name in _WRITTEN}
        | {"revision": comment.c.revision + 1}
    )
)
_ERASE = Prepared(
    update(comment)
    .where(_THIS)
    .values(
        dict.fromkeys(("source", "html", "text", "author_name", "covers", "stretches"), "")
        | {"status": Status.DELETED.value, "marked": False, "revision": comment.c.revision + 1}
        | {"sketch_a": None, "sketch_b": None}
    )
)
_ERASE_REVISIONS = Prepared(
    delete(comment_revision).where(
        comment_revision.c.site_id == bindparam("site"), comment_revision.c.comment_id == bindparam("comment")
    )
)
_reply = comment.alias("reply")
_CHILDLESS = ~exists().where(_reply.c.site_id == bindparam("site"), _reply.c.parent_id == bindparam("comment"))
_REMOVE = Prepared(delete(comment).where(_THIS, _CHILDLESS))
_CLAIM_KEY = Prepared(insert(idempotency_key).on_conflict_do_nothing().returning(idempotency_key.c.comment_id))
_BY_KEY = Prepared(
    select(idempotency_key.c.request_hash, idempotency_key.c.comment_id).where(
        idempotency_key.c.site_id == bindparam("site"),
        idempotency_key.c.author_id == bindparam("author"),
        idempotency_key.c.key == bindparam("key"),
    )
)
_FORGET_KEYS = Prepared(
    delete(idempotency_key).where(
        idempotency_key.c.created_at < bindparam("before", type_=idempotency_key.c.created_at.type)
    )
)


def comment_of(row: Row) -> Comment:
    """A row of `COLUMNS` as a comment."""
    # By position: the columns stand in the order of the fields (a test says so), and pages read hundreds of rows.
    return Comment._make((*row[:_STATUS_AT], _STATUSES[row[_STATUS_AT]], *row[_STATUS_AT + 1 :]))


async def find_comment(tx: Tx, comment_id: int) -> Comment | None:
    """The comment with this id, whatever its status."""
    row = await tx.fetch_one(_BY_ID, {"comment": comment_id})
    return None if row is None else comment_of(row)


async def find_comment_locked(tx: Tx, *, site_id: int, comment_id: int) -> Comment | None:
    """The comment, held against other writers until this transaction ends."""
    row = await tx.fetch_one(_LOCKED, {"site": site_id, "comment": comment_id})
    return None if row is None else comment_of(row)


async def find_comment_held(tx: Tx, comment_id: int) -> Comment | None:
    """The same by its id alone."""
    row = await tx.fetch_one(_HELD, {"comment": comment_id})
    return None if row is None else comment_of(row)


async def take_slot(tx: Tx, parent: Comment, *, drawn: bool) -> Slot:
    """Reserve the next place below a parent, counting it where it is drawn."""
    values = {"site": parent.site_id, "root": parent.root_id, "parent": parent.id, "by": int(drawn)}
    rows = await tx.fetch_all(_TAKE_SLOT, values)
    (root,) = [row for row in rows if row.id == parent.root_id]
    return Slot(parent.id, parent.root_id, parent.depth + 1, root.next_seq - 1)


async def count_place(tx: Tx, changed: Comment, *, by: int) -> None:
    """Count a reply in, or out, where its place in the thread begins or ceases to be drawn."""
    values = {"site": changed.site_id, "root": changed.root_id, "parent": changed.parent_id, "by": by}
    await tx.execute(_COUNT_PLACE, values)


async def set_status(tx: Tx, changed: Comment, *, by: int = 0, reviewed: bool = True) -> None:
    """Store a comment's status, at a new revision, and count its place in the thread in, or out (`by`). Whoever gives
    it a status has seen it, unless it is given back what it had."""
    above = (changed.root_id, changed.parent_id) if by and changed.parent_id is not None else (changed.id, changed.id)
    values: dict[str, Any] = {"site": changed.site_id, "comment": changed.id, "root": above[0], "parent": above[1]}
    values |= {"new_status": changed.status.value, "new_marked": changed.marked, "new_reviewed": reviewed}
    await tx.execute(_SET_STATUS, values | {"by": by if changed.parent_id is not None else 0})


async def find_sourced(tx: Tx, comment_id: int) -> tuple[Comment, str] | None:
    """A comment with what its author typed. For those who may change it."""
    row = await tx.fetch_one(_SOURCED, {"comment": comment_id})
    return None if row is None else (comment_of(row[: len(COLUMNS)]), row.source)


async def find_source(tx: Tx, *, site_id: int, comment_id: int) -> tuple[str, int] | None:
    """What the author typed, and the revision it is of. For those who may change it."""
    row = await tx.fetch_one(_SOURCE, {"site": site_id, "comment": comment_id})
    return None if row is None else (row.source, row.revision)


async def insert_comment(
    tx: Tx, new: Comment, *, source: str, sketch: tuple[int | None, int | None] = NO_SKETCH, reviewed: bool = False
) -> None:
    """Add a comment; when it is public, the discussion's counter goes up with it. `sketch` is what texts that are
    nearly the same are recognised by; `reviewed`: no moderator has to look at it."""
    values = {**new._asdict(), "source": source, "status": new.status.value, "next_seq": 1, "reviewed": reviewed}
    await tx.execute(_INSERT, values | {"sketch_a": sketch[0], "sketch_b": sketch[1]})
    if new.status is Status.PUBLISHED:
        await count_comment(tx, new, by=1, moment=new.created_at)


async def count_comment(tx: Tx, changed: Comment, *, by: int, moment: datetime | None = None) -> None:
    """Move the discussion's counter, and tell everybody that the public form has changed."""
    values = {"site": changed.site_id, "discussion": changed.discussion_id, "by": by, "moment": moment}
    await tx.execute(_COUNT_COMMENT, values)
    tx.touch(tag_of(changed.discussion_id), HOME_TAG)
    if changed.author_kind == ACCOUNT:
        tx.touch(account_tag(changed.author_id))


async def update_body(
    tx: Tx, old: Comment, new: Comment, *, source: str, kept: Revision, sketch: tuple[int | None, int | None]
) -> bool:
    """Replace the text and keep the earlier one; False when the comment is no longer at `old.revision`. The discussion
    does not know of it yet, and no moderator has seen it as it is."""
    values: dict[str, Any] = {"site": old.site_id, "comment": old.id, "seen": old.revision, "new_source": source}
    values |= {f"new_{name}": getattr(new, name) for name in ("html", "text", "edited_at", *SCOPED)}
    values |= {"new_sketch_a": sketch[0], "new_sketch_b": sketch[1], "new_reviewed": False}
    if await tx.execute(_REWRITE, values) != 1:
        return False
    await tx.execute(_KEEP_REVISION, kept._asdict())
    return True


async def erase_comment(tx: Tx, old: Comment) -> None:
    """Take a comment's text, name and earlier revisions away; its place in the thread stays."""
    this = {"site": old.site_id, "comment": old.id}
    await tx.execute(_ERASE, this)
    await tx.execute(_ERASE_REVISIONS, this)


async def remove_comment(tx: Tx, old: Comment) -> bool:
    """Remove a comment that has no place in the thread, so that it leaves no mark; False where something replies to it.
    Its revisions go in any case."""
    this = {"site": old.site_id, "comment": old.id}
    await tx.execute(_ERASE_REVISIONS, this)
    return await tx.execute(_REMOVE, this) == 1


async def claim_key(tx: Tx, *, site_id: int, author_id: int, key: str, claim: dict[str, Any]) -> Row | None:
    """Store an idempotency key; returns the row that already has it (request_hash, comment_id), or None."""
    values = {"site_id": site_id, "author_id": author_id, "key": key, **claim}
    if await tx.fetch_one(_CLAIM_KEY, values) is not None:
        return None
    return await tx.fetch_one(_BY_KEY, {"site": site_id, "author": author_id, "key": key})


async def forget_keys(tx: Tx, *, before: datetime) -> int:
    """Drop keys older than they need to be."""
    return await tx.execute(_FORGET_KEYS, {"before": before})
