"""Write comments: post, edit, delete, preview."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.accounts import queries as guests
from forum.accounts.model import Guest
from forum.accounts.names import check_guest_name
from forum.articles import queries as articles
from forum.articles.model import ArticleRef, Discussion
from forum.articles.service import get_discussion, open_discussion
from forum.comments import policy, queries
from forum.comments.model import FORM_REPEAT, Comment, Draft, Slot, Status
from forum.core.capability import derive_token, new_token
from forum.core.decision import Decision, Deny
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_body
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from forum.markup import Rendered, render
from forum.runtime import Runtime
from forum.sites.model import Site

GUEST = "guest"
REFUSALS = {
    "guests_not_allowed": N_("This site does not take comments from guests."),
    "discussion_closed": N_("This discussion is closed. You can still read it."),
    "parent_gone": N_("The comment you are replying to is gone."),
    "not_yours": N_("Only the person who wrote a comment can change it, in the browser it was written in."),
    "edit_window_closed": N_("The time for editing this comment is over. You can still delete it."),
    "deleted": N_("This comment was deleted."),
}


@dataclass(frozen=True, slots=True)
class NewComment:
    """What somebody sent: unchecked text, where it should go, and the client's key for repeating it safely."""

    site: Site
    article: ArticleRef | int
    body: str
    author_name: str
    parent_id: int | None = None
    key: str | None = None
    from_form: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored comment. `token` is a capability the browser has to be told about; `repeated` means that this very
    request had been answered before."""

    comment: Comment
    discussion: Discussion
    token: str | None
    repeated: bool = False


def require(decision: Decision) -> None:
    """Raise Forbidden with the refusal's sentence unless the decision allows."""
    if isinstance(decision, Deny):
        raise Forbidden(decision.code, REFUSALS[decision.code])


def check_body(rt: Runtime, text: str) -> tuple[str, Rendered]:
    """The cleaned source and what it renders to; raises Invalid."""
    try:
        source = clean_body(text, max_length=rt.settings.max_comment_length)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("body", problem.code),)) from problem
    rendered = render(source)
    if not rendered.text:
        raise Invalid(errors=(FieldError("body", "empty"),))
    return source, rendered


def _prepare(rt: Runtime, new: NewComment) -> Draft:
    """Everything that needs no database: checks, Markdown, and a fingerprint of the request."""
    errors: list[FieldError] = []
    name = ""
    try:
        name = check_guest_name(new.author_name, site_name=new.site.name)
    except TextProblem as problem:
        errors.append(FieldError("author_name", problem.code))
    try:
        source, rendered = check_body(rt, new.body)
    except Invalid as invalid:
        raise Invalid(errors=(*errors, *invalid.errors)) from invalid
    if errors:
        raise Invalid(errors=tuple(errors))
    where = str(new.article) if isinstance(new.article, int) else new.article.key
    parts = "\x1f".join((where, str(new.parent_id), name, source))
    fingerprint = hashlib.sha256(parts.encode()).hexdigest()
    return Draft(name, source, rendered.html, rendered.text, new.parent_id, fingerprint)


async def post_comment(rt: Runtime, visitor: Visitor, new: NewComment) -> Posted:
    """Store a comment, once however often the request is repeated with its key.

    Raises Invalid, Forbidden, NotFound, or Conflict when the key belongs to another request.
    """
    require(policy.may_post_as_guest(new.site))
    draft = _prepare(rt, new)
    now = rt.clock.now()
    token = visitor.token or _token_for(rt, visitor, new, draft)
    key, keyless = _key_of(visitor, new, draft, now)

    async def work(tx: Tx) -> Posted:
        guest = await _find_or_add_guest(tx, rt, new.site, token, now, known=visitor.token is not None)
        discussion = await _discussion_for(tx, rt, new, now)
        comment_id = rt.ids.next()
        if key is not None:
            claim = {"request_hash": draft.request_hash, "comment_id": comment_id, "created_at": now}
            holder = 0 if keyless and visitor.token is None else guest.id
            taken = await queries.claim_key(tx, site_id=new.site.id, author_id=holder, key=key, claim=claim)
            if taken is not None:
                repeated = await _repeat(tx, taken, draft, discussion, None if keyless else token)
                if repeated is not None:
                    return repeated
        comment = await _insert(tx, new.site, discussion, draft, (comment_id, guest.id, now))
        return Posted(comment, discussion, token)

    return await rt.db.write(work)


def _token_for(rt: Runtime, visitor: Visitor, new: NewComment, draft: Draft) -> str:
    if new.key is None:
        return new_token(rt.settings.secret_key)
    parts = (new.site.key, new.key, visitor.network, draft.request_hash)
    return derive_token(rt.settings.secret_key, *parts)


