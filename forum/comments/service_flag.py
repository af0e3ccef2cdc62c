"""Readers say that a comment gives something away. Enough of them cover it, until a moderator has looked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from forum.accounts.service_session import find_account_actor
from forum.articles.service import get_discussion
from forum.comments import cover_policy as policy
from forum.comments import queries
from forum.comments import queries_flag as flags
from forum.comments import queries_scope as scopes
from forum.comments.cover_policy import Flag, Record
from forum.comments.covering import READERS, TIME, Ready, apply
from forum.comments.desk import Desk
from forum.comments.model import Comment
from forum.comments.service import about_discussion, authors_of
from forum.comments.service_guest import find_or_add_guest
from forum.comments.service_read import get_public_comment
from forum.core.capability import new_token
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import FieldError, Forbidden, Invalid, NotFound
from forum.markup import slots
from forum.outbox.queries import insert_job
from forum.runtime import Runtime
from forum.spoilers.model import NO_SCOPE, CoverState, Scope
from forum.spoilers.service import book, mentions

COVER_LAPSES = "cover_lapses"
OWN_COMMENT = N_("This is your own comment: say yourself what it gives away.")


@dataclass(frozen=True, slots=True)
class Flagged:
    """What became of a flag: whether it counts (each person's once), and the capability that a new guest got
    (None for who is signed in)."""

    counted: bool
    token: str | None


async def flag_spoiler(rt: Runtime, visitor: Visitor, comment_id: int, scope: Scope) -> Flagged:
    """Store a reader's flag, and cover the comment when there are enough of them. Repeating it changes nothing.

    Raises Invalid for an empty scope, NotFound, and Forbidden for one's own comment.
    """
    if not scope:
        raise Invalid(errors=(FieldError("scope", "missing"),))
    now, known = rt.clock.now(), await book(rt)
    token = visitor.token or new_token(rt.settings.secret_key)
    site_id, recognised = await _look(rt, comment_id, now)

    async def work(tx: Tx) -> Flagged:
        desk = Desk(tx, rt, known)
        comment = await queries.find_comment_locked(tx, site_id=site_id, comment_id=comment_id)
        if comment is None:
            raise NotFound(detail=N_("There is no such comment."))
        actor = await find_account_actor(tx, visitor, site_id, now, hold=True)
        known_guest = visitor.token is not None
        person = actor or await find_or_add_guest(tx, rt, site_id, token, known=known_guest)
        # A browser that signed in is still the guest it was before: one person, with one flag.
        mine = {person.id, *await authors_of(tx, site_id, visitor, now)}
        _require(comment, mine)
        given = None if actor is not None else token
        if await flags.has_flagged(tx, site_id=site_id, comment_id=comment_id, authors=mine):
            return Flagged(False, given)
        record = await flags.find_record(tx, site_id=site_id, author_id=person.id) or Record(now, 0, 0)
        weight, is_new = policy.weight_of(record, now), policy.is_new(record, now)
        flag = Flag(person.id, await desk.id_of(scope) or 0, weight, is_new)
        counted = await flags.insert_flag(tx, site_id=site_id, comment_id=comment_id, flag=flag, now=now)
        if counted:
            await _consider(desk, comment, now, recognised=recognised)
        return Flagged(counted, given)

    return await rt.db.write(work)


def _require(comment: Comment, mine: Collection[int]) -> None:
    """Nobody flags what any of those who they are has written."""
    denied = policy.may_flag(comment, mine=mine)
    if not isinstance(denied, Deny):
        return
    if denied.code == "own_comment":
        raise Forbidden(denied.code, OWN_COMMENT)
    raise NotFound(detail=N_("There is no such comment."))


async def _look(rt: Runtime, comment_id: int, now: datetime) -> tuple[int, bool]:
    """The comment's site, and whether what everybody sees of it names something that its discussion does not assume."""
    async with rt.db.read(fresh=True) as tx:
        comment = await get_public_comment(tx, comment_id)
        discussion = await get_discussion(tx, comment.discussion_id)
    assumed = (await book(rt)).scope(discussion.warned.scope_id)
    about = await about_discussion(rt, discussion, now)
    found = await mentions(rt, slots.plain(comment.text), assumed=assumed, prefer=about.works, at=now)
    return comment.site_id, bool(found)


async def _consider(desk: Desk, comment: Comment, now: datetime, *, recognised: bool) -> None:
    """Weigh all flags that nobody has decided about, and do what they ask for."""
    raised = await flags.list_undecided(desk.tx, site_id=comment.site_id, comment_id=comment.id)
    enough = policy.covers(raised, recognised=recognised)
    state = policy.state_after_flag(comment.cover_state, enough=enough)
    if state.value == comment.cover_state:
        return
    said = comment._replace(cover_state=state.value)
    if state is not CoverState.PENDING:
        await scopes.set_scoped(desk.tx, said)
        return
    voted = NO_SCOPE
    for scope_id in policy.voted_scopes(raised):
        voted = voted | await desk.scope(scope_id)
    said = said._replace(set_scope_id=await desk.id_of(voted | await desk.scope(comment.set_scope_id)))
    event_id = await apply(desk, comment, said, Ready(comment, now), (READERS, ""))
    await insert_job(
        desk.tx,
        site_id=comment.site_id,
        job_id=desk.rt.ids.next(),
        kind=COVER_LAPSES,
        payload={"comment": str(comment.id), "event": str(event_id)},
        now=now + policy.LAPSE,
    )


async def lapse(rt: Runtime, site_id: int, comment_id: int, event_id: int) -> bool:
    """End a provisional cover that no moderator has looked at; whether there was one."""
    known, now = await book(rt), rt.clock.now()

    async def work(tx: Tx) -> bool:
        desk = Desk(tx, rt, known)
        comment = await queries.find_comment_locked(tx, site_id=site_id, comment_id=comment_id)
        if comment is None or comment.cover_state != CoverState.PENDING:
            return False
        events = await scopes.list_events(tx, site_id=site_id, comment_id=comment_id)
        pending = [event.id for event in events if event.actor == READERS and event.state == CoverState.PENDING]
        if not pending or pending[-1] != event_id:
            return False
        # Until a moderator speaks, what is set is what readers have set.
        said = comment._replace(set_scope_id=None, cover_state=CoverState.FLAGGED.value)
        await apply(desk, comment, said, Ready(comment, now), (TIME, ""))
        return True

    return await rt.db.write(work)
