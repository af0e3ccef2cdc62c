"""What every verdict begins and ends with: the comment is held, who decides may still do so, nobody else is on it; then
its queues, its flags, and the line in the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from forum.accounts.model import ACCOUNT, Role
from forum.accounts.service_roles import hold_role
from forum.comments import requoting, status
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.review.model import By, Decision, Item, Queue, Reason, Verdict
from forum.comments.review.queries import log_decision, put_item
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict, Forbidden, NotFound
from forum.moderation import policy
from forum.moderation.deciding import queries_verdict as queries
from forum.moderation.flags.queries_flag import decide_flags
from forum.moderation.guard import NOTHING, Moderator, require_on
from forum.moderation.verdicts import Ask, Before, cover_said

START: Final = datetime(2025, 1, 1, tzinfo=UTC)
NEWER: Final = N_("This comment has changed since you looked at it. Look at it again, then decide.")
CLAIMED: Final = N_("Another moderator is looking at this comment. You can decide anyway.")
OWN: Final = N_("This is your own comment: another moderator decides about it. You can only cover it.")
DELETED: Final = N_("Its author has deleted this comment in the meantime.")


@dataclass(frozen=True, slots=True)
class Judge:
    """Who decides: a moderator (or somebody trusted), or the systems of one site."""

    by_kind: By
    by_id: int
    role: Role
    mod: Moderator | None = None
    site_id: int | None = None


def judge_of(mod: Moderator, site_id: int, role: Role) -> Judge:
    """A person who decides about something on a site, where they need this role; raises NotFound without it."""
    require_on(mod, site_id, role)
    return Judge(By.MODERATOR, mod.actor.id, mod.roles[site_id], mod, site_id)


def judge_about(mod: Moderator, comment: Comment, role: Role) -> Judge:
    """The same about a comment as it was found: raises NotFound also for one that they may not see."""
    return judge_of(mod, comment.site_id, policy.role_about(role, comment.status))


def publisher_of(site_id: int) -> Judge:
    """A site's own systems."""
    return Judge(By.PUBLISHER, 0, Role.ADMIN, None, site_id)


@dataclass(slots=True)
class Scene:
    """A comment that is being decided about, held; `items` are the entries that have been taken out of queues so far,
    `flags` whose flags have been decided about."""

    desk: Desk
    judge: Judge
    place: queries.Place
    now: datetime
    items: list[Item] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)

    @property
    def comment(self) -> Comment:
        """The comment as it was found."""
        return self.place.comment

    @property
    def queues(self) -> set[str]:
        """The queues it was in, as far as it has left them."""
        return {item.queue for item in self.items}


async def require_standing(desk: Desk, judge: Judge, site_id: int, role: Role, now: datetime) -> None:
    """Raise NotFound unless who decides may still do so: both their session and their role stay until this is done."""
    if judge.site_id != site_id:
        raise NotFound(detail=NOTHING)
    if judge.mod is not None:
        await require_role(desk.tx, judge.mod, site_id, role, now)


async def require_role(tx: Tx, mod: Moderator, site_id: int, role: Role, now: datetime) -> None:
    """Raise NotFound unless somebody is still at least this on a site, until the transaction is done; SignInNeeded."""
    try:
        await hold_role(tx, mod.visitor, site_id, role, now)
    except Forbidden as error:
        raise NotFound(detail=NOTHING) from error


async def hold(desk: Desk, mod: Moderator, ask: Ask, now: datetime) -> Scene:
    """Hold the comment that is asked about, and who decides; raises NotFound, SignInNeeded or Conflict."""
    place, role = await queries.hold_place(desk.tx, ask.comment_id), policy.role_for(ask.verdict)
    if place is None:
        raise NotFound(detail=NOTHING)
    judge = judge_about(mod, place.comment, role)
    await require_standing(desk, judge, place.comment.site_id, policy.role_about(role, place.comment.status), now)
    require_seen(place.comment, ask.revision)
    await require_others(desk.tx, judge, place.comment, ask.verdict)
    return Scene(desk, judge, place, now)


def require_seen(comment: Comment, revision: int | None) -> None:
    """Raise Conflict when the comment is gone, or not what was looked at any more."""
    if comment.status is Status.DELETED:
        raise Conflict("deleted", DELETED)
    if revision is not None and comment.revision != revision:
        raise Conflict("revision_conflict", NEWER)


