"""Which work and which unit of the catalogue a draft means, and where in the chain its units go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forum.spoilers.catalogue.drafts import CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.model import Unit

# Between neighbours in the chain, so that most of what comes later finds room.
STEP: Final = 1000
# The number in a code as sources write it: S1E13, 1x13, #7, E7, ch. 7, 7.
_NUMBER: Final = re.compile(r"(?:S\d+E|\d+X|#|EP?|CH\.?)?0*(\d+(?:\.\d+)?[a-z]?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """As much of a work of the catalogue as matching needs."""

    id: str
    origin: Mapping[str, str]


def match_work(draft: DraftWork, entries: Iterable[Entry]) -> str | None:
    """The id of the work this is, None for a new one.

    By id, unless that was only guessed, then by what it is called elsewhere. Raises CatalogueProblem where two works
    could be meant, or where the id is that of a work which its source knows as another one.
    """
    everything = {entry.id: entry for entry in entries}
    known = everything.get(draft.id)
    same = [entry.id for entry in everything.values() if entry.origin.items() & draft.origin.items()]
    if len(same) > 1 and (known is None or known.id not in same):
        raise CatalogueProblem("origin_twice", draft.place, found=", ".join(same))
    if known is not None and known.id in same:
        return known.id
    if same:
        if known is not None and "id" not in draft.guessed:
            raise CatalogueProblem("origin_twice", draft.place, found=f"{known.id}, {same[0]}")
        return same[0]
    if known is None:
        return None
    if "id" in draft.guessed:
        raise CatalogueProblem("id_taken", draft.place, found=known.id)
    if draft.source in known.origin and draft.source in draft.origin:
        raise CatalogueProblem("origin_differs", draft.place, found=known.id)
    return known.id


def pair_units(units: Sequence[Unit], drafts: Sequence[DraftUnit]) -> list[Unit | None]:
    """For each draft the unit that it is: by id, by an id elsewhere, by its code, by its number in its group."""
    found: list[Unit | None] = [None] * len(drafts)
    free = {unit.id: unit for unit in units}
    for keys_of_unit, keys_of_draft in _WAYS:
        waiting = _unique(free.values(), keys_of_unit)
        for number, draft in enumerate(drafts):
            if found[number] is None:
                keys = [key for key in keys_of_draft(draft) if key in waiting and waiting[key].id in free]
                if keys:
                    found[number] = free.pop(waiting[keys[0]].id)
    return found


def _unique(units: Iterable[Unit], keys_of: Callable[[Unit], Iterable[Any]]) -> dict[Any, Unit]:
    """Units by key; a key of several units means none of them."""
    found: dict[Any, Unit | None] = {}
    for unit in units:
        for key in keys_of(unit):
            found[key] = None if key in found else unit
    return {key: unit for key, unit in found.items() if unit is not None}


def _numbered(unit: Unit | DraftUnit) -> list[tuple[str, str]]:
    number = _NUMBER.fullmatch(unit.code)
    return [(unit.group, number[1].lower())] if unit.group and number else []


_WAYS: Final[tuple[tuple[Callable[[Unit], Iterable[Any]], Callable[[DraftUnit], Iterable[Any]]], ...]] = (
    (lambda unit: (unit.id,), lambda draft: () if draft.id is None else (draft.id,)),
    (lambda unit: unit.ext.items(), lambda draft: draft.ext.items()),
    (lambda unit: (unit.code,), lambda draft: (draft.code,)),
    (_numbered, _numbered),
)


def arrange(old: Sequence[int], wanted: Sequence[int], key: Callable[[int], Any]) -> list[int]:
    """One order of all that is in `old` and in `wanted`: the wanted one, the rest of the old behind what it followed.

    Where both have something new to say at the same place, `key` decides; neither changes its own order.
    """
    common = set(old) & set(wanted)
    kept, new = _runs(old, common), _runs(wanted, common)
    order = _merged(kept[None], new[None], key)
    for anchor in wanted:
        if anchor in common:
            order += [anchor, *_merged(kept[anchor], new[anchor], key)]
    return order


def _runs(order: Sequence[int], anchors: set[int]) -> dict[int | None, list[int]]:
    """What follows each anchor up to the next one; under None what precedes them all."""
    runs: dict[int | None, list[int]] = {None: []}
    last: int | None = None
    for item in order:
        if item in anchors:
            last = item
            runs[last] = []
        else:
            runs[last].append(item)
    return runs


def _merged(first: list[int], second: list[int], key: Callable[[int], Any]) -> list[int]:
    merged: list[int] = []
    left, right = 0, 0
    while left < len(first) and right < len(second):
        if key(first[left]) <= key(second[right]):
            merged.append(first[left])
            left += 1
        else:
            merged.append(second[right])
            right += 1
    return merged + first[left:] + second[right:]


def moved(old: Sequence[int], new: Sequence[int], fixed: frozenset[int]) -> int | None:
    """The first of `fixed` in both orders that does not have the same others (of both) before it, or None."""
    before, after = set(old), set(new)
    olds, news = [item for item in old if item in after], [item for item in new if item in before]
    astray: set[int] = set()  # what is before this place in one order only
    for left, right in zip(olds, news, strict=True):
        if left in fixed and (left != right or astray):
            return left
        astray ^= {left} ^ {right}
    return None


def number(order: Sequence[int], known: Mapping[int, int]) -> dict[int, int]:
    """A rising number for each, with gaps: those they have where these rise and leave room, else new ones for all."""
    found: dict[int, int] = {}
    last, waiting = 0, 0
    for place, item in enumerate(order):
        if item not in known:
            waiting += 1
            continue
        if known[item] - last <= waiting:
            return {item: (index + 1) * STEP for index, item in enumerate(order)}
        found |= _spread(order[place - waiting : place], last, known[item])
        found[item] = last = known[item]
        waiting = 0
    found |= {item: last + (index + 1) * STEP for index, item in enumerate(order[len(order) - waiting :])}
    return found


def _spread(items: Sequence[int], low: int, high: int) -> dict[int, int]:
    return {item: low + (high - low) * (index + 1) // (len(items) + 1) for index, item in enumerate(items)}
