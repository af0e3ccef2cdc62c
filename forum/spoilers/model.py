"""Works and their units, points and scopes, readers and how far they are.

A *work* is a narrative that is taken in order; a *unit* is the smallest part of it one can have finished. A *point*
says "up to and including this unit of this work"; a *scope* is a set of points, all of which a reader must have
cleared. A *passage* is a covered stretch of a comment and carries a scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

# How the special points are written where a unit's code stands otherwise.
OPEN_CODE = "*"
UNSPEC_WORK = "?"
# Released everywhere at once, or nobody said where.
EVERYWHERE = "*"
# The tag of everything that shows a work, a unit or the name of one.
CATALOGUE_TAG = "catalogue"
# The tag of what knows every scope there is.
SCOPES_TAG = "scopes"
NOTHING: Mapping[str, str] = MappingProxyType({})
NEVER: Mapping[str, datetime] = MappingProxyType({})


class Kind(StrEnum):
    """What sort of narrative a work is."""

    TV = "tv"
    FILM = "film"
    COMIC = "comic"
    BOOK = "book"
    GAME = "game"
    PODCAST = "podcast"
    OTHER = "other"


class Relation(StrEnum):
    """How one work has to do with another. For suggestions only: no relation ever clears anything."""

    BASED_ON = "based_on"
    FOLLOWS = "follows"
    CROSSES_OVER = "crosses_over"


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a work. `ord` is its place in the chain, None for a branch unit (cleared only by an explicit tick).

    `code` is unique in the work ("S1E13", "#7", "" for a film). `released` says when, by region ("GB", or "*").
    Two units are the same when their ids are, whatever they are called now.
    """

    id: int
    work_id: str = field(compare=False)
    code: str = field(compare=False)
    ord: int | None = field(compare=False)
    group: str | None = field(compare=False, default=None)
    title: str | None = field(compare=False, default=None)
    released: Mapping[str, datetime] = field(compare=False, default_factory=lambda: NEVER)
    ext: Mapping[str, str] = field(compare=False, default_factory=lambda: NOTHING)

    @property
    def branch(self) -> bool:
        """Whether it stands beside the chain: a special, a tie-in, an alternate cut."""
        return self.ord is None


@dataclass(frozen=True, slots=True)
class Group:
    """A season, volume or arc. `complete`: all its units are catalogued; `expected`: how many there will be."""

    code: str
    title: str | None = None
    expected: int | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A work as the catalogue knows it: `units` in the order of the chain, branch units after them.

    `origin` holds the work's ids elsewhere by source ("tvmaze": "1369"). `aliases` are other names, as displayed.
    """

    id: str
    kind: Kind
    title: str
    franchise: str | None = None
    aliases: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    groups: tuple[Group, ...] = ()
    relations: tuple[tuple[Relation, str], ...] = ()
    origin: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def unit(self, code: str) -> Unit | None:
        """The unit with this code."""
        return next((unit for unit in self.units if unit.code == code), None)

    @property
    def chain(self) -> tuple[Unit, ...]:
        """The units that are taken in order."""
        return tuple(unit for unit in self.units if unit.ord is not None)


@dataclass(frozen=True, slots=True)
class Point:
    """Up to and including `unit` of `work` (an id).

    Without a unit it is OPEN: the end of something not fully known yet, of `group` if there is one, else of the
    work. Without a work it is UNSPEC: a spoiler, for we don't know what.
    """

    work: str | None
    unit: Unit | None = None
    group: str | None = None

    @property
    def is_open(self) -> bool:
        return self.work is not None and self.unit is None

    @property
    def token(self) -> str:
        """How it is written for programs: `work:code`, `work:*` when open, `?:` when nobody knows."""
        if self.work is None:
            return f"{UNSPEC_WORK}:"
        return f"{self.work}:{OPEN_CODE if self.unit is None else self.unit.code}"

    @property
    def key(self) -> str:
        """What tells it from every other point for ever: the id of its unit, not the code."""
        if self.work is None:
            return UNSPEC_WORK
        return f"{self.work}:{OPEN_CODE}{self.group or ''}" if self.unit is None else f"{self.work}:{self.unit.id}"


UNSPEC = Point(None)


@dataclass(frozen=True, slots=True)
class Scope:
    """Points that must all be cleared, in normal form: of each work's chain only the furthest unit. Empty: none.

    Make one with `Scope.of`; `|` is the only operation.
    """

    points: frozenset[Point] = frozenset()

    @classmethod
    def of(cls, points: Iterable[Point]) -> Scope:
        """The scope of these points, in normal form."""
        furthest: dict[str, Point] = {}
        others: set[Point] = set()
        for point in points:
            if point.work is None or point.unit is None or point.unit.ord is None:
                others.add(point)
                continue
            known = furthest.get(point.work)
            if known is None or (known.unit is not None and (known.unit.ord or 0) < point.unit.ord):
                furthest[point.work] = point
        return cls(frozenset(others | set(furthest.values())))

    def __or__(self, other: Scope) -> Scope:
        return Scope.of(self.points | other.points) if other.points else self

    def __bool__(self) -> bool:
        return bool(self.points)

    def __le__(self, other: Scope) -> bool:
        """Whether whoever has cleared `other` has cleared this one too, whatever else may be true of them."""
        return self | other == other

    @property
    def in_order(self) -> tuple[Point, ...]:
        """The points in one fixed order."""
        return tuple(sorted(self.points, key=lambda point: point.key))

    @property
    def canon(self) -> str:
        """The text under which it is interned; the same for equal scopes and for no others."""
        return "+".join(point.key for point in self.in_order)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The points as programs read them."""
        return tuple(sorted({point.token for point in self.points}))


NO_SCOPE = Scope()
UNSPEC_SCOPE = Scope(frozenset({UNSPEC}))


class Seen(StrEnum):
    """What a reader says about a work. Nothing said: unknown."""

    NONE = "none"
    AT = "at"
    DONT_CARE = "dont_care"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reader is in one work: `unit` with AT."""

    state: Seen
    unit: Unit | None = None


NO_PROGRESS: Mapping[str, Progress] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader has said: progress by work id, ids of ticked branch units, or that everything may be shown."""

    progress: Mapping[str, Progress] = field(default_factory=lambda: NO_PROGRESS)
    ticks: frozenset[int] = frozenset()
    show_all: bool = False


NOBODY = Reader()


@dataclass(frozen=True, slots=True)
class Expiry:
    """After how many days from the last release a spoiler stops being one, for readers who have said nothing.

    `days` None: never. `regions`: those whose releases count, None for all that are known.
    """

    days: int | None = None
    regions: frozenset[str] | None = None


NO_EXPIRY = Expiry()


class CoverState(StrEnum):
    """How a comment came to its cover: open → flagged → covered_pending → covered_confirmed or restored."""

    OPEN = "open"
    FLAGGED = "flagged"
    PENDING = "covered_pending"
    CONFIRMED = "covered_confirmed"
    RESTORED = "restored"
