"""When the spam filter may speak: it is judged by texts that it was never taught, and keeps quiet until it did well.

Every fifth text (by what it says, so that the same text is never on both sides) is held back: the filter says what it
thinks of it before it hears what moderators said, and never learns from it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import orjson

from forum.comments.screening.spam import THRESHOLD, Sample, fade, fingerprint, learn, score, unlearn

# One text in so many is held back.
HELD_BACK: Final = 5
# The latest held-back texts count; one text counts once, however often it was posted.
MOST_HELD_BACK: Final = 400
# It speaks once it was asked about so many, of both kinds, and what it took for spam mostly was.
ENOUGH: Final = 50
ENOUGH_OF_A_KIND: Final = 10
ENOUGH_TAKEN: Final = 5
PRECISION: Final = 0.9


class Asked(NamedTuple):
    """A held-back text: which comment, its fingerprint, what the filter said, and what moderators did."""

    comment_id: int
    print: str
    probability: float
    is_spam: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What a filter was taught (texts that were spam, and others), and how it did on what was held back, the latest
    last."""

    spam: int = 0
    other: int = 0
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """How a filter did on `asked` held-back texts, `spam` of which were spam: it took `taken` for spam, `right` of
    them rightly."""

    asked: int
    spam: int
    taken: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of spam in what it took for spam; None when it took nothing."""
        return self.right / self.taken if self.taken else None

    @property
    def recall(self) -> float | None:
        """The share of spam that it found; None when there was none."""
        return self.right / self.spam if self.spam else None

    @property
    def has_earned_trust(self) -> bool:
        """Whether the filter may speak."""
        kinds = min(self.spam, self.asked - self.spam)
        if self.asked < ENOUGH or kinds < ENOUGH_OF_A_KIND or self.taken < ENOUGH_TAKEN:
            return False
        return self.right >= PRECISION * self.taken


class Lesson(NamedTuple):
    """What moderators said about a comment: spam, or not. `is_undone`: that they had said so is taken back."""

    comment_id: int
    sample: Sample
    is_spam: bool
    is_undone: bool = False


def figures(record: Record, threshold: float = THRESHOLD) -> Figures:
    """How a filter did on what was held back, where a text is taken for spam from this probability on."""
    taken = [asked for asked in record.asked if asked.probability >= threshold]
    return Figures(
        len(record.asked),
        sum(asked.is_spam for asked in record.asked),
        len(taken),
        sum(asked.is_spam for asked in taken),
    )


def is_held_back(mark: str) -> bool:
    """Whether a text with this fingerprint is held back."""
    return int(mark, 16) % HELD_BACK == 0


def study(weights: array[float], record: Record, lessons: Iterable[Lesson]) -> tuple[array[float], Record]:
    """The filter after these lessons, in their order, and its new record; `weights` stay as they are."""
    learned, texts = weights[:], 0
    asked = {one.print: one for one in record.asked}
    spam, other = record.spam, record.other
    for lesson in lessons:
        mark = fingerprint(lesson.sample)
        if is_held_back(mark):
            _ask(asked, learned, lesson, mark)
            continue
        (unlearn if lesson.is_undone else learn)(learned, lesson.sample, lesson.is_spam)
        texts += 1
        by = -1 if lesson.is_undone else 1
        spam, other = (max(spam + by, 0), other) if lesson.is_spam else (spam, max(other + by, 0))
    kept = tuple(asked.values())[-MOST_HELD_BACK:]
    return fade(learned, texts), replace(record, spam=spam, other=other, asked=kept)


def _ask(asked: dict[str, Asked], weights: array[float], lesson: Lesson, mark: str) -> None:
    """Let the filter say what it thinks. What is decided anew keeps what it said the first time, and so its place."""
    known = asked.get(mark)
    if lesson.is_undone:
        if known is not None and known.comment_id == lesson.comment_id:
            del asked[mark]
        return
    if known is not None and known.comment_id == lesson.comment_id:
        asked[mark] = known._replace(is_spam=lesson.is_spam)
        return
    asked.pop(mark, None)
    said = score(weights, lesson.sample, explained=False).probability
    asked[mark] = Asked(lesson.comment_id, mark, round(said, 4), lesson.is_spam)


def encode(record: Record) -> str:
    """A record as a row keeps it. No text is in it."""
    kept = {"spam": record.spam, "other": record.other, "asked": [list(asked) for asked in record.asked]}
    return orjson.dumps(kept).decode()


def decode(kept: str) -> Record:
    """The record of a row."""
    found = orjson.loads(kept)
    return Record(found["spam"], found["other"], tuple(Asked(*fields) for fields in found["asked"]))
