"""Cover a comment, or a stretch of it, after it was posted: by its author; and what moderators need for the same."""

from __future__ import annotations

from dataclasses import dataclass

from forum.accounts.service_session import identify
from forum.articles.model import Discussion
from forum.articles.service import get_discussion
from forum.comments import cover_policy as policy
from forum.comments import queries
from forum.comments.compose import Stretch, compose
from forum.comments.covering import AUTHOR, Ready, apply
from forum.comments.desk import Desk, quoted_in
from forum.comments.holding import hold_shown, own_text, repeating, shows_more
from forum.comments.model import Comment, Status
from forum.comments.review.policy import Act
from forum.comments.service import about_discussion, authors_of, get_visible, require, require_free
from forum.comments.service_edit import conflict, said_by_author
from forum.comments.stretches import as_understood, keep_stretches, read_stretches
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import FieldError, Invalid, NotFound
from forum.runtime import Runtime
from forum.spoilers.model import Scope
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import list_passages
from forum.spoilers.service import book


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says about a comment: what it gives away (nothing: it is no spoiler), and why. With `stretch` only
    that part of the source, in code points, of the text at `revision`."""

    scope: Scope
    reason: str
    stretch: tuple[int, int] | None = None
    revision: int | None = None


async def rescope_as_author(rt: Runtime, visitor: Visitor, comment_id: int, verdict: Verdict) -> Comment:
    """An author's word about a comment of theirs, at any time; it adds to what a moderator has said. Said again it
    changes nothing: whoever decides about the comment at this moment decides about what they have seen."""
    async with rt.db.read(fresh=True) as tx:
        # First of all: what is wrong with a stretch tells something about the text.
        seen, author_id = await get_visible(tx, comment_id, visitor, rt.clock.now())
    require(policy.may_rescope_own(seen, author_id=author_id))
    adds_only = policy.is_locked(seen.cover_state)
    actor = await identify(rt, visitor, seen.site_id)
    is_trusted = actor is not None and actor.is_trusted
    ready, known = await prepare(rt, seen, verdict, adds_only=adds_only), await book(rt)

    async def work(tx: Tx) -> Comment:
        desk = Desk(tx, rt, known)
        comment = await hold_seen(desk, ready, verdict, with_place=True)
        if policy.is_locked(comment.cover_state) and not adds_only:
            raise conflict()
        said = await _said(desk, comment, ready, verdict)
        if said == comment:
            return comment
        more = await shows_more(desk, comment, said)
        if more:
            mine = await authors_of(tx, comment.site_id, visitor, ready.now)
            await require_free(tx, comment.site_id, mine, Act.EDIT, ready.now)
        await apply(desk, comment, said, ready, (AUTHOR, verdict.reason))
        new = await again(desk, comment)
        return await _hold_repeating(desk, new) if more and not is_trusted else new

    return await rt.db.write(work)


async def _said(desk: Desk, comment: Comment, ready: Ready, verdict: Verdict) -> Comment:
    """A comment with what its author says about it."""
    if verdict.stretch is not None:
        return comment._replace(stretches=await keep_stretches(desk, ready.stretches))
    said = await said_by_author(desk, comment, verdict.scope)
    return said if ready.composed is None else said._replace(stretches="")


async def _hold_repeating(desk: Desk, shown: Comment) -> Comment:
    """A comment that its author has uncovered, held where it repeats what is covered elsewhere."""
    discussion = await get_discussion(desk.tx, shown.discussion_id)
    outcome = await repeating(desk, discussion, shown, own_text(shown))
    return await hold_shown(desk, shown, discussion, outcome)


def nothing() -> NotFound:
    """There is no such comment, or none that may be spoken about."""
    return NotFound(detail=N_("There is no such comment."))


async def prepare(rt: Runtime, comment: Comment, verdict: Verdict, *, adds_only: bool) -> Ready:
    """Everything that needs no transaction. A text with a stretch covered, or uncovered again, is drawn anew; what was
    understood of its labels when it was posted stays. With `adds_only` nothing of what is covered is taken away."""
    if verdict.revision not in (None, comment.revision):
        raise conflict()
    if verdict.stretch is None and (verdict.scope or not comment.stretches or adds_only):
        return Ready(comment, rt.clock.now())  # its text stays as it is drawn
    found = await _look(rt, comment)
    if found.revision != comment.revision:
        raise conflict()
    kept = found.stretches
    stretches = () if verdict.stretch is None else _with_stretch(found.source, kept, verdict, adds_only=adds_only)
    return await _laid_anew(rt, comment, found, stretches)


async def prepare_stretches(rt: Runtime, comment: Comment, kept: str) -> Ready:
    """The same for a comment that gets back the stretches that it had: `kept`, as a row keeps them."""
    found = await _look(rt, comment)
    if found.revision != comment.revision:
        raise conflict()
    async with rt.db.read(fresh=True) as tx:
        stretches = await read_stretches(Desk(tx, rt, await book(rt)), kept)
    return await _laid_anew(rt, comment, found, stretches)


@dataclass(frozen=True, slots=True)
class _Found:
    """A comment's source and the revision it is of, its discussion, its stretches and passages."""

    source: str
    revision: int | None
    discussion: Discussion
    stretches: tuple[Stretch, ...]
    passages: list[Passage]


