"""The deterministic recogniser: which works and units a text names that its discussion does not assume.

It asks and never hides. So it would rather say nothing than take "alias" for the comic of that name: a short name of
one word counts only where it is written like a name, or where a unit stands by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from forum.spoilers.gazetteer import Gazetteer
from forum.spoilers.labels import Part
from forum.spoilers.model import Kind, Point, Relation, Scope, Work
from forum.spoilers.points import find_point, is_plausible, point_of, whole
from forum.spoilers.refs import Ref, find_refs
from forum.spoilers.resolve import Around, candidates
from forum.spoilers.spotting import Spotted, Spotter

MOST_MENTIONS: Final = 20
# How far from a name, in characters, a unit may stand and still be one of that work.
NEAR: Final = 30
# From this many letters on a word is seldom anything but the name it looks like.
LONG_WORD: Final = 8
_CUE: Final = re.compile(
    r"\b(?:(?P<end>finale|series ending|(?:last|final) (?:episode|issue|chapter))|(?P<film>(?:post|mid)[- ]?credits?)"
    r"|in the (?:(?P<comic>comics?)|(?P<book>books?|novels?)|(?P<game>games?)))\b",
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[.!?…]\s|\n")
_OPENING, _CLOSING = "\"“‘'*_«„", "\"”’'*_»“"


@dataclass(frozen=True, slots=True)
class Mention:
    """A work, and a unit of it, that a text names: what to call it, and where it stands (in code points)."""

    work_id: str
    title: str
    unit_code: str | None
    label: str
    token: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clue:
    """Something in a text that points at a part of a work: a name, a unit, or both, or an end ("finale").

    `sure`: the name would count without the unit.
    """

    start: int
    end: int
    works: tuple[str, ...] = ()
    ref: Ref | None = None
    cue: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Discussion:
    """Where a text is to stand: what is assumed there, the ids of its works (the main one first), and the moment."""

    assumed: Scope
    prefer: Sequence[str]
    at: datetime


def find_clues(text: str, spotter: Spotter, gazetteer: Gazetteer, prefer: Sequence[str]) -> list[Clue]:
    """What in a text may name a work or a unit. Says which works are needed to know (`works_needed`)."""
    names = spotter.spot(text)
    franchises = gazetteer.franchises(prefer)
    sure = [_is_sure(text, name, _is_related(name, gazetteer, prefer, franchises)) for name in names]
    taken: set[int] = set()
    clues = [Clue(match.start(), match.end(), cue=match.lastgroup or "") for match in _CUE.finditer(text)]
    for ref, start, end in find_refs(text):
        at = _name_by(text, names, start, end)
        if at is None or not (sure[at] or _touch(text, names[at], start, end)):
            clues.append(Clue(start, end, (), ref))
            continue
        taken.add(at)
        begin, until = min(start, names[at].start), max(end, names[at].end)
        clues.append(Clue(begin, until, names[at].works, ref, sure=sure[at]))
    clues += (
        Clue(name.start, name.end, name.works, sure=True)
        for index, name in enumerate(names)
        if sure[index] and index not in taken
    )
    return sorted(clues, key=lambda clue: clue.start)


def works_needed(clues: Iterable[Clue], prefer: Iterable[str]) -> set[str]:
    """The ids of the works that it takes to make mentions of clues."""
    return {key for clue in clues for key in clue.works} | set(prefer)


def mentions_of(
    clues: Iterable[Clue], gazetteer: Gazetteer, works: Mapping[str, Work], discussion: Discussion
) -> list[Mention]:
    """What clues come to, each thing once; silent about all that the discussion assumes anyway."""
    found: dict[str, Mention] = {}
    for clue in clues:
        for point, bare in _points(clue, gazetteer, works, discussion):
            if point.work is None or point.token in found or _is_implied(point, bare, discussion):
                continue
            label, code = gazetteer.label(Scope.of([point])), point.unit.code if point.unit else None
            title = works[point.work].title
            found[point.token] = Mention(point.work, title, code, label, point.token, clue.start, clue.end)
    return list(found.values())[:MOST_MENTIONS]


def _name_by(text: str, names: Sequence[Spotted], start: int, end: int) -> int | None:
    """The name that a unit belongs to: the last before it in its sentence, else one behind it ("S2 of Luke Cage")."""
    low, high = 0, len(names)
    while low < high:  # the first name that begins behind the unit's beginning
        middle = (low + high) // 2
        low, high = (middle + 1, high) if names[middle].start < start else (low, middle)
    if low > 0 and _is_near(text, names[low - 1].end, start):
        return low - 1
    if low < len(names) and _is_near(text, end, names[low].start):
        return low
    return None


def _touch(text: str, name: Spotted, start: int, end: int) -> bool:
    """Whether nothing but a space or a sign stands between a name and a unit."""
    between = text[name.end : start] if name.end <= start else text[end : name.start]
    return len(between) <= 2 and not any(character.isalnum() or character in ",;" for character in between)


def _is_related(name: Spotted, gazetteer: Gazetteer, prefer: Sequence[str], franchises: frozenset[str]) -> bool:
    return not prefer or any(key in prefer or gazetteer.works[key].franchise in franchises for key in name.works)


def _is_near(text: str, end: int, start: int) -> bool:
    return 0 <= start - end <= NEAR and not _STOP.search(text, end, start)


def _is_sure(text: str, name: Spotted, related: bool) -> bool:
    """Whether a name without a unit is meant as one. `related`: of the discussion's works or their franchises."""
    written = text[name.start : name.end]
    before, after = text[max(name.start - 1, 0) : name.start], text[name.end : name.end + 1]
    if before and after and before in _OPENING and after in _CLOSING:
        return True
    capital = any(character.isupper() for character in written) or written.lower() == written.upper()
    if name.words > 1:
        return capital or related
    first = written[:1].isupper() and (len(written) >= LONG_WORD or not _begins_sentence(text, name.start))
    return first and (related or len(written) >= LONG_WORD)


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(start - 40, 0) : start].rstrip(" \t\"“‘'*_«„(>")
    return not before or before[-1] in ".!?…:\n"


