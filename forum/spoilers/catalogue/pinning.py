"""Giving open points an end: "Luke Cage", said before any of it was out, means its first season once that is whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forum.core.ids import time_of
from forum.spoilers.catalogue.differences import Pin
from forum.spoilers.model import Unit, Work


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A point of a scope without a unit: the open end of a group, or of the work."""

    scope_id: int
    seq: int
    work_id: str
    group: str | None


def pins_of(point: OpenPoint, work: Work | None) -> Iterable[Pin]:
    """Where the point ends now; nothing when that is not known, and while it is not it stays covered."""
    if work is None:
        return
    end = _end_of_group(work, point.group) if point.group is not None else _end_of_first(work, point.scope_id)
    if end is not None:
        yield Pin(point.scope_id, point.seq, end.id, work.id, end.group, end.code)


def _end_of_group(work: Work, code: str) -> Unit | None:
    if not any(group.code == code and group.complete for group in work.groups):
        return None
    return next((unit for unit in reversed(work.chain) if unit.group == code), None)


def _end_of_first(work: Work, scope_id: int) -> Unit | None:
    """The end of what came out first, for a scope that is older than that.

    A younger one means something that is still to come, and stays open.
    """
    if not work.chain:
        return None
    first = work.chain[0]
    if first.group is None:
        units: Sequence[Unit] = work.chain
        end = first if len(work.chain) == 1 and not first.code else None
    else:
        units = [unit for unit in work.chain if unit.group == first.group]
        end = _end_of_group(work, first.group)
    return end if _is_older(scope_id, units) else None


def _is_older(scope_id: int, units: Sequence[Unit]) -> bool:
    """Whether a scope was first used before any of these was out; where no date is known, before they were known."""
    released = [min(unit.released.values()) for unit in units if unit.released]
    if released:
        return time_of(scope_id) < min(released)
    return scope_id < min(unit.id for unit in units)
