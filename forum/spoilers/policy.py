"""Who has cleared what: the rules of visibility, without a database and without a clock of their own.

The same rules run in readers' browsers (`static/js/clearing.js`); one file of cases holds for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from forum.spoilers.model import EVERYWHERE, Expiry, Point, Progress, Reader, Scope, Seen, Unit, Work


def is_shown(scope: Scope, reader: Reader, now: datetime, expiry: Expiry) -> bool:
    """Whether a reader may see what carries a scope: when every point of it is cleared. No points: always."""
    return all(cleared(point, reader, now, expiry) for point in scope.points)


def cleared(point: Point, reader: Reader, now: datetime, expiry: Expiry) -> bool:
    """Whether a point gives nothing away to a reader.

    "Show everything" clears all. What nobody can name is cleared by nothing else. Not minding a work clears all of it,
    not having started it nothing. Who has said nothing about a work is protected until the point expires. Being at a
    unit clears the chain up to and including it; never an open end, and never a branch unit, which needs its tick.
    """
    if reader.show_all:
        return True
    if point.work is None:
        return False
    progress = reader.progress.get(point.work)
    if progress is None:
        return has_expired(point, now, expiry)
    if progress.state is Seen.DONT_CARE:
        return True
    if progress.state is Seen.NONE or point.unit is None:
        return False
    if point.unit.ord is None:
        return point.unit.id in reader.ticks
    return progress.unit is not None and progress.unit.ord is not None and point.unit.ord <= progress.unit.ord


def has_expired(point: Point, now: datetime, expiry: Expiry) -> bool:
    """Whether a point has stopped being a spoiler for those who said nothing: from the moment it expires on."""
    moment = expires_at(point, expiry)
    return moment is not None and moment <= now


def expires_at(point: Point, expiry: Expiry) -> datetime | None:
    """When a point expires: so many days after its unit's last release that counts. None: never.

    What has no unit never expires, nor does a unit whose last release nobody knows.
    """
    if expiry.days is None or point.unit is None:
        return None
    released = last_release(point.unit, expiry.regions)
    try:
        return None if released is None else released + timedelta(days=expiry.days)
    except OverflowError:
        return None


def last_release(unit: Unit, regions: frozenset[str] | None) -> datetime | None:
    """When a unit was out in all of these regions (None: in all that are known); None when that is not known.

    A release everywhere is one in every region. A region without a release keeps a unit unreleased: it may still come
    out there.
    """
    released = unit.released
    if regions is None or not regions:
        return max(released.values(), default=None)
    moments = [released.get(region, released.get(EVERYWHERE)) for region in regions]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def first_release(unit: Unit) -> datetime | None:
    """When a unit first came out anywhere; None when no release is known."""
    return min(unit.released.values(), default=None)


def reader_of(
    progress: Mapping[str, tuple[str, str | None]],
    ticks: Mapping[str, Iterable[str]],
    works: Mapping[str, Work],
    *,
    show_all: bool = False,
) -> Reader:
    """A reader from what a browser says: (state, unit code) by work, and codes of ticked branch units by work.

    What names no work of `works`, no state or no unit counts as the least that it can mean: nothing seen.
    """
    said: dict[str, Progress] = {}
    ticked: set[int] = set()
    for work_id, (state, code) in progress.items():
        work = works.get(work_id)
        unit = None if work is None or code is None else work.unit(code)
        said[work_id] = Progress(Seen(state) if state in _STATES else Seen.NONE, unit)
    for work_id, codes in ticks.items():
        work = works.get(work_id)
        units = [] if work is None else [work.unit(code) for code in codes]
        ticked.update(unit.id for unit in units if unit is not None and unit.branch)
    return Reader(said, frozenset(ticked), show_all)


_STATES = frozenset(Seen)
