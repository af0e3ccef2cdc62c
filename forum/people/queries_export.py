"""Statements that read all that is kept about an account, for its person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from forum.accounts.model import ACCOUNT, Account
from forum.accounts.tables import account, account_role, auth_flow, identity, mail, passkey, session
from forum.articles.tables import article
from forum.comments.review.tables import decision, flag, sanction
from forum.comments.tables import comment, comment_revision
from forum.db import Prepared, Row, Tx
from forum.people.tables import follow, mute
from forum.sites.tables import site
from forum.spoilers.tables import progress, progress_rule, scope_event

_ACCOUNT: Any = bindparam("account")
_ADDRESSES: Any = bindparam("addresses", expanding=True)
_AFTER: Any = bindparam("after")
_MOST: Any = bindparam("most")


def _columns(table: Any, *names: str) -> tuple[Any, ...]:
    return tuple(table.c[name] for name in names)


# What fits into memory whatever somebody does, by the name it has in an export.
_SMALL = {
    name: Prepared(statement)
    for name, statement in {
        "roles": select(site.c.key.label("site"), *_columns(account_role, "role", "created_at"))
        .select_from(account_role.join(site, site.c.id == account_role.c.site_id))
        .where(account_role.c.account_id == _ACCOUNT)
        .order_by(site.c.key),
        "identities": select(*_columns(identity, "kind", "issuer", "subject", "label", "created_at", "used_at"))
        .where(identity.c.account_id == _ACCOUNT)
        .order_by(identity.c.created_at, identity.c.kind, identity.c.issuer),
        "passkeys": select(
            *_columns(passkey, "id", "public_key", "sign_count", "name", "transports", "backed_up"),
            *_columns(passkey, "created_at", "used_at"),
        )
        .where(passkey.c.account_id == _ACCOUNT)
        .order_by(passkey.c.created_at, passkey.c.id),
        "sessions": select(
            *_columns(session, "kind", "origin", "agent", "created_at", "seen_at", "fresh_at", "expires_at")
        )
        .where(session.c.account_id == _ACCOUNT)
        .order_by(session.c.created_at, session.c.id),
        # Without handles and codes: who has these could finish what was begun.
        "begun": select(*_columns(auth_flow, "kind", "purpose", "email", "created_at", "expires_at"))
        .where(or_(auth_flow.c.account_id == _ACCOUNT, auth_flow.c.email.in_(_ADDRESSES)))
        .order_by(auth_flow.c.created_at, auth_flow.c.handle),
        "mail_waiting": select(*_columns(mail, "kind", "address", "locale", "created_at"))
        .where(or_(mail.c.account_id == _ACCOUNT, mail.c.address.in_(_ADDRESSES)))
        .order_by(mail.c.id),
        "progress": select(*_columns(progress, "work_id", "state", "unit", "ticks", "updated_at"))
        .where(progress.c.account_id == _ACCOUNT)
        .order_by(progress.c.work_id),
        "rules": select(*_columns(progress_rule, "rule", "said"))
        .where(progress_rule.c.account_id == _ACCOUNT)
        .order_by(progress_rule.c.rule),
        "sanctions": select(
            site.c.key.label("site"),
            *_columns(sanction, "id", "kind", "until", "reason", "rule", "words", "created_at", "lifted_at", "seen_at"),
        )
        .select_from(site.join(sanction, sanction.c.site_id == site.c.id))
        .where(sanction.c.author_id == _ACCOUNT)
        .order_by(sanction.c.id),
        # A guest's id is shown to nobody.
        "muted": select(
            mute.c.muted_kind.label("kind"), func.coalesce(account.c.name, mute.c.name).label("name"), mute.c.created_at
        )
        .select_from(mute.outerjoin(account, and_(mute.c.muted_kind == ACCOUNT, account.c.id == mute.c.muted_id)))
        .where(mute.c.account_id == _ACCOUNT)
        .order_by(mute.c.created_at, mute.c.muted_id),
        "follows": select(
            site.c.key.label("site"),
            follow.c.discussion_id,
            *_columns(article, "url", "title"),
            follow.c.created_at,
        )
        .select_from(
            follow.join(site, site.c.id == follow.c.site_id).join(
                article, and_(article.c.site_id == follow.c.site_id, article.c.id == follow.c.discussion_id)
            )
        )
        .where(follow.c.account_id == _ACCOUNT)
        .order_by(follow.c.created_at, follow.c.discussion_id),
    }.items()
}
# Not who decided it: that is the site's own affair.
_DECISIONS = Prepared(
    select(
        site.c.key.label("site"),
        *_columns(decision, "id", "comment_id", "discussion_id", "verdict", "status", "revision", "by_kind"),
        *_columns(decision, "reason", "rule", "words", "about_rule", "evidence", "undoes", "created_at"),
    )
    .select_from(site.join(decision, decision.c.site_id == site.c.id))
    .where(decision.c.author_id == _ACCOUNT, decision.c.id > _AFTER)
    .order_by(decision.c.id)
    .limit(_MOST)
)
_COMMENTS = Prepared(
    select(
        site.c.key.label("site"),
        *_columns(comment, "site_id", "id", "discussion_id", "parent_id", "author_name", "source", "status"),
        *_columns(comment, "revision", "created_at", "edited_at", "scope_id", "inherits", "set_scope_id"),
        *_columns(comment, "cover_state"),
        *_columns(article, "url", "title"),
    )
    .select_from(
        comment.join(site, site.c.id == comment.c.site_id).join(
            article, and_(article.c.site_id == comment.c.site_id, article.c.id == comment.c.discussion_id)
        )
    )
    .where(comment.c.author_id == _ACCOUNT, comment.c.author_kind == ACCOUNT, comment.c.id > _AFTER)
    .order_by(comment.c.id)
    .limit(_MOST)
)
_SITES: Any = bindparam("sites", expanding=True)
_THESE: Any = bindparam("comments", expanding=True)
_EARLIER = Prepared(
    select(*_columns(comment_revision, "comment_id", "revision", "source", "replaced_at"))
    .where(comment_revision.c.site_id.in_(_SITES), comment_revision.c.comment_id.in_(_THESE))
    .order_by(comment_revision.c.comment_id, comment_revision.c.revision)
)
_EVENTS = Prepared(
    select(*_columns(scope_event, "comment_id", "actor", "state", "old_scope_id", "new_scope_id", "reason"))
    .add_columns(scope_event.c.created_at)
    .where(scope_event.c.site_id.in_(_SITES), scope_event.c.comment_id.in_(_THESE))
    .order_by(scope_event.c.comment_id, scope_event.c.id)
)
_FLAGS = Prepared(
    select(
        site.c.key.label("site"),
        *_columns(flag, "comment_id", "reason", "scope_id", "note", "weight", "is_new", "network", "outcome"),
        flag.c.created_at,
    )
    .select_from(site.join(flag, flag.c.site_id == site.c.id))
    .where(flag.c.author_id == _ACCOUNT, flag.c.comment_id > _AFTER)
    .order_by(flag.c.comment_id)
    .limit(_MOST)
)


async def read_small(tx: Tx, person: Account) -> dict[str, list[dict[str, Any]]]:
    """Everything of an account but what it wrote and flagged, by the names of an export."""
    addresses = sorted({text for text in (person.email, person.email_key) if text})
    values = {"account": person.id, "addresses": addresses}
    return {name: [row._asdict() for row in await tx.fetch_all(one, values)] for name, one in _SMALL.items()}


async def list_written(tx: Tx, account_id: int, *, after: int, most: int) -> list[Row]:
    """Comments of an account after the one with id `after`, with where they stand."""
    return await tx.fetch_all(_COMMENTS, {"account": account_id, "after": after, "most": most})


async def list_earlier(tx: Tx, *, sites: Collection[int], comments: Collection[int]) -> list[Row]:
    """Earlier texts of comments."""
    return await tx.fetch_all(_EARLIER, {"sites": sorted(sites), "comments": sorted(comments)})


async def list_scope_events(tx: Tx, *, sites: Collection[int], comments: Collection[int]) -> list[Row]:
    """What was said about these comments, by whom and why."""
    return await tx.fetch_all(_EVENTS, {"sites": sorted(sites), "comments": sorted(comments)})


async def list_flags(tx: Tx, account_id: int, *, after: int, most: int) -> list[Row]:
    """Flags that an account has raised, on comments after the one with id `after`."""
    return await tx.fetch_all(_FLAGS, {"account": account_id, "after": after, "most": most})


async def list_decisions(tx: Tx, account_id: int, *, after: int, most: int) -> list[Row]:
    """What was decided about an account and what it wrote, after the decision with id `after`."""
    return await tx.fetch_all(_DECISIONS, {"account": account_id, "after": after, "most": most})
