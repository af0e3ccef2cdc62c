"""Statements that take a person out of the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, update

from forum.accounts.model import ACCOUNT, GONE, Account, account_tag
from forum.accounts.tables import account, account_role, auth_flow, identity, mail, passkey, session
from forum.comments.covering import AUTHOR
from forum.comments.model import Comment, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.review.tables import flag
from forum.comments.tables import comment, comment_revision, idempotency_key
from forum.db import Prepared, Tx
from forum.people.queries_record import forget_record, give_moderation
from forum.people.tables import follow, mute
from forum.sites.tables import site
from forum.spoilers.tables import progress, progress_rule, scope_event

_ACCOUNT: Any = bindparam("account")
_ADDRESSES: Any = bindparam("addresses", expanding=True)
_OWN_SESSIONS = select(session.c.id).where(session.c.account_id == _ACCOUNT)
# In this order: what was begun is found by the sessions it was begun in.
_FORGET = tuple(
    Prepared(statement)
    for statement in (
        delete(auth_flow).where(
            or_(
                auth_flow.c.account_id == _ACCOUNT,
                auth_flow.c.session_id.in_(_OWN_SESSIONS),
                auth_flow.c.email.in_(_ADDRESSES),
            )
        ),
        delete(mail).where(or_(mail.c.account_id == _ACCOUNT, mail.c.address.in_(_ADDRESSES))),
        *(
            delete(table).where(table.c.account_id == _ACCOUNT)
            for table in (session, identity, passkey, account_role, progress, progress_rule, follow)
        ),
        delete(mute).where(
            or_(mute.c.account_id == _ACCOUNT, and_(mute.c.muted_kind == ACCOUNT, mute.c.muted_id == _ACCOUNT))
        ),
        # By site, as the index goes.
        delete(flag).where(flag.c.site_id.in_(select(site.c.id)), flag.c.author_id == _ACCOUNT),
        delete(idempotency_key).where(
            idempotency_key.c.site_id.in_(select(site.c.id)), idempotency_key.c.author_id == _ACCOUNT
        ),
    )
)
_FOLLOW_INTO = Prepared(
    update(account)
    .where(account.c.joining_id == _ACCOUNT)
    .values(joining_id=None, erase_texts=bindparam("texts", type_=account.c.erase_texts.type))
    .returning(account.c.id)
)
_BY = and_(comment.c.author_id == bindparam("author"), comment.c.author_kind == ACCOUNT)
_OF_ACCOUNT = Prepared(select(*COLUMNS).where(_BY).order_by(comment.c.id).limit(bindparam("most")))
_THESE = and_(comment.c.site_id == bindparam("site"), comment.c.id.in_(bindparam("comments", expanding=True)))
_NOBODYS = {"author_id": 0, "author_kind": GONE, "author_name": "", "revision": comment.c.revision + 1}
_DISOWN = Prepared(update(comment).where(_THESE).values(_NOBODYS))
_EMPTY = Prepared(
    update(comment)
    .where(_THESE)
    .values(
        dict.fromkeys(("source", "html", "text", "covers", "stretches"), "")
        | {"status": Status.DELETED.value, "marked": False, "sketch_a": None, "sketch_b": None}
        | _NOBODYS
    )
)
_OF_THESE = and_(
    comment_revision.c.site_id == bindparam("site"),
    comment_revision.c.comment_id.in_(bindparam("comments", expanding=True)),
)
_DROP_EARLIER = Prepared(delete(comment_revision).where(_OF_THESE))
_EMPTY_EARLIER = Prepared(update(comment_revision).where(_OF_THESE).values(source=""))
_EMPTY_REASONS = Prepared(
    update(scope_event)
    .where(
        scope_event.c.site_id == bindparam("site"),
        scope_event.c.comment_id.in_(bindparam("comments", expanding=True)),
        scope_event.c.actor == AUTHOR,
    )
    .values(reason="")
)
# 0 holds the keys that belong to nobody.
_DROP_KEYS = Prepared(
    delete(idempotency_key).where(
        idempotency_key.c.site_id == bindparam("site"),
        idempotency_key.c.author_id == 0,
        idempotency_key.c.comment_id.in_(bindparam("comments", expanding=True)),
    )
)
_DELETE_ACCOUNT = Prepared(delete(account).where(account.c.id == _ACCOUNT))


async def forget_person(tx: Tx, gone: Account) -> None:
    """Everything of an account but what it wrote, and its own row."""
    addresses = sorted({text for text in (gone.email, gone.email_key) if text})
    await forget_record(tx, gone.id)
    await give_moderation(tx, account_id=gone.id, to=0)
    for statement in _FORGET:
        await tx.execute(statement, {"account": gone.id, "addresses": addresses})
    tx.touch(account_tag(gone.id))


async def follow_into(tx: Tx, account_id: int, *, texts: bool) -> list[int]:
    """The accounts that were becoming part of one: what was to become its comments is erased with it."""
    return sorted(row.id for row in await tx.fetch_all(_FOLLOW_INTO, {"account": account_id, "texts": texts}))


async def list_comments_of(tx: Tx, account_id: int, *, most: int) -> list[Comment]:
    """The oldest comments that are an account's, whatever their status, on whatever site."""
    return [comment_of(row) for row in await tx.fetch_all(_OF_ACCOUNT, {"author": account_id, "most": most})]


async def disown(tx: Tx, *, site_id: int, comments: Collection[int]) -> None:
    """Nobody has written these comments any more; earlier texts of them are gone, but not what they needed."""
    values = {"site": site_id, "comments": sorted(comments)}
    await tx.execute(_DISOWN, values)
    await tx.execute(_EMPTY_EARLIER, values)
    await _forget_traces(tx, values)


async def empty(tx: Tx, *, site_id: int, comments: Collection[int]) -> None:
    """The same, and they say nothing any more: their places in the thread stay."""
    values = {"site": site_id, "comments": sorted(comments)}
    await tx.execute(_EMPTY, values)
    await tx.execute(_DROP_EARLIER, values)
    await _forget_traces(tx, values)


async def _forget_traces(tx: Tx, values: dict[str, object]) -> None:
    await tx.execute(_EMPTY_REASONS, values)
    await tx.execute(_DROP_KEYS, values)


async def delete_account(tx: Tx, account_id: int) -> None:
    """The account's row, which nothing leads to any more."""
    await tx.execute(_DELETE_ACCOUNT, {"account": account_id})
    tx.touch(account_tag(account_id))
