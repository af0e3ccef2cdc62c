"""Try rules on comments that are there: what they would have held and refused, and what moderators said about those.

Pure. Comments come in the order in which they were written, a slice at a time, and each is screened as it would have
been then, as far as that is known: by its text, by what its author and others had written in the hours before, by how
many comments of its author were public. Discussions' own settings and sanctions say nothing about rules, and are left
out.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from forum.comments.compose import Composed
from forum.comments.screening.facts import Earlier, Facts, Known
from forum.comments.screening.likeness import Sketch
from forum.comments.screening.model import Kind, Outcome, Rule, Verdict
from forum.comments.screening.phases import screen
from forum.comments.screening.queries_known import LEAST_SAME, MOST_RECENT, WITHIN
from forum.comments.screening.reading import read_case
from forum.comments.screening.service import InForce
from forum.comments.screening.service_spam import SpamFilter
from forum.comments.screening.spam import sample_of, score

# Of the comments that a rule stops, so many are named; and so many entries of the lists, the most frequent ones.
MOST_EXAMPLES: Final = 3
MOST_ENTRIES: Final = 20
# What rules are about in themselves; a comment that an outside check would be asked about is not stopped by a rule.
_LEFT_OUT: Final = frozenset({Rule.CHECK})


class Judged(StrEnum):
    """What moderators said about a comment last."""

    APPROVED = "approved"
    REMOVED = "removed"
    NOTHING = "nothing"


class Past(NamedTuple):
    """A comment that is there: its skeleton, what is covered in it (`hidden_html`, `hidden_text`), and what moderators
    said about it."""

    id: int
    author_kind: str
    author_id: int
    at: datetime
    source: str
    html: str
    text: str
    hidden_html: str
    hidden_text: str
    sketch: Sketch
    is_public: bool
    judged: Judged


@dataclass(frozen=True, slots=True)
class Line:
    """How often something stops comments: held and refused ones, and what moderators had said about them. `examples`
    are ids of comments that they approved, or else of any."""

    held: int = 0
    refused: int = 0
    flagged: int = 0
    approved: int = 0
    removed: int = 0
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a dry run found: `looked_at` comments; `total` of those that are held or refused by any rule; each rule, and
    the entries of the lists that were found most."""

    looked_at: int
    total: Line
    rules: Mapping[Rule, Line]
    entries: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: rules, the site's filter (None: mute, or not asked), who has a role on the site, and whether the
    site holds everything anyway."""

    in_force: InForce
    spam: SpamFilter | None
    staff: Collection[int]
    site_holds: bool = False


@dataclass(slots=True)
class _Count:
    kinds: Counter[Kind] = field(default_factory=Counter)
    judged: Counter[Judged] = field(default_factory=Counter)
    examples: list[int] = field(default_factory=list)
    approved: list[int] = field(default_factory=list)

    def add(self, past: Past, kind: Kind) -> None:
        self.kinds[kind] += 1
        self.judged[past.judged] += 1
        # What should not have been stopped is what is looked at first.
        kept = self.approved if past.judged is Judged.APPROVED else self.examples
        if len(kept) < MOST_EXAMPLES:
            kept.append(past.id)

    def line(self) -> Line:
        return Line(
            held=self.kinds[Kind.HOLD],
            refused=self.kinds[Kind.REFUSE],
            flagged=self.kinds[Kind.FLAG],
            approved=self.judged[Judged.APPROVED],
            removed=self.judged[Judged.REMOVED],
            examples=(*self.approved, *self.examples)[:MOST_EXAMPLES],
        )


class _Written(NamedTuple):
    """What is remembered of a comment for those that come after it."""

    at: datetime
    author_id: int
    sketch: Sketch
    source: int


class DryRun:
    """A dry run under way."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._looked_at = 0
        self._total = _Count()
        self._rules: dict[Rule, _Count] = defaultdict(_Count)
        self._entries: dict[str, _Count] = defaultdict(_Count)
        self._public: Counter[int] = Counter()
        self._own: dict[int, deque[_Written]] = defaultdict(lambda: deque(maxlen=MOST_RECENT))
        self._lately: deque[_Written] = deque()
        self._alike: dict[int, Counter[int]] = defaultdict(Counter)

    def unknown(self, authors: Iterable[int]) -> set[int]:
        """Those of them whose number of earlier public comments has to be told."""
        return set(authors) - self._public.keys()

    def tell(self, public: Mapping[int, int]) -> None:
        """How many comments of these people were public before the first comment of all."""
        for author_id, count in public.items():
            self._public.setdefault(author_id, count)

    def look_at(self, slice_: Sequence[Past]) -> None:
        """Screen these comments, in the order in which they were written."""
        for past in slice_:
            self._looked_at += 1
            self._count(past, self._screened(past))
            self._remember(past)

    def found(self) -> Found:
        """What was found up to now."""
        entries = sorted(self._entries.items(), key=lambda one: (-one[1].kinds.total(), one[0]))[:MOST_ENTRIES]
        return Found(
            self._looked_at,
            self._total.line(),
            {rule: self._rules[rule].line() for rule in Rule if rule in self._rules},
            {entry: count.line() for entry, count in entries},
        )

    def _screened(self, past: Past) -> Outcome:
        trial, rules = self._trial, self._trial.in_force.rules
        said = None
        if trial.spam is not None:
            said = score(trial.spam.weights, sample_of(past.html, past.text), explained=False)
        drawn = (f"{past.html}\n{past.hidden_html}", f"{past.text}\n{past.hidden_text}")
        composed = Composed(past.source, *drawn, (), 0.0)
        case = read_case(trial.in_force, composed, "", said, known=past.sketch)
        facts = Facts(
            now=past.at,
            known=self._known(past),
            is_trusted=past.author_id in trial.staff,
            site_holds=trial.site_holds,
        )
        return screen(case, facts, rules)

    def _known(self, past: Past) -> Known:
        since, new = past.at - WITHIN, _written(past)
        recent = [one for one in reversed(self._own[past.author_id]) if one.at > since]
        while self._lately and self._lately[0].at <= since:
            self._forget(self._lately.popleft())
        others = {
            author_id
            for number in past.sketch
            if number is not None
            for author_id, count in self._alike.get(number, Counter()).items()
            if count and author_id != past.author_id
        }
        return Known(
            recent=tuple(Earlier(one.at, _is_alike(one, new, past.source)) for one in recent),
            published=self._public[past.author_id],
            others_alike=len(others),
        )

    def _remember(self, past: Past) -> None:
        written = _written(past)
        self._public[past.author_id] += past.is_public
        self._own[past.author_id].append(written)
        self._lately.append(written)
        for number in past.sketch:
            if number is not None:
                self._alike[number][past.author_id] += 1

    def _forget(self, written: _Written) -> None:
        for number in written.sketch:
            if number is not None:
                self._alike[number][written.author_id] -= 1
                if not +self._alike[number]:
                    del self._alike[number]

    def _count(self, past: Past, outcome: Outcome) -> None:
        said = [verdict for verdict in outcome.all if verdict.rule not in _LEFT_OUT]
        stopping = [verdict for verdict in said if verdict.kind is not Kind.FLAG]
        if stopping:
            self._total.add(past, stopping[0].kind)
        for verdict in said:
            self._rules[verdict.rule].add(past, verdict.kind)
            for entry in _entries(verdict):
                self._entries[entry].add(past, verdict.kind)


def _entries(verdict: Verdict) -> Iterable[str]:
    return dict.fromkeys(verdict.details) if verdict.rule in (Rule.WORDS, Rule.LINKS) else ()


def _written(past: Past) -> _Written:
    return _Written(past.at, past.author_id, past.sketch, hash(past.source))


def _is_alike(one: _Written, new: _Written, source: str) -> bool:
    shared = any(a is not None and a == b for a, b in zip(one.sketch, new.sketch, strict=True))
    return shared or (len(source) >= LEAST_SAME and one.source == new.source)
