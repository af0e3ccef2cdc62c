"""What the console's templates and its API receive: comments, people and decisions made for one moderator.

Sentences are in that moderator's language already. `html` is safe markup, declared as the text that it is in JSON;
every other string is plain text. What they have not got far enough for is not in here: its text comes only by asking to
reveal it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who wrote something. `kind` is "guest", "account" or "gone"; `url` is their public page, `record` the one for
    moderators ("" where there is none)."""

    kind: str
    id: str
    name: str
    url: str | None
    hue: int | None
    record: str


@dataclass(frozen=True, slots=True)
class CountView:
    """How many wait in a queue; `more`: at least that many. Of the queue of spam, what was decided is not counted."""

    queue: str
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class ClaimView:
    """Who is looking at something right now."""

    by: str
    mine: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class FlagSumView:
    """What readers say about a comment, by reason: `says` is the reason in words, `label` of what and how far where it
    is a spoiler."""

    reason: str
    says: str
    label: str
    scope: tuple[str, ...]
    people: int
    weight: float


@dataclass(frozen=True, slots=True)
class RowView:
    """One entry of a queue. `excerpt` is the beginning of what everybody would see of it. `covered`: nothing of it is
    shown but `label` ("" where nobody knows of what); `reached`: this moderator has got that far.

    `rule` is the screening rule that put it here and `sentence` what that says; `flags` what readers say.
    """

    id: str
    revision: int
    status: str
    queue: str
    discussion_id: str
    title: str
    author: PersonView
    excerpt: str
    covered: bool
    label: str
    reached: bool
    created_at: datetime
    since: datetime
    rule: str
    sentence: str
    flags: tuple[FlagSumView, ...]
    cover_state: str
    claim: ClaimView | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """A page of a queue, the most urgent first, and how many wait in each. `next` continues it; None at its end."""

    site: str
    queue: str
    counts: tuple[CountView, ...]
    items: tuple[RowView, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class TextView:
    """A comment as this moderator sees it. `covered`: something in it is not shown to them, because they have not got
    that far; then `label` says of what. `whole`: nothing is shown. `gone`: there is no text (any more)."""

    id: str
    author: PersonView
    html: str
    text: str
    covered: bool
    whole: bool
    label: str
    status: str
    revision: int
    created_at: datetime
    edited_at: datetime | None
    gone: bool


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a screening rule found. `words` are the places of the text it is about, and what else it says about them;
    `hidden`: so many of them are in what is covered for this moderator."""

    rule: str
    sentence: str
    words: tuple[str, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class HitsView:
    """How often moderators agreed with the rule, of the last `decided` times they decided about what it had stopped."""

    rule: str
    agreed: int
    decided: int
    sentence: str


@dataclass(frozen=True, slots=True)
class FlagView:
    """One reader's flag; of their other ones `upheld` were right and `rejected` wrong. `name` is "" for guests.
    `withheld`: who they are is not for this moderator, and neither is what is known of them.
    `note_hidden`: what they noted is about something this moderator has not got far enough for."""

    name: str
    reason: str
    says: str
    label: str
    note: str
    note_hidden: bool
    weight: float
    is_new: bool
    outcome: str | None
    created_at: datetime
    upheld: int
    rejected: int
    withheld: bool


@dataclass(frozen=True, slots=True)
class SanctionView:
    """A sanction on the author. `in_force` until `until` (None: until it is lifted)."""

    id: str
    kind: str
    reason: str
    words: str
    until: datetime | None
    in_force: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NoteView:
    """What a moderator has told the others about the author."""

    id: str
    text: str
    by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RecordView:
    """What is known of the author on this site: numbers about their latest `counted` comments (`more`: they have
    written more), and how often moderators let something of theirs through."""

    counted: int
    more: bool
    published: int
    held: int
    removed: int
    spam: int
    deleted: int
    covered: int
    approved: int
    since: datetime | None
    sanctions: tuple[SanctionView, ...]
    notes: tuple[NoteView, ...]


@dataclass(frozen=True, slots=True)
class ScopeView:
    """Something that the comment may be covered as: `tokens` for programs, `label` for people."""

    tokens: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class EffectView:
    """What a verdict will do, before it is given: in sentences, the last of which says whether it can be undone.
    `told` is what the author will read ("" for nothing)."""

    verdict: str
    lines: tuple[str, ...]
    told: str
    undoable: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A line of the log. `by` is who decided, where that was a person. `says` is the reason in words; `rule` the
    screening rule or the house rule that was cited, `words` what the author was told beside that. `can_undo`: nothing
    else was decided about the same thing since, and it is not about whoever asks."""

    id: str
    verdict: str
    status: str
    by_kind: str
    by: str
    reason: str
    says: str
    rule: str
    words: str
    comment_id: str | None
    discussion_id: str | None
    title: str
    author: PersonView | None
    undoes: str | None
    batch_id: str | None
    undone: bool
    can_undo: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LogView:
    """A page of the log, the latest first. `next` continues it; None at its end."""

    site: str
    lines: tuple[DecisionView, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ItemView:
    """A comment with all that a moderator should know before a verdict: where it stands, why it is here, who wrote it,
    and what each verdict would do. `queues` are those it waits in. Who may only cover gets no `record`,
    the `flags` about spoilers without names and notes, and the `history` of its cover. `is_own`: it is their own, and
    another one decides about it, so that `effects` has no more than covering it.
    `suggested` is what readers say it gives away, what most say first."""

    row: RowView
    site: str
    queues: tuple[str, ...]
    comment: TextView
    above: tuple[TextView, ...]
    replies: tuple[TextView, ...]
    more_replies: int
    findings: tuple[FindingView, ...]
    hits: HitsView | None
    flags: tuple[FlagView, ...]
    suggested: tuple[ScopeView, ...]
    record: RecordView | None
    is_own: bool
    effects: tuple[EffectView, ...]
    history: tuple[DecisionView, ...]
    permalink: str


@dataclass(frozen=True, slots=True)
class RevealedView:
    """The whole text, with nothing covered, and as it was typed (`source`, in which stretches are counted); every place
    that a rule is about, and what readers noted."""

    id: str
    revision: int
    html: str
    text: str
    source: str
    findings: tuple[FindingView, ...]
    notes: tuple[str, ...]
