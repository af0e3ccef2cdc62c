"""Readers say what is wrong with a comment. Enough of them cover or hide it, until a moderator has looked or a day has
gone by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forum.accounts.model import Actor, Role
from forum.accounts.service_session import find_account_actor
from forum.articles.model import Discussion
from forum.articles.service import get_discussion
from forum.comments import queries
from forum.comments.desk import Desk
from forum.comments.model import Comment
from forum.comments.review.model import Item, Reason
from forum.comments.review.policy import Act, priority
from forum.comments.service import about_discussion, authors_of, require_free
from forum.comments.service_guest import find_or_add_guest
from forum.comments.status import hold_place
from forum.core.capability import mac, new_token
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_body
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import FieldError, Forbidden, Invalid, NotFound
from forum.markup import slots
from forum.moderation.flags import flag_policy as policy
from forum.moderation.flags import queries_flag as flags
from forum.moderation.flags.flag_policy import MAX_NOTE, STALE, Flag, Record
from forum.moderation.flags.service_provisional import cover, hide
from forum.runtime import Runtime
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.service import book, mentions
from forum.web.visitors import UNKNOWN_NETWORK

NOTHING = N_("There is no such comment.")
OWN_COMMENT = N_("This is your own comment: cover it, change it or delete it yourself.")
NOTE_NEEDED = N_("Say in a few words what is wrong with it.")
NOTE_TOO_LONG = N_("That is too long: at most 500 characters.")
SCOPE_NEEDED = N_("Say of what it is a spoiler, and how far.")


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader says about a comment: the reason; what it gives away, where it is that; a note for moderators."""

    reason: Reason
    scope: Scope = NO_SCOPE
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flagged:
    """What became of a flag: whether it counts (each person's once), and the capability that a new guest got
    (None for who is signed in)."""

    counted: bool
    token: str | None


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of the comment before the transaction: its discussion, and whether what everybody sees of it names
    something that the discussion does not assume."""

    discussion: Discussion
    recognised: bool


async def flag_comment(rt: Runtime, visitor: Visitor, comment_id: int, said: Said) -> Flagged:
    """Store a reader's flag, and cover or hide the comment when there are enough of them. Repeating it changes nothing.

    Raises Invalid for a spoiler of nothing and for a note that is missing or too long, NotFound, and Forbidden for
    one's own comment and for people who may not flag here.
    """
    said, now, known = _checked(said), rt.clock.now(), await book(rt)
    token = visitor.token or new_token(rt.settings.secret_key)
    about = await _look(rt, comment_id, said.reason, now)

    async def work(tx: Tx) -> Flagged:
        desk, site_id = Desk(tx, rt, known), about.discussion.site_id
        comment = await hold_place(tx, site_id=site_id, comment_id=comment_id)
        if comment is None:
            raise NotFound(detail=NOTHING)
        # A browser that signed in is still the guest it was before: one person, with one flag.
        actor = await find_account_actor(tx, visitor, site_id, now, hold=True)
        mine = set(await authors_of(tx, site_id, visitor, now))
        given = None if actor is not None else token
        if await flags.has_flagged(tx, site_id=site_id, comment_id=comment_id, authors=mine):
            return Flagged(False, given)
        await _require(tx, comment, mine, now)
        author_id = (actor or await find_or_add_guest(tx, rt, site_id, token, known=visitor.token is not None)).id
        record = await _record_of(tx, site_id, author_id, actor, now)
        flag = _flag(author_id, said, await desk.id_of(said.scope), record, now)
        flag = replace(flag, network=_network_of(rt, visitor, site_id))
        counted = await flags.insert_flag(tx, site_id=site_id, comment_id=comment_id, flag=flag)
        if counted:
            await _consider(desk, comment, about, flag.reason, now)
        return Flagged(counted, given)

    return await rt.db.write(work)


def _checked(said: Said) -> Said:
    """The same, in order; raises Invalid."""
    is_spoiler = said.reason is Reason.SPOILER
    if is_spoiler and not said.scope:
        raise Invalid(detail=SCOPE_NEEDED, errors=(FieldError("scope", "missing"),))
    note = said.note.strip()
    if said.reason is Reason.OTHER and not note:
        raise Invalid(detail=NOTE_NEEDED, errors=(FieldError("note", "missing"),))
    if note:
        try:
            note = clean_body(note, max_length=MAX_NOTE)
        except TextProblem as problem:
            detail = NOTE_TOO_LONG if problem.code == "too_long" else ""
            raise Invalid(detail=detail, errors=(FieldError("note", problem.code),)) from problem
    return Said(said.reason, said.scope if is_spoiler else NO_SCOPE, note)


async def _look(rt: Runtime, comment_id: int, reason: Reason, now: datetime) -> _About:
    async with rt.db.read(fresh=True) as tx:
        comment = await queries.find_comment(tx, comment_id)
        if comment is None:
            raise NotFound(detail=NOTHING)
        discussion = await get_discussion(tx, comment.discussion_id)
    if reason is not Reason.SPOILER or not comment.is_public:
        return _About(discussion, recognised=False)
    assumed = (await book(rt)).scope(discussion.warned.scope_id)
    works = (await about_discussion(rt, discussion, now)).works
    found = await mentions(rt, slots.plain(comment.text), assumed=assumed, prefer=works, at=now)
    return _About(discussion, bool(found))


async def _require(tx: Tx, comment: Comment, mine: set[int], now: datetime) -> None:
    """Nobody flags what any of those who they are has written; and not everybody may flag here."""
    denied = policy.may_flag(comment, mine=mine)
    if isinstance(denied, Deny):
        raise Forbidden(denied.code, OWN_COMMENT) if denied.code == "own_comment" else NotFound(detail=NOTHING)
    await require_free(tx, comment.site_id, mine, Act.FLAG, now)


async def _record_of(tx: Tx, site_id: int, author_id: int, actor: Actor | None, now: datetime) -> Record:
    record = await flags.find_record(tx, site_id=site_id, author_id=author_id) or Record(now, 0, 0)
    is_staff = actor is not None and (actor.is_owner or actor.role.rank >= Role.TRUSTED.rank)
    return replace(record, is_staff=is_staff)


def _flag(author_id: int, said: Said, scope_id: int | None, record: Record, now: datetime) -> Flag:
    weight, is_new = policy.weight_of(record, now), policy.is_new(record, now)
    return Flag(author_id, said.reason.value, scope_id, weight, is_new, now, note=said.note)


def _network_of(rt: Runtime, visitor: Visitor, site_id: int) -> str:
    """Where somebody is, so that it can be compared on this site and read by nobody."""
    if visitor.network == UNKNOWN_NETWORK:
        return ""
    return mac(rt.settings.secret_key, "network of a flag", str(site_id), visitor.network)


async def _consider(desk: Desk, comment: Comment, about: _About, reason: str, now: datetime) -> None:
    """Weigh all flags that nobody has decided about, put the comment where it waits, and do what they ask for."""
    raised = await flags.list_counting(desk.tx, site_id=comment.site_id, comment_id=comment.id, now=now)
    await flags.raise_item(desk.tx, _item(comment, about.discussion, raised, reason, now))
    if reason == Reason.SPOILER:
        await cover(desk, comment, policy.counting(raised, now), now, recognised=about.recognised)
    elif reason in policy.HIDING:
        await hide(desk, comment, policy.counting(raised, now), now)


def _item(comment: Comment, discussion: Discussion, raised: Sequence[Flag], reason: str, now: datetime) -> Item:
    queue = policy.queue_of(reason)
    here = [flag for flag in raised if policy.queue_of(flag.reason) is queue]
    since = min(flag.at for flag in here)
    exposure = policy.exposure_of(discussion.comment_count, discussion.last_comment_at, now)
    return Item(
        site_id=comment.site_id,
        comment_id=comment.id,
        queue=queue.value,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        rule="",
        evidence="[]",
        priority=priority(harm=policy.harm_of(here), exposure=exposure, since=since),
        since=since,
    )


async def forget_networks(rt: Runtime) -> int:
    """Forget where flags came from that are too old to do anything; how many."""
    before = rt.clock.now() - STALE
    return await rt.db.write(lambda tx: flags.forget_networks(tx, before=before))