async def _look(rt: Runtime, comment: Comment) -> _Found:
    known = await book(rt)
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
        discussion = await get_discussion(tx, comment.discussion_id)
        stretches = await read_stretches(Desk(tx, rt, known), comment.stretches)
        passages = await list_passages(tx, site_id=comment.site_id, comments=[comment.id])
    source, revision = found or ("", None)
    return _Found(source, revision, discussion, stretches, passages)


async def _laid_anew(rt: Runtime, comment: Comment, found: _Found, stretches: tuple[Stretch, ...]) -> Ready:
    about = await about_discussion(rt, found.discussion, comment.created_at)
    composed = await compose(rt, found.source, about, stretches=stretches)
    return Ready(comment, rt.clock.now(), stretches, as_understood(composed, found.passages, await book(rt)))


def _with_stretch(
    source: str, stretches: tuple[Stretch, ...], verdict: Verdict, *, adds_only: bool
) -> tuple[Stretch, ...]:
    start, end = verdict.stretch or (0, 0)
    if not 0 <= start < end <= len(source):
        raise Invalid(errors=(FieldError("start", "wrong_value"), FieldError("end", "wrong_value")))
    before = next((s for s in stretches if (s.start, s.end) == (start, end)), None)
    scope = verdict.scope if before is None or not adds_only else verdict.scope | before.scope
    new = (Stretch(start, end, scope),) if scope else ()
    # In the place of the one before: what is said again is kept as it was.
    at = len(stretches) if before is None else stretches.index(before)
    return (*stretches[:at], *new, *stretches[at + 1 :])


async def hold_seen(desk: Desk, ready: Ready, verdict: Verdict, *, with_place: bool = False) -> Comment:
    """The comment as it is now, held (`with_place`: and what it hangs below); raises Conflict when its text is not the
    one that was looked at."""
    site_id, comment_id = ready.comment.site_id, ready.comment.id
    quoted = quoted_in(ready.composed) if ready.composed is not None else set()
    above = {ready.comment.root_id, ready.comment.parent_id or comment_id} if with_place else set()
    comment = (await desk.hold(site_id, {comment_id, *above, *quoted})).get(comment_id)
    if comment is None or comment.status is Status.DELETED:
        raise nothing()
    if verdict.revision is not None and comment.revision != verdict.revision:
        raise conflict()
    require_same(ready, comment)
    return comment


def require_same(ready: Ready, comment: Comment) -> None:
    """Raise Conflict when what was made ready is of another text than that of the comment as it is held now."""
    if ready.composed is not None and comment.revision != ready.comment.revision:
        raise conflict()
    if comment.stretches != ready.comment.stretches:
        raise conflict()


async def again(desk: Desk, comment: Comment) -> Comment:
    """The comment as it is after all that followed."""
    found = await queries.find_comment(desk.tx, comment.id)
    return comment if found is None else found
