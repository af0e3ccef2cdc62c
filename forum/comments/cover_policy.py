"""Who may cover what, and when readers' flags are enough to do it. One rule each, in words above the code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from forum.comments.model import Comment, Status
from forum.core.decision import ALLOW, Decision, Deny
from forum.spoilers.model import CoverState

# The weight of a flag, by who raised it.
REGULAR: Final = 1.0
TRUSTED: Final = 1.5
NEW: Final = 0.25
# All new people together weigh no more than this, however many they are.
NEW_TOGETHER: Final = 0.5
# Flags cover a comment once they weigh this much and come from so many people …
ENOUGH_WEIGHT: Final = 3.0
ENOUGH_PEOPLE: Final = 3
# … or from so many with a trusted one among them, when the recogniser finds the same.
AGREED_PEOPLE: Final = 2
# Each flag that a moderator has rejected halves the weight of the next, down to that of new people.
REJECTED_FACTOR: Final = 0.5
# Somebody is new until they have been here so long and have so many comments that everybody can read.
NEW_FOR: Final = timedelta(days=1)
NEW_COMMENTS: Final = 3
# A provisional cover that no moderator has looked at ends after this time.
LAPSE: Final = timedelta(hours=24)
COVERED = (CoverState.PENDING.value, CoverState.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class Flag:
    """One reader's word that a comment gives something away; `scope_id` says what."""

    author_id: int
    scope_id: int
    weight: float
    is_new: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of somebody who flags. `since`: when they were first met; `published`: their comments that
    everybody can read; `rejected`: their flags that moderators have rejected."""

    since: datetime
    published: int
    rejected: int


def may_rescope_own(comment: Comment, *, author_id: int | None) -> Decision:
    """Authors may say at any time what a comment of theirs gives away. It adds to what a moderator has said, and
    cannot lower it. Nobody else may."""
    if author_id is None or author_id != comment.author_id:
        return Deny("not_yours")
    return Deny("deleted") if comment.status is Status.DELETED else ALLOW


def is_locked(state: str) -> bool:
    """Once a moderator has covered a comment, or a stretch of it, its author can only add to what it needs."""
    return state == CoverState.CONFIRMED


def may_flag(comment: Comment, *, mine: Collection[int]) -> Decision:
    """Readers may flag what everybody can read. Their own comments authors cover themselves. `mine`: who somebody is
    on the site, as an account and as a guest."""
    if comment.status is not Status.PUBLISHED:
        return Deny("not_found")
    return Deny("own_comment") if comment.author_id in mine else ALLOW


def is_new(record: Record, now: datetime) -> bool:
    """New people are those met less than a day ago, or with fewer than three comments that everybody can read."""
    return now - record.since < NEW_FOR or record.published < NEW_COMMENTS


def weight_of(record: Record, now: datetime) -> float:
    """What somebody's flag weighs: less for new people, and for those whose flags were rejected before."""
    if is_new(record, now):
        return NEW
    return max(REGULAR * REJECTED_FACTOR**record.rejected, NEW)


def total_weight(flags: Iterable[Flag]) -> float:
    """What flags weigh together; new people together only so much."""
    flags = tuple(flags)
    new = sum(flag.weight for flag in flags if flag.is_new)
    return sum(flag.weight for flag in flags if not flag.is_new) + min(new, NEW_TOGETHER)


def covers(flags: Sequence[Flag], *, recognised: bool) -> bool:
    """Whether flags cover a comment until a moderator looks: three people or more who weigh three together; or two,
    one of them trusted, where the recogniser finds something too. No person counts twice."""
    if len({flag.author_id for flag in flags}) < len(flags):
        raise ValueError("one flag of each person")
    if len(flags) >= ENOUGH_PEOPLE and total_weight(flags) >= ENOUGH_WEIGHT:
        return True
    trusted = any(flag.weight >= TRUSTED for flag in flags)
    return recognised and trusted and len(flags) >= AGREED_PEOPLE


def voted_scopes(flags: Iterable[Flag]) -> tuple[int, ...]:
    """The scopes that weigh most among flags; several when they weigh the same, and then all of them together."""
    weights: dict[int, float] = {}
    for flag in flags:
        weights[flag.scope_id] = weights.get(flag.scope_id, 0.0) + flag.weight
    best = max(weights.values(), default=0.0)
    return tuple(sorted(scope_id for scope_id, weight in weights.items() if weight == best))


def state_after_flag(state: str, *, enough: bool) -> CoverState:
    """What a flag makes of a comment: flagged, or covered until a moderator looks. One that a moderator has covered
    stays so; one that is restored can be flagged anew, by others."""
    if state in COVERED:
        return CoverState(state)
    return CoverState.PENDING if enough else CoverState.FLAGGED


def state_after_verdict(*, covered: bool) -> CoverState:
    """What a moderator's word makes of a comment: covered for good, or restored, also for what an earlier text of it
    has passed on to replies."""
    return CoverState.CONFIRMED if covered else CoverState.RESTORED
