"""Post a comment, once however often the request is repeated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.accounts import queries as guests
from forum.accounts.model import ACCOUNT, GUEST
from forum.accounts.names import check_guest_name, name_key
from forum.accounts.service_session import find_account_actor, identify, session_ended
from forum.articles import queries as articles
from forum.articles.model import ArticleRef, Discussion
from forum.articles.service import get_discussion, open_discussion
from forum.comments import policy, queries
from forum.comments.birth import Wish, bear
from forum.comments.compose import About, Composed, compose
from forum.comments.desk import Desk
from forum.comments.model import FORM_REPEAT, STRONG_KEY, Author, Comment, Draft, Status
from forum.comments.review.queries import find_last
from forum.comments.screening.answers import Notice, notice_in, notice_of
from forum.comments.screening.reading import read_text
from forum.comments.service import REFUSALS, about_discussion, authors_of, read_scope, require
from forum.comments.service_guest import find_or_add_guest
from forum.core.capability import derive_token, new_token
from forum.core.i18n import N_
from forum.core.text import TextProblem
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Conflict, FieldError, Invalid, NotFound
from forum.markup import may_carve
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.service import book


@dataclass(frozen=True, slots=True)
class NewComment:
    """What somebody sent: unchecked text, where it should go, and the client's key for repeating it safely.

    `author_name` is what a guest signs with; who is signed in has a name already. `scope` says what the whole comment
    gives away, as tokens: () nothing, None what its parent does.
    """

    site: Site
    article: ArticleRef | int
    body: str
    author_name: str
    parent_id: int | None = None
    key: str | None = None
    from_form: bool = False
    scope: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored comment. `token` is a capability the browser has to be told about, None when it gets none. `notice` is
    why it is held, where a rule has held it."""

    comment: Comment
    discussion: Discussion
    token: str | None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A checked request; `name` is what a guest signs with, None where somebody is signed in (`account_id`)."""

    wish: Wish
    name: str | None
    account_id: int | None


async def _prepare(rt: Runtime, visitor: Visitor, new: NewComment) -> _Ready:
    """Everything that needs no transaction: checks, spoilers, Markdown, and a fingerprint of the request."""
    errors: list[FieldError] = []
    actor = await identify(rt, visitor, new.site.id)
    name = _guest_name(visitor, new, errors) if actor is None else None
    about = await _about(rt, new)
    try:
        composed = await compose(rt, new.body, about)
    except Invalid as invalid:
        raise Invalid(invalid.code, invalid.detail, errors=(*errors, *invalid.errors)) from invalid
    if errors:
        raise Invalid(errors=tuple(errors))
    own = None if new.scope is None else await read_scope(rt, new.scope, at=about.at)
    draft = Draft(composed.source, new.parent_id, _fingerprint(new, name or "", composed))
    screened = await read_text(rt, new.site.id, composed)
    return _Ready(Wish(draft, composed, own, screened), name, None if actor is None else actor.id)


def _guest_name(visitor: Visitor, new: NewComment, errors: list[FieldError]) -> str:
    """The checked name of a guest. Raises Forbidden where guests may not write, and SignInNeeded for who was signed in
    and gives no name to go on with as a guest."""
    if visitor.signed_in and not new.author_name:
        raise session_ended()
    require(policy.may_post_as_guest(new.site))
    try:
        return check_guest_name(new.author_name, site_name=new.site.name)
    except TextProblem as problem:
        errors.append(FieldError("author_name", problem.code))
        return ""


async def _about(rt: Runtime, new: NewComment) -> About:
    """What the comment's labels may mean. A text without any needs no look at the discussion."""
    now = rt.clock.now()
    if not may_carve(new.body):
        return About((), now)
    async with rt.db.read(fresh=True) as tx:
        if isinstance(new.article, int):
            found = await articles.find_discussion(tx, new.article)
        else:
            found = await articles.find_discussion_of(tx, new.article)
    return await about_discussion(rt, found, now)