def _key_of(visitor: Visitor, new: NewComment, draft: Draft, now: datetime) -> tuple[str | None, bool]:
    """The key to store, and whether we made it up: a form sent twice in a row is one comment."""
    if new.key is not None:
        return new.key, False
    if not new.from_form:
        return None, False
    bucket = int(now.timestamp() // FORM_REPEAT.total_seconds())
    parts = f"{visitor.network}\x1f{draft.request_hash}\x1f{bucket}"
    return f"form:{hashlib.sha256(parts.encode()).hexdigest()}", True


async def _find_or_add_guest(tx: Tx, rt: Runtime, site: Site, token: str, now: datetime, *, known: bool) -> Guest:
    if known:
        found = await guests.find_guest(tx, site_id=site.id, token=token)
        if found is not None:
            return found
    new = Guest(site.id, rt.ids.next())
    if await guests.insert_guest(tx, new, token=token, now=now):
        return new
    found = await guests.find_guest(tx, site_id=site.id, token=token)
    if found is None:
        raise NotFound()
    return found


async def _discussion_for(tx: Tx, rt: Runtime, new: NewComment, now: datetime) -> Discussion:
    if not isinstance(new.article, int):
        return await open_discussion(tx, rt, new.article, now)
    found = await get_discussion(tx, new.article)
    if found.site_id != new.site.id:
        raise NotFound(detail=N_("There is no such discussion."))
    return found


async def _repeat(tx: Tx, taken: object, draft: Draft, discussion: Discussion, token: str | None) -> Posted | None:
    """Answer a repeated request as it was answered the first time.

    A form without a key (and so without a `token` here) that comes again after its comment was deleted is not a
    repetition but a wish: None.
    """
    if taken.request_hash != draft.request_hash:  # type: ignore[attr-defined]
        raise Conflict("key_reused", N_("That idempotency key was used for something else."))
    comment = await queries.find_comment(tx, taken.comment_id)  # type: ignore[attr-defined]
    if token is None and (comment is None or comment.status is Status.DELETED):
        return None
    if comment is None:
        raise NotFound(detail=REFUSALS["deleted"])
    return Posted(comment, discussion, token, repeated=True)


async def _insert(tx: Tx, site: Site, discussion: Discussion, draft: Draft, who: tuple[int, int, datetime]) -> Comment:
    comment_id, author_id, now = who
    parent = None
    if draft.parent_id is not None:
        parent = await queries.find_comment(tx, draft.parent_id)
        if parent is None or parent.discussion_id != discussion.id or parent.status is Status.HELD:
            raise NotFound("parent_gone", REFUSALS["parent_gone"])
    require(policy.may_reply(parent, discussion.state))
    status = policy.birth_status(site)
    slot = Slot(None, comment_id, 0, 0)
    if parent is not None:
        slot = await queries.take_slot(tx, parent, drawn=status is Status.PUBLISHED)
    comment = Comment(
        site_id=site.id,
        id=comment_id,
        discussion_id=discussion.id,
        parent_id=slot.parent_id,
        root_id=slot.root_id,
        depth=slot.depth,
        root_seq=slot.root_seq,
        author_id=author_id,
        author_kind=GUEST,
        author_name=draft.author_name,
        source=draft.source,
        html=draft.html,
        text=draft.text,
        status=status,
        revision=1,
        reply_count=0,
        subtree_count=0,
        created_at=now,
        edited_at=None,
    )
    await queries.insert_comment(tx, comment)
    return comment


async def author_of(tx: Tx, site_id: int, visitor: Visitor) -> int | None:
    """The guest this visitor is on a site, or None."""
    if visitor.token is None:
        return None
    guest = await guests.find_guest(tx, site_id=site_id, token=visitor.token)
    return None if guest is None else guest.id


async def _get_visible(tx: Tx, comment_id: int, visitor: Visitor) -> tuple[Comment, int | None]:
    comment = await queries.find_comment(tx, comment_id)
    if comment is None:
        raise NotFound(detail=N_("There is no such comment."))
    author_id = await author_of(tx, comment.site_id, visitor)
    if isinstance(policy.may_see(comment, author_id=author_id), Deny):
        raise NotFound(detail=N_("There is no such comment."))
    return comment, author_id


async def edit_comment(rt: Runtime, visitor: Visitor, comment_id: int, *, body: str, revision: int) -> Comment:
    """Replace a comment's text within the edit window; every earlier revision is kept.

    Raises Conflict when the comment is no longer at the revision the author saw.
    """
    source, rendered = check_body(rt, body)
    now = rt.clock.now()
    window = timedelta(minutes=rt.settings.edit_window_minutes)

    async def work(tx: Tx) -> Comment:
        comment, author_id = await _get_visible(tx, comment_id, visitor)
        require(policy.may_edit(comment, author_id=author_id, now=now, window=window))
        if comment.source == source and comment.revision in (revision, revision + 1):
            return comment  # nothing to change, or a repeated request whose first answer was lost
        changed = comment.revision == revision and await queries.update_body(
            tx, comment, source=source, html=rendered.html, text=rendered.text, now=now
        )
        if not changed:
            detail = N_("This comment was changed in another window. Look at the newer text before you save.")
            raise Conflict("revision_conflict", detail)
        return await _again(tx, comment)

    return await rt.db.write(work)


async def delete_comment(rt: Runtime, visitor: Visitor, comment_id: int) -> Comment:
    """Take the author's comment away; its place in the thread stays. Returns what it was."""

    async def work(tx: Tx) -> Comment:
        comment, author_id = await _get_visible(tx, comment_id, visitor)
        locked = await queries.find_comment_locked(tx, site_id=comment.site_id, comment_id=comment.id)
        if locked is None:
            raise NotFound(detail=N_("There is no such comment."))
        if locked.status is Status.DELETED and author_id == locked.author_id:
            return locked
        require(policy.may_delete(locked, author_id=author_id))
        if locked.status is Status.HELD:
            await queries.remove_comment(tx, locked)
        else:
            await queries.erase_comment(tx, locked)
            await queries.count_comment(tx, locked, by=-1)
        return locked

    return await rt.db.write(work)


async def _again(tx: Tx, comment: Comment) -> Comment:
    found = await queries.find_comment(tx, comment.id)
    return found if found is not None else comment


async def get_own_comment(rt: Runtime, visitor: Visitor, comment_id: int) -> tuple[Comment, Discussion, bool]:
    """A comment this visitor may see, its discussion, and whether they wrote it."""
    async with rt.db.read(fresh=True) as tx:
        comment, author_id = await _get_visible(tx, comment_id, visitor)
        discussion = await articles.find_discussion(tx, comment.discussion_id)
        if discussion is None:
            raise NotFound()
    return comment, discussion, author_id == comment.author_id
