"""Who may give which verdict, and what each one makes of a comment, its queues and its flags. One rule each, in words
above the code; nothing here touches the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from forum.accounts.model import Role
from forum.comments.model import Comment, Status
from forum.comments.review.model import Queue, Reason, Verdict
from forum.spoilers.model import CoverState

# What moderators say about a comment as such.
VERDICTS: Final = (
    *(Verdict.APPROVE, Verdict.REMOVE, Verdict.SPAM),
    *(Verdict.COVER, Verdict.UNCOVER, Verdict.DISMISS),
)
COVERING: Final = (Verdict.COVER, Verdict.UNCOVER)
# Where a verdict leaves a comment, and in which queue it can be found from then on.
STATUS: Final = {Verdict.APPROVE: Status.PUBLISHED, Verdict.REMOVE: Status.REMOVED, Verdict.SPAM: Status.SPAM}
SHELF: Final = {Status.PUBLISHED: Queue.APPROVED, Status.REMOVED: Queue.REMOVED, Status.SPAM: Queue.SPAM}
# Where what readers say of a comment waits, and how it stands once they or a moderator have covered it.
_REPORTED: Final = frozenset({Queue.REPORTED, Queue.SPOILERS})
_COVERED: Final = (CoverState.PENDING, CoverState.CONFIRMED)
UPHELD, REJECTED = "upheld", "rejected"
# What moderators decided is below everything that waits, the latest first (see `shelf_priority`).
_DECIDED: Final = -1_000_000.0
# In the queue of spam, what waits stands above this and what was decided below.
UNDECIDED_ABOVE: Final = _DECIDED / 2


def role_for(verdict: Verdict) -> Role:
    """Trusted people may cover and uncover; everything else is for moderators."""
    return Role.TRUSTED if verdict in COVERING else Role.MODERATOR


def role_about(role: Role, status: Status) -> Role:
    """What somebody must be to see or decide about a comment of this status, where this role is enough for a public
    one: what was taken away or is held back is for moderators."""
    return role if status is Status.PUBLISHED or role.rank >= Role.MODERATOR.rank else Role.MODERATOR


def is_own_affair(verdict: Verdict, own: Comment, queues: Collection[str]) -> bool:
    """Whether somebody would decide about themselves by a verdict about a comment of their own that stands in these
    queues: what is kept from the public of it, what is reported of it and what others have covered is for another one.
    Covering it more is always right."""
    if verdict is Verdict.COVER:
        return False
    return not own.is_public or own.cover_state in _COVERED or not _REPORTED.isdisjoint(queues)


def is_hidden_by_readers(status: Status, queues: Collection[str]) -> bool:
    """A held comment in no queue of held ones was public, until readers' flags have hidden it."""
    return status is Status.HELD and Queue.REPORTED in queues and not {Queue.PENDING, Queue.SPAM} & set(queues)


def status_after(verdict: Verdict, status: Status, queues: Collection[str]) -> Status:
    """What a verdict makes of a comment with this status, in these queues. Whoever dismisses the flags that have hidden
    a comment shows it again; what a rule holds stays held."""
    if verdict is Verdict.DISMISS and is_hidden_by_readers(status, queues):
        return Status.PUBLISHED
    return STATUS.get(verdict, status)


def queues_left(verdict: Verdict, after: Status) -> frozenset[Queue]:
    """The queues that a comment leaves by a verdict. All of them where the verdict says what becomes of it; a cover
    answers what was said about spoilers alone, and dismissed flags leave it where a rule has put it."""
    if verdict in COVERING:
        return frozenset({Queue.SPOILERS, Queue.UNMODERATED})
    if verdict is Verdict.DISMISS and after is not Status.PUBLISHED:
        return frozenset({Queue.REPORTED, Queue.SPOILERS, Queue.UNMODERATED})
    return frozenset(Queue)


def queue_entered(verdict: Verdict, after: Status) -> Queue | None:
    """Where what moderators decided can be found later."""
    if verdict in COVERING or (verdict is Verdict.DISMISS and after is not Status.PUBLISHED):
        return None
    return SHELF.get(after)


def shelf_priority(queue: Queue, seconds: float) -> float:
    """The order of what was decided, the latest first; `seconds` since 2025. In the queue of spam that is below all
    that waits there."""
    return seconds / 43_200.0 + (_DECIDED if queue is Queue.SPAM else 0.0)


def flags_after(verdict: Verdict, reason: Reason | None) -> tuple[str, tuple[Reason, ...]]:
    """What becomes of readers' flags that nobody has decided about: (outcome, of which reasons).

    Approving a comment and dismissing its flags rejects them all; uncovering it those about spoilers. Taking it away
    proves those right that wanted it gone: a flag for a spoiler only where that is the reason. Covering it proves those
    right that spoke of spoilers. The others stay undecided.
    """
    if verdict in (Verdict.APPROVE, Verdict.DISMISS):
        return REJECTED, tuple(Reason)
    if verdict is Verdict.UNCOVER:
        return REJECTED, (Reason.SPOILER,)
    if verdict is Verdict.COVER:
        return UPHELD, (Reason.SPOILER,)
    gone = tuple(given for given in Reason if given is not Reason.SPOILER)
    return UPHELD, (*gone, Reason.SPOILER) if reason is Reason.SPOILER else gone


def is_reviewed_by(verdict: Verdict, role: Role) -> bool:
    """Whether a comment counts as seen by a moderator after this verdict: a trusted person's cover says nothing about
    the rest of it."""
    return verdict not in COVERING or role.rank >= Role.MODERATOR.rank
