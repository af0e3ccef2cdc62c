"""What moderators read: entries of queues, a comment with all that there is to know about it, lines of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from forum.articles.model import Gate
from forum.comments.bodies import Inner
from forum.comments.model import Comment
from forum.comments.review.model import Decision, Item, Queue, SanctionRow

# What people who are trusted, and no more, may see.
TRUSTED_QUEUES: Final = (Queue.SPOILERS,)
# A page of a queue, and of the log.
QUEUE_PAGE: Final = 25
LOG_PAGE: Final = 50
# Entries of a queue are counted up to here: "1,000+".
MOST_COUNTED: Final = 1_000
# Of what is around a comment: so many comments above it, so many replies.
MOST_ABOVE: Final = 3
MOST_REPLIES: Final = 2
# Of the flags on one comment, of the notes on one person, and of what was decided about one comment.
MOST_FLAGS: Final = 50
MOST_NOTES: Final = 20
MOST_DECISIONS: Final = 50
# A rule is judged by what moderators said about so many comments that it stopped.
RULE_MEMORY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a queue is wanted. `before` and `after`: comments written before, or from that moment on; `public`: only
    what everybody can read."""

    discussion_id: int | None = None
    author_id: int | None = None
    rule: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    public: bool = False


NO_FILTERS: Final = Filters()


class About(NamedTuple):
    """The discussion that a comment stands in, as far as its moderators need it."""

    title: str
    url: str
    scope_id: int | None
    gate: Gate
    expiry_days: int | None


class Entry(NamedTuple):
    """A comment that waits in a queue (or is looked at for itself), with its discussion. `claimer` is the name of who
    has claimed it, "" for nobody."""

    item: Item
    comment: Comment
    about: About
    claimer: str


class FlagSum(NamedTuple):
    """What readers say about a comment, added up by reason and (for spoilers) scope."""

    reason: str
    scope_id: int | None
    people: int
    weight: float


class Stand(NamedTuple):
    """How far somebody is in a work: `state` as `forum.spoilers.model.Seen` with the code of a unit, and codes of
    ticked units beside the order."""

    state: str
    unit: str
    ticks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What a moderator has said about their own progress: by work, and rules for all works of a kind in a franchise."""

    stands: Mapping[str, Stand] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


class Beside(NamedTuple):
    """What is read beside a page of comments: their flags by comment, and how far the moderator is."""

    flags: Mapping[int, Sequence[FlagSum]]
    said: Said


class Flag(NamedTuple):
    """One reader's flag. `name` is "" for guests. `upheld` and `rejected`: what became of their other flags.
    `withheld`: nothing of this is told of its reader, not even whether they are a guest."""

    author_id: int
    name: str
    reason: str
    scope_id: int | None
    note: str
    weight: float
    is_new: bool
    outcome: str | None
    created_at: datetime
    upheld: int = 0
    rejected: int = 0
    withheld: bool = False


class Note(NamedTuple):
    """What a moderator has told the others about a person."""

    id: int
    text: str
    by: str
    comment_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of who wrote a comment, on this site. `counted` is how many comments these numbers are about, the
    latest ones; `approved` how often a moderator let something of theirs through."""

    counted: int = 0
    published: int = 0
    held: int = 0
    removed: int = 0
    spam: int = 0
    deleted: int = 0
    covered: int = 0
    approved: int = 0
    since: datetime | None = None
    sanctions: Sequence[SanctionRow] = ()
    notes: Sequence[Note] = ()


class Hits(NamedTuple):
    """How often moderators agreed with a rule, of the last times they decided about what it had stopped."""

    agreed: int
    decided: int


class Reach(NamedTuple):
    """Whom a verdict reaches: quotes of the comment, all replies below it, and people who wrote in its discussion
    within the last hour."""

    quotes: int
    replies: int
    writers: int


class Found(NamedTuple):
    """What screening found in a comment, as it is stored, and when it looked."""

    evidence: str
    at: datetime


class Line(NamedTuple):
    """A decision as the log shows it: who decided, whom and what discussion it is about ("" where nobody knows),
    whether it was undone, and whether nothing was decided about the same comment since. `is_own`: it is about whoever
    reads it, so that somebody else has to take it back."""

    decision: Decision
    by: str
    author_name: str
    title: str
    undone: bool
    is_last: bool
    is_own: bool = False


class Place(NamedTuple):
    """Where a comment stands: as it is now, and the queues it is in."""

    comment: Comment
    queues: frozenset[str]


class Together(NamedTuple):
    """Of what was decided together: one verdict, by whom, how often, and how many of these can still be taken back.
    `comment_id` where all of them are about the same comment."""

    verdict: str
    by_id: int | None
    number: int
    standing: int
    comment_id: int | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of a queue. `next_after` is the last entry of it where there are more."""

    site_id: int
    queue: Queue
    entries: Sequence[Entry]
    beside: Beside
    counts: Mapping[Queue, int]
    more: bool = False


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A comment with all that a moderator should know: `items` are its entries in queues, `above` the comments that it
    answers (the nearest last), `replies` the first ones below it. `rule` is the one that put it there ("" for none),
    `found` what screening says. `full`: its reader may moderate, not only cover; else all of it is about spoilers.
    `is_own`: its reader has written it, and others decide about what is said against it."""

    entry: Entry
    items: Sequence[Entry]
    above: Sequence[Comment]
    replies: Sequence[Comment]
    passages: Mapping[int, Inner]
    source: str
    beside: Beside
    flags: Sequence[Flag]
    history: Sequence[Line]
    reach: Reach
    rule: str = ""
    found: Found | None = None
    hits: Hits | None = None
    record: Record | None = None
    full: bool = True
    is_own: bool = False