def _points(
    clue: Clue, gazetteer: Gazetteer, works: Mapping[str, Work], discussion: Discussion
) -> Iterator[tuple[Point, bool]]:
    """What a clue may mean, and whether it is only a name that says so."""
    around = Around(discussion.prefer, discussion.at)
    near = [works[key] for key in discussion.prefer if key in works]
    ref = clue.ref
    if clue.cue:
        yield from ((whole(work, discussion.at), False) for work in _hinted(clue.cue, near, works)[:1])
        return
    named = candidates(Part("", clue.works, ref=ref), gazetteer, works, around)
    if ref is None:
        yield from ((whole(work, discussion.at), True) for work in named)
        return
    fitting = [work for work in named if is_plausible(work, ref)]
    if not fitting:
        # The unit is of something else: the name stands for itself, if it is one.
        yield from ((whole(work, discussion.at), True) for work in named if clue.sure)
        fitting = [work for work in near if find_point(work, ref)] or [work for work in near if is_plausible(work, ref)]
        fitting = fitting[:1]
    for work in fitting:
        # "Episode 3" of we don't know which season says no more than the name.
        vague = ref.group is None and find_point(work, ref) is None
        yield point_of(work, ref, discussion.at), vague


def _hinted(cue: str, near: Sequence[Work], works: Mapping[str, Work]) -> list[Work]:
    """The works that words like "finale" or "in the comics" point at: of the discussion, or what the main one is
    based on."""
    if not near or cue == "end":
        return list(near[:1])
    kind = Kind(cue)
    sources = [other for work in near[:1] for rel, other in work.relations if rel is Relation.BASED_ON]
    return [work for work in near if work.kind is kind] + [
        works[key] for key in sources if key in works and works[key].kind is kind
    ]


def _is_implied(point: Point, bare: bool, discussion: Discussion) -> bool:
    """Whether a discussion assumes a point. A bare name of a work it assumes says nothing, nor does its main work's;
    an open end takes in all before."""
    assumed = [known for known in discussion.assumed.points if known.work == point.work]
    if bare:
        return bool(assumed) or point.work in discussion.prefer[:1]
    return any(known.is_open and known.group is None for known in assumed) or Scope.of([point]) <= discussion.assumed
