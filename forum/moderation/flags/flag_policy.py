"""What a reader's flag weighs, what flags weigh together, and when they are enough. One rule each, in words above the
code.

Whoever wants to bury an opinion brings people who are new, who sit in one place, or who come all at once. So new people
together weigh little however many they are, those of one network hardly more than one of them, and new ones of one
minute as much as one. Nothing that flags do is for good: it ends after a day, or when a moderator has looked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from forum.comments.model import Comment
from forum.comments.review.model import Queue, Reason
from forum.comments.review.policy import HARM
from forum.core.decision import ALLOW, Decision, Deny
from forum.spoilers.model import CoverState

# The weight of a flag, by who raised it.
REGULAR: Final = 1.0
TRUSTED: Final = 1.5
NEW: Final = 0.25
# All new people together weigh no more than this, however many they are.
NEW_TOGETHER: Final = 0.5
# Of one network the heaviest flag counts in full, all others this much of it.
SAME_NETWORK: Final = 0.25
# Flags of new people within this time count as one.
CROWD: Final = timedelta(minutes=1)
# Flags cover or hide a comment once they weigh this much and come from so many people …
ENOUGH_WEIGHT: Final = 3.0
ENOUGH_PEOPLE: Final = 3
# … or, for a spoiler, from so many with a trusted one among them, when the recogniser finds the same.
AGREED_PEOPLE: Final = 2
# Each flag that a moderator has rejected, and that no upheld one makes up for, halves the weight of the next, down to
# that of new people.
REJECTED_FACTOR: Final = 0.5
# Readers are trusted like a site's own people once so many of their flags were upheld, with at least nine in ten right.
TRUSTED_UPHELD: Final = 10
TRUSTED_SHARE: Final = 0.9
# Somebody is new until they have been here so long and have so many comments that everybody can read.
NEW_FOR: Final = timedelta(days=1)
NEW_COMMENTS: Final = 3
# What flags have covered or hidden, and no moderator has looked at, is as before after this time.
LAPSE: Final = timedelta(hours=24)
# Where a flag came from is forgotten after this time; from then on it waits for a moderator, and does nothing more.
STALE: Final = timedelta(days=30)
MAX_NOTE: Final = 500
# Enough of these hide a comment until a moderator looks. What is beside the topic harms nobody and stays.
HIDING: Final = (Reason.ABUSE, Reason.SPAM, Reason.ILLEGAL, Reason.OTHER)
COVERED: Final = (CoverState.PENDING.value, CoverState.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class Flag:
    """One reader's word about a comment: the reason, what it gives away (`scope_id`) where it is that, what they weigh,
    when and from where (a keyed hash; "": nobody knows) it came, and what they add for moderators."""

    author_id: int
    reason: str
    scope_id: int | None
    weight: float
    is_new: bool
    at: datetime
    network: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of somebody who flags. `since`: when they were first met; `published`: their comments that
    everybody can read; `rejected` and `upheld`: their flags that moderators have decided about; `is_staff`: they are
    trusted, or more, on the site."""

    since: datetime
    published: int
    rejected: int
    upheld: int = 0
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """What flags come to together: their weight, and of how many people who do not obviously belong together."""

    weight: float
    people: int

    @property
    def is_enough(self) -> bool:
        """Whether they do something at once."""
        return self.people >= ENOUGH_PEOPLE and self.weight >= ENOUGH_WEIGHT


def may_flag(comment: Comment, *, mine: Collection[int]) -> Decision:
    """Readers may flag what everybody can read, and not their own comments. `mine`: who somebody is on the site, as an
    account and as a guest."""
    if not comment.is_public:
        return Deny("not_found")
    return Deny("own_comment") if comment.author_id in mine else ALLOW


def is_new(record: Record, now: datetime) -> bool:
    """New people are those met less than a day ago, or with fewer than three comments that everybody can read; never
    those whom the site trusts."""
    if record.is_staff:
        return False
    return now - record.since < NEW_FOR or record.published < NEW_COMMENTS


def is_trusted(record: Record) -> bool:
    """Trusted are a site's own people, and readers who were nearly always right."""
    decided = record.upheld + record.rejected
    return record.is_staff or (record.upheld >= TRUSTED_UPHELD and record.upheld >= TRUSTED_SHARE * decided)


def weight_of(record: Record, now: datetime) -> float:
    """What somebody's flag weighs: less for new people, and for those whose flags were rejected before."""
    if is_new(record, now):
        return NEW
    if is_trusted(record):
        return TRUSTED
    lost = max(record.rejected - record.upheld, 0)
    return max(REGULAR * REJECTED_FACTOR**lost, NEW)