def _fingerprint(new: NewComment, name: str, composed: Composed) -> str:
    where = str(new.article) if isinstance(new.article, int) else new.article.key
    scope = "inherit" if new.scope is None else " ".join(new.scope)
    parts = "\x1f".join((where, str(new.parent_id), name, scope, composed.source))
    return hashlib.sha256(parts.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What a key was used for before: a comment, or nothing any more."""

    comment: Comment | None


async def post_comment(rt: Runtime, visitor: Visitor, new: NewComment) -> Posted:
    """Store a comment, once however often the request is repeated with its key.

    Raises Invalid, Forbidden, NotFound, SignInNeeded, or Conflict when the key belongs to another request.
    """
    ready = await _prepare(rt, visitor, new)
    now, known = rt.clock.now(), await book(rt)
    draft = ready.wish.draft
    shared = _shared_key(visitor, new, ready, now)
    token = (visitor.token or _token_for(rt, new)) if ready.name is not None else None

    async def work(tx: Tx) -> Posted:
        discussion = await _discussion_for(tx, rt, new, now)
        comment_id = rt.ids.next()
        claim = {"request_hash": draft.request_hash, "comment_id": comment_id, "created_at": now}
        if shared is not None:
            earlier = await _claim(tx, new.site, shared, claim, holder=0)
            if earlier is not None and await _is_repetition(tx, earlier, new, visitor, now):
                return await _repeated(tx, earlier, discussion, None)
        author = await _author(tx, rt, new.site, visitor, (ready.name, token, now))
        if new.key is not None:
            earlier = await _claim(tx, new.site, new.key, claim, holder=author.id)
            if earlier is not None:
                return await _repeated(tx, earlier, discussion, token)
        born = await bear(Desk(tx, rt, known), new.site, discussion, ready.wish, (comment_id, author, now))
        return Posted(born.comment, discussion, token, notice_of(born.outcome))

    return await rt.db.write(work)


async def _author(
    tx: Tx, rt: Runtime, site: Site, visitor: Visitor, as_guest: tuple[str | None, str | None, datetime]
) -> Author:
    """Who writes: the account whose session counts at this very moment, or a guest with a name that no account has."""
    name, token, now = as_guest
    if name is None or token is None:
        actor = await find_account_actor(tx, visitor, site.id, now, hold=True)
        if actor is None or actor.account is None:
            raise session_ended()
        before = None if visitor.token is None else await guests.find_guest(tx, site_id=site.id, token=visitor.token)
        also = () if before is None else (before.id,)
        return Author(ACCOUNT, actor.id, actor.account.name, actor.is_trusted, also=also)
    known = visitor.token is not None
    guest = await find_or_add_guest(tx, rt, site.id, token, known=known, skeleton=name_key(name))
    return Author(GUEST, guest.id, name, is_new=guest.is_new)


def _shared_key(visitor: Visitor, new: NewComment, ready: _Ready, now: datetime) -> str | None:
    """A key that belongs to nobody: it says that this very request was here before, and gives nothing away.

    For a form without a key (sent twice in a row, it is one comment, by the same account or from the same network),
    and for a key that anybody could guess when it comes from a browser without a capability.
    """
    if new.key is not None:
        anonymous = ready.account_id is None and visitor.token is None and len(new.key) < STRONG_KEY
        return _digest("weak", visitor.network, new.key) if anonymous else None
    if not new.from_form:
        return None
    bucket = int(now.timestamp() // FORM_REPEAT.total_seconds())
    who = ("form", visitor.network) if ready.account_id is None else ("account-form", str(ready.account_id))
    return _digest(*who, ready.wish.draft.request_hash, str(bucket))


def _digest(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()}"


def _token_for(rt: Runtime, new: NewComment) -> str:
    """The capability of a browser that has none: the one of its key, so that a lost answer costs nobody anything."""
    if new.key is None or len(new.key) < STRONG_KEY:
        return new_token(rt.settings.secret_key)
    return derive_token(rt.settings.secret_key, new.site.key, new.key)


async def _claim(tx: Tx, site: Site, key: str, claim: dict[str, Any], *, holder: int) -> _Earlier | None:
    """Take a key; returns what it was used for before, or None. Raises Conflict when that was another request."""
    taken = await queries.claim_key(tx, site_id=site.id, author_id=holder, key=key, claim=claim)
    if taken is None:
        return None
    if taken.request_hash != claim["request_hash"]:
        raise Conflict("key_reused", N_("That idempotency key was used for something else."))
    return _Earlier(await queries.find_comment(tx, taken.comment_id))


async def _is_repetition(tx: Tx, earlier: _Earlier, new: NewComment, visitor: Visitor, now: datetime) -> bool:
    """Whether a form without a key is the same one again: after a deletion, or from somebody else, it is a new one."""
    if new.key is not None:
        return True
    if earlier.comment is None or earlier.comment.status is Status.DELETED:
        return False
    return visitor.token is None or earlier.comment.author_id in await authors_of(tx, new.site.id, visitor, now)


async def _repeated(tx: Tx, earlier: _Earlier, discussion: Discussion, token: str | None) -> Posted:
    """Answer a repeated request as it was answered the first time."""
    comment = earlier.comment
    if comment is None:
        raise NotFound(detail=REFUSALS["deleted"])
    if comment.status is not Status.HELD:
        return Posted(comment, discussion, token)
    last = await find_last(tx, site_id=comment.site_id, comment_id=comment.id)
    return Posted(comment, discussion, token, notice_in(last))


async def _discussion_for(tx: Tx, rt: Runtime, new: NewComment, now: datetime) -> Discussion:
    if not isinstance(new.article, int):
        return await open_discussion(tx, rt, new.article, now)
    found = await get_discussion(tx, new.article)
    if found.site_id != new.site.id:
        raise NotFound(detail=N_("There is no such discussion."))
    return found
