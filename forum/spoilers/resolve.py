"""What a label means: among the works of the discussion, then of their franchises, then all.

A name that means several works there is ambiguous: people are asked, and where nobody can be asked the scope holds
all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.spoilers.gazetteer import Gazetteer
from forum.spoilers.labels import ParsedLabel, Part
from forum.spoilers.model import UNSPEC, Point, Scope, Work
from forum.spoilers.points import find_point, is_plausible, point_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """What an ambiguous name may mean, for people and for programs."""

    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A part of a label that means several works."""

    text: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The scope of a label: of all candidates where it is unclear, with UNSPEC where part of it names nothing."""

    scope: Scope
    unclear: tuple[Unclear, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """Where a label stands: ids of the discussion's works, the main one first, and the moment it was written."""

    prefer: Sequence[str]
    at: datetime


def works_needed(parsed: ParsedLabel, prefer: Iterable[str]) -> set[str]:
    """The ids of the works without whose units a label can't be resolved."""
    named = {work_id for part in parsed.parts for work_id in part.works}
    return named | set(prefer) if any(part.ref and not part.works for part in parsed.parts) else named


def resolve(parsed: ParsedLabel, gazetteer: Gazetteer, works: Mapping[str, Work], around: Around) -> Resolution:
    """The scope that a label stands for; `works` holds at least those of `works_needed`."""
    points: list[Point] = []
    unclear: list[Unclear] = []
    unknown: list[str] = []
    before: list[str] = []
    for part in parsed.parts:
        meant = candidates(part, gazetteer, works, around) if part.works else _unnamed(part, works, before, around)
        if not meant:
            points.append(UNSPEC)
            unknown.append(part.text)
            continue
        before = [work.id for work in meant]
        found = [point_of(work, part.ref, around.at) for work in meant]
        points += found
        if len(meant) > 1:
            named = (Candidate(gazetteer.label(Scope.of([point])), point.token) for point in found)
            unclear.append(Unclear(part.text, tuple(named)))
    return Resolution(Scope.of(points), tuple(unclear), tuple(unknown))


def candidates(part: Part, gazetteer: Gazetteer, works: Mapping[str, Work], around: Around) -> list[Work]:
    """The works that a part of a label may mean; none when no work of that name is of the kind it says."""
    meant = [works[key] for key in part.works if key in works]
    if part.kinds:
        meant = [work for work in meant if work.kind in part.kinds]
    if part.year is not None:
        meant = _of_year(meant, part.year)
    ref = part.ref
    if ref is not None:
        meant = [work for work in meant if is_plausible(work, ref)] or meant
    meant = _nearest(meant, gazetteer, around.prefer)
    if ref is not None and len(meant) > 1:
        meant = [work for work in meant if find_point(work, ref) is not None] or meant
    return meant


def _nearest(meant: list[Work], gazetteer: Gazetteer, prefer: Sequence[str]) -> list[Work]:
    """Those of the discussion; if there is none, those of its franchises; if there is none, all."""
    near = [work for work in meant if work.id in prefer]
    franchises = gazetteer.franchises(prefer)
    return near or [work for work in meant if work.franchise in franchises] or meant


def _of_year(meant: list[Work], year: str) -> list[Work]:
    """Those that say the year in their title or id, or came out in it; all when that is none."""
    return [work for work in meant if year in work.title or year in work.id or _came_out(work) == year] or meant


def _came_out(work: Work) -> str | None:
    moments = [moment for unit in work.chain for moment in unit.released.values()]
    return str(min(moments).year) if moments else None


def _unnamed(part: Part, works: Mapping[str, Work], before: Sequence[str], around: Around) -> list[Work]:
    """The work that a unit without a name belongs to: what the label named last, else one of the discussion.

    Of the discussion's works the first that has the unit; if none has, the first that might, else the main one.
    """
    if part.ref is None:
        return []
    ref = part.ref
    named = [works[key] for key in before if key in works and is_plausible(works[key], ref)]
    if named:
        return named
    near = [works[key] for key in around.prefer if key in works]
    if part.kinds:
        near = [work for work in near if work.kind in part.kinds]
    having = [work for work in near if find_point(work, ref) is not None]
    return (having or [work for work in near if is_plausible(work, ref)] or near)[:1]
