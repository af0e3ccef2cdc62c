"""Queues, decisions, flags and sanctions as they are stored, and the named rules about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

# The soft lock of a moderator who looks at a comment.
CLAIM: Final = timedelta(minutes=5)


class Queue(StrEnum):
    """Where comments wait for moderators, or were put by them.

    A comment is in at most one of PENDING (held), SPAM (held or decided as such), REMOVED and APPROVED; beside that in
    REPORTED and SPOILERS while flags of readers wait. UNMODERATED is every published comment that no moderator has
    seen (`comment.reviewed`), without entries but for claims.
    """

    PENDING = "pending"
    REPORTED = "reported"
    SPOILERS = "spoilers"
    UNMODERATED = "unmoderated"
    SPAM = "spam"
    REMOVED = "removed"
    APPROVED = "approved"


# What waits for somebody.
WAITING: Final = (Queue.PENDING, Queue.REPORTED, Queue.SPOILERS, Queue.SPAM)
# What only something that everybody can read may stand in.
IN_SIGHT: Final = (Queue.APPROVED, Queue.UNMODERATED)


class Verdict(StrEnum):
    """What a line of the log says was done: to a comment, to a person, or to a discussion."""

    HOLD = "hold"
    HIDE = "hide"
    COVER_FOR_NOW = "cover_for_now"
    APPROVE = "approve"
    REMOVE = "remove"
    SPAM = "spam"
    COVER = "cover"
    UNCOVER = "uncover"
    DISMISS = "dismiss"
    FEATURE = "feature"
    UNFEATURE = "unfeature"
    WARN = "warn"
    MUTE = "mute"
    SUSPEND = "suspend"
    BAN = "ban"
    PREMODERATE = "premoderate"
    LIFT = "lift"
    CLOSE = "close"
    OPEN = "open"
    SLOW = "slow"
    PIN = "pin"
    UNPIN = "unpin"
    RETITLE = "retitle"
    WATCH = "watch"
    UNWATCH = "unwatch"
    UNDO = "undo"


class By(StrEnum):
    """Who decided: a person, a rule of screening, flags of readers, time that has passed, or the site's own systems."""

    MODERATOR = "moderator"
    RULE = "rule"
    READERS = "readers"
    TIME = "time"
    PUBLISHER = "publisher"


class Reason(StrEnum):
    """Why a comment is flagged or removed, or a person sanctioned."""

    ABUSE = "abuse"
    SPAM = "spam"
    OFF_TOPIC = "off_topic"
    SPOILER = "spoiler"
    ILLEGAL = "illegal"
    OTHER = "other"


class Sanction(StrEnum):
    """What a site may do to a person. WARN only tells them. MUTE: no new comments. SUSPEND: nothing written or flagged,
    for a time. BAN: the same, for good, and their frames are signed out. PREMODERATE: what they write is held."""

    WARN = "warn"
    MUTE = "mute"
    SUSPEND = "suspend"
    BAN = "ban"
    PREMODERATE = "premoderate"


class Item(NamedTuple):
    """An entry of a queue, with its fields in the order of the columns.

    `rule` is the screening rule that put it there ("" for flags and verdicts), `evidence` JSON: a list of
    {"rule", "sentence", "args", "spans": [[start, end], ...]} in code points of the source at that revision.
    `priority` orders a queue, the highest first (see `forum.comments.review.policy`); `since` is when it came.
    """

    site_id: int
    comment_id: int
    queue: str
    discussion_id: int
    author_kind: str
    author_id: int
    rule: str
    evidence: str
    priority: float
    since: datetime
    claimed_by: int | None = None
    claimed_until: datetime | None = None


class Decision(NamedTuple):
    """A line of the append-only log, with its fields in the order of the columns. Never holds a comment's text.

    `comment_id`, `discussion_id` and the author (`author_kind` "" and `author_id` 0 for nobody) are what it is about.
    `status` is the comment's status from then on, "" where the decision is not about that. `reason` is a `Reason` or
    "", `rule` a screening rule or the house rule that is cited, `words` what its author is told beside that.
    `about_rule` is the screening rule that had held the comment which is decided about. `before` is JSON: all that an
    undo needs. `undoes` is the decision that this one takes back, `batch_id` what it was part of.
    """

    site_id: int
    id: int
    comment_id: int | None
    discussion_id: int | None
    author_kind: str
    author_id: int
    verdict: str
    status: str
    revision: int
    by_kind: str
    by_id: int
    reason: str
    rule: str
    words: str
    about_rule: str
    evidence: str
    before: str
    undoes: int | None
    batch_id: int | None
    created_at: datetime


class SanctionRow(NamedTuple):
    """A sanction, with its fields in the order of the columns. `until` None: until it is lifted. A warning is over once
    it was `seen_at`."""

    site_id: int
    id: int
    author_kind: str
    author_id: int
    kind: str
    until: datetime | None
    reason: str
    rule: str
    words: str
    by_id: int
    decision_id: int
    created_at: datetime
    lifted_at: datetime | None = None
    seen_at: datetime | None = None