def weigh(flags: Iterable[Flag]) -> Weighed:
    """What flags weigh together, by the rules above. Raises ValueError where somebody stands among them twice."""
    flags = sorted(flags, key=lambda flag: (-flag.weight, flag.at, flag.author_id))
    if len({flag.author_id for flag in flags}) < len(flags):
        raise ValueError("one flag of each person")
    parties: set[str] = set()
    counted: list[tuple[Flag, float]] = []
    for flag in flags:
        party = flag.network or f"person {flag.author_id}"
        counted.append((flag, flag.weight * (SAME_NETWORK if party in parties else 1)))
        parties.add(party)
    regular = [(flag, weight) for flag, weight in counted if not flag.is_new]
    crowds = _crowds([(flag, weight) for flag, weight in counted if flag.is_new])
    known = {flag.network or f"person {flag.author_id}" for flag, _ in regular}
    new = [max(weight for _, weight in crowd) for crowd in crowds]
    # Who comes from where a regular reader sits is no further person.
    further = [crowd for crowd in crowds if any(flag.network not in known for flag, _ in crowd)]
    return Weighed(sum(weight for _, weight in regular) + min(sum(new), NEW_TOGETHER), len(known) + len(further))


def _crowds(counted: Sequence[tuple[Flag, float]]) -> list[list[tuple[Flag, float]]]:
    """Flags of new people, those of one minute together."""
    crowds: list[list[tuple[Flag, float]]] = []
    for one in sorted(counted, key=lambda one: (one[0].at, one[0].author_id)):
        if crowds and one[0].at - crowds[-1][0][0].at < CROWD:
            crowds[-1].append(one)
        else:
            crowds.append([one])
    return crowds


def total_weight(flags: Iterable[Flag]) -> float:
    """What flags weigh together."""
    return weigh(flags).weight


def counting(flags: Iterable[Flag], now: datetime, *, since: datetime | None = None) -> list[Flag]:
    """The flags that can still do something: not those of a month ago, and none from before a comment was last shown
    again (`since`), by a moderator or by itself: then it takes as many again."""
    return [flag for flag in flags if now - flag.at < STALE and (since is None or flag.at >= since)]


def covers(flags: Iterable[Flag], *, recognised: bool) -> bool:
    """Whether flags cover a comment until a moderator looks: of those that say it gives something away three people or
    more who weigh three together; or two, one of them trusted, where the recogniser finds something too."""
    spoilers = [flag for flag in flags if flag.reason == Reason.SPOILER]
    weighed = weigh(spoilers)
    if weighed.is_enough:
        return True
    trusted = any(flag.weight >= TRUSTED for flag in spoilers)
    return recognised and trusted and weighed.people >= AGREED_PEOPLE


def hides(flags: Iterable[Flag]) -> bool:
    """Whether flags hide a comment until a moderator looks: as many as cover it, of all the reasons that say it does
    harm, together."""
    return weigh(flag for flag in flags if flag.reason in HIDING).is_enough


def voted_scopes(flags: Iterable[Flag]) -> tuple[int, ...]:
    """The scopes that weigh most among flags; several when they weigh the same, and then all of them together."""
    by_scope: dict[int, list[Flag]] = {}
    for flag in flags:
        if flag.scope_id is not None:
            by_scope.setdefault(flag.scope_id, []).append(flag)
    weights = {scope_id: total_weight(given) for scope_id, given in by_scope.items()}
    best = max(weights.values(), default=0.0)
    return tuple(sorted(scope_id for scope_id, weight in weights.items() if weight == best))


def voted_reason(flags: Iterable[Flag]) -> str:
    """The reason that weighs most among flags that hide, of several the most harmful; "" for none."""
    by_reason = _by_reason(flag for flag in flags if flag.reason in HIDING)
    weights = {reason: total_weight(given) for reason, given in by_reason.items()}
    return max(weights, key=lambda reason: (weights[reason], HARM[reason]), default="")


def harm_of(flags: Iterable[Flag]) -> float:
    """How much harm flags say that a comment does: each reason's, as often as what it weighs."""
    return sum(HARM[reason] * total_weight(given) for reason, given in _by_reason(flags).items())


def _by_reason(flags: Iterable[Flag]) -> dict[str, list[Flag]]:
    found: dict[str, list[Flag]] = {}
    for flag in flags:
        found.setdefault(flag.reason, []).append(flag)
    return found


def exposure_of(comments: int, last_comment_at: datetime | None, now: datetime) -> float:
    """About how many people read a discussion, by what is written in it: more where there is much, and fewer with each
    day on which nobody writes."""
    days = 0.0 if last_comment_at is None else max((now - last_comment_at) / timedelta(days=1), 0.0)
    return (1 + comments) / (1 + days)


def queue_of(reason: str) -> Queue:
    """Where comments with such a flag wait."""
    return Queue.SPOILERS if reason == Reason.SPOILER else Queue.REPORTED


def state_after_flag(state: str, *, enough: bool) -> CoverState:
    """What a flag makes of a comment: flagged, or covered until a moderator looks. One that a moderator has covered
    stays so; one that is restored can be flagged anew, by others."""
    if state in COVERED:
        return CoverState(state)
    return CoverState.PENDING if enough else CoverState.FLAGGED
