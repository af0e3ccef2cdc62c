"""From what somebody named to the point it means. Whatever is not known to have ended has an open end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from forum.spoilers.model import Kind, Point, Unit, Work
from forum.spoilers.policy import first_release
from forum.spoilers.refs import Ref, Sort, numbers_in

MOST_CODE: Final = 40
# Units of these are seldom dated; where none is, being in the catalogue counts as being out.
UNDATED: Final = frozenset({Kind.COMIC, Kind.BOOK})
# The kinds of work that such a part can belong to, whether or not it is in the catalogue yet.
PARTS_OF: Final = {
    Sort.EPISODE: frozenset({Kind.TV, Kind.PODCAST, Kind.OTHER}),
    Sort.SEASON: frozenset({Kind.TV, Kind.PODCAST, Kind.OTHER}),
    Sort.ISSUE: frozenset({Kind.COMIC, Kind.PODCAST, Kind.OTHER}),
    Sort.CHAPTER: frozenset({Kind.BOOK, Kind.COMIC, Kind.GAME, Kind.OTHER}),
    Sort.VOLUME: frozenset({Kind.TV, Kind.COMIC, Kind.BOOK, Kind.OTHER}),
    Sort.CODE: frozenset(Kind) - {Kind.FILM},
}


def whole(work: Work, at: datetime) -> Point:
    """The end of a work as it stood at a moment: its last unit that was out anywhere by then.

    Of a work that is one thing (a film), that. When nothing was out, or nothing is catalogued: an open end.
    """
    chain = work.chain
    if len(chain) == 1 and not chain[0].code:
        return Point(work.id, chain[0])
    if work.kind in UNDATED and not any(unit.released for unit in chain):
        return Point(work.id, chain[-1] if chain else None)
    out = [unit for unit in chain if (moment := first_release(unit)) is not None and moment <= at]
    return Point(work.id, out[-1] if out else None)


def end_of_group(work: Work, code: str) -> Point:
    """The end of a season, volume or arc: its last unit once it is complete, else open."""
    group = next((group for group in work.groups if group.code == code), None)
    units = [unit for unit in work.chain if unit.group == code]
    complete = group is not None and group.complete and units
    return Point(work.id, units[-1]) if complete else Point(work.id, None, code)


def find_point(work: Work, ref: Ref) -> Point | None:
    """The unit or group of a work that a reference names; None when the catalogue knows none, or several."""
    if ref.sort in (Sort.SEASON, Sort.VOLUME):
        return _group_point(work, ref)
    unit = _unit(work, ref)
    if unit is not None:
        return Point(work.id, unit)
    return _group_coded(work, ref.text) if ref.sort is Sort.CODE else None


def point_of(work: Work, ref: Ref | None, at: datetime) -> Point:
    """The point that a reference means; all of the work without one.

    What the catalogue does not know is the open end of its season, or of something that nobody will ever complete:
    so it can't be taken for the end of what is known.
    """
    if ref is None:
        return whole(work, at)
    return find_point(work, ref) or Point(work.id, None, _unknown_group(ref))


def _unknown_group(ref: Ref) -> str:
    if ref.sort in (Sort.EPISODE, Sort.SEASON) and ref.group:
        return f"S{ref.group}"
    return "".join(ref.text.split())[:MOST_CODE]


def is_plausible(work: Work, ref: Ref) -> bool:
    """Whether a work has such a part, or might have one that is not in the catalogue yet."""
    return work.kind in PARTS_OF[ref.sort] or find_point(work, ref) is not None


def read_code_of(work: Work, code: str) -> Point | None:
    """The unit with a code, or the group's end, in whatever case the code is written; None when there is neither."""
    unit = work.unit(code) or _only(work.units, lambda unit: unit.code.casefold() == code.casefold())
    return Point(work.id, unit) if unit is not None else _group_coded(work, code)


def _group_coded(work: Work, code: str) -> Point | None:
    found = [group.code for group in work.groups if group.code.casefold() == code.casefold()]
    return end_of_group(work, found[0]) if found else None


def _group_point(work: Work, ref: Ref) -> Point | None:
    written = "".join(ref.text.split())
    known = read_code_of(work, written) if ref.group in numbers_in(written)[-1:] else None
    if known is not None:
        return known
    groups = [group.code for group in work.groups if numbers_in(group.code) == (ref.group,)]
    return end_of_group(work, groups[0]) if len(groups) == 1 else None


def _unit(work: Work, ref: Ref) -> Unit | None:
    written = "".join(ref.text.split()).casefold()
    exact = _only(work.units, lambda unit: unit.code.casefold() == written)
    # What is written may be the beginning of a range: then the number is another one than in the text.
    if exact is not None and (ref.sort is Sort.CODE or (ref.number or "") in numbers_in(exact.code)[-1:]):
        return exact
    if ref.number is None:
        return None
    # By number alone only in the chain: a special has its own counting.
    if ref.group is not None:
        wanted = (ref.group, ref.number)
        return _only(work.chain, lambda unit: _place(unit) == wanted)
    plain = _only(work.chain, lambda unit: numbers_in(unit.code) == (ref.number,))
    # "Episode 13" of a series with one season; never "#7", which is an issue of something else.
    if plain is None and ref.sort in (Sort.EPISODE, Sort.CHAPTER):
        return _only(work.chain, lambda unit: numbers_in(unit.code)[1:] == (ref.number,))
    return plain


def _place(unit: Unit) -> tuple[str, ...]:
    """Group and number of a unit, whether its code says both or its group says one."""
    numbers = numbers_in(unit.code)
    return (*numbers_in(unit.group), *numbers) if len(numbers) == 1 and unit.group else numbers


def _only(units: Iterable[Unit], fits: Callable[[Unit], bool]) -> Unit | None:
    found = [unit for unit in units if fits(unit)]
    return found[0] if len(found) == 1 else None