def is_own(mod: Moderator | None, comment: Comment) -> bool:
    """Whether a comment is a moderator's own, and for others to decide about. Owners of the server decide about theirs:
    nobody stands above them."""
    if mod is None or mod.actor.is_owner:
        return False
    return (comment.author_kind, comment.author_id) == (ACCOUNT, mod.actor.id)


async def require_others(tx: Tx, judge: Judge, comment: Comment, verdict: Verdict) -> None:
    """Raise Forbidden where somebody would decide about themselves. The comment is held; one statement where it is
    their own."""
    if not is_own(judge.mod, comment):
        return
    queues = {item.queue for item in await queries.list_items(tx, comment)}
    if policy.is_own_affair(verdict, comment, queues):
        raise Forbidden("own_comment", OWN)


def require_free(scene: Scene, items: Iterable[Item], *, anyway: bool) -> None:
    """Raise Conflict where another moderator has claimed the comment."""
    if not anyway and any(is_others(item, scene.judge.by_id, scene.now) for item in items):
        raise Conflict("claimed", CLAIMED)


def is_others(item: Item, who: int, now: datetime) -> bool:
    """Whether somebody else has claimed an entry, and the claim still counts."""
    return item.claimed_by not in (None, who) and item.claimed_until is not None and item.claimed_until > now


async def settle_flags(scene: Scene, verdict: Verdict, reason: Reason | None) -> None:
    """What becomes of the flags that nobody has decided about."""
    outcome, reasons = policy.flags_after(verdict, reason)
    comment = scene.comment
    place = {"site_id": comment.site_id, "comment_id": comment.id}
    reasons_given = [given.value for given in reasons]
    scene.flags += await decide_flags(scene.desk.tx, **place, outcome=outcome, reasons=reasons_given)


async def move(
    scene: Scene, old: Comment, to: Status, *, back: tuple[bool, bool] | None = None
) -> tuple[Comment, tuple[int, ...]]:
    """Give the comment a status, with all that follows; the comment as it is now, and what above it is marked again.
    `back` as of `forum.comments.status.move`: then the discussion is no more recent for it."""
    desk = scene.desk
    moved = await status.move(desk.tx, old, to, scene.now if back is None else None, back=back)
    raised: tuple[int, ...] = ()
    if moved.is_drawn and not old.is_drawn and scene.place.parent is not None and not scene.place.parent.is_drawn:
        raised = await status.draw_above(desk.tx, moved)
    await requoting.follow(desk, moved)
    return moved, raised


async def shelve(scene: Scene, comment: Comment, queue: Queue | None) -> None:
    """Put what was decided where it can be found later."""
    if queue is None:
        return
    seconds = (scene.now - START).total_seconds()
    item = Item(
        site_id=comment.site_id,
        comment_id=comment.id,
        queue=queue.value,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        rule="",
        evidence="[]",
        priority=policy.shelf_priority(queue, seconds),
        since=scene.now,
    )
    await put_item(scene.desk.tx, item)


def before_of(scene: Scene, now: Comment, raised: Collection[int] = ()) -> Before:
    """How everything was before the verdict; `now` is the comment after it."""
    old = scene.comment
    was, is_ = cover_said(old), cover_said(now)
    kept = tuple(item for item in scene.items if item.queue != Queue.UNMODERATED)
    return Before(
        status=old.status.value,
        marked=old.marked,
        reviewed=scene.place.reviewed,
        items=kept,
        flags=tuple(scene.flags),
        raised=tuple(raised),
        cover=(was, is_) if was != is_ else None,
    )


def line_of(scene: Scene, now: Comment, verdict: Verdict, before: Before) -> Decision:
    """The line of the log about a verdict; `now` is the comment after it."""
    held_by = next((item.rule for item in scene.items if item.queue in (Queue.PENDING, Queue.SPAM) and item.rule), "")
    return Decision(
        site_id=now.site_id,
        id=scene.desk.rt.ids.next(),
        comment_id=now.id,
        discussion_id=now.discussion_id,
        author_kind=now.author_kind,
        author_id=now.author_id,
        verdict=verdict.value,
        status=now.status.value,
        revision=now.revision,
        by_kind=scene.judge.by_kind.value,
        by_id=scene.judge.by_id,
        reason="",
        rule="",
        words="",
        about_rule=held_by,
        evidence="[]",
        before=before.dump(),
        undoes=None,
        batch_id=None,
        created_at=scene.now,
    )


async def write_line(scene: Scene, line: Decision) -> Decision:
    """Append to the log."""
    return await log_decision(scene.desk.tx, line)
