"""What an import changes, as data: for people to read before and after, and for the storage to carry out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum

from forum.spoilers.model import Group, Unit, Work
from forum.spoilers.names import normalise


class Sign(StrEnum):
    """What happened to something."""

    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"


class Part(StrEnum):
    """What it happened to."""

    FRANCHISE = "franchise"
    WORK = "work"
    TITLE = "title"
    KIND = "kind"
    MEMBERSHIP = "in franchise"
    ORIGIN = "id elsewhere"
    ALIAS = "alias"
    RELATION = "relation"
    GROUP = "group"
    UNIT = "unit"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Change:
    """Something of a work (None: of the catalogue): `name` says what, `before` and `after` how."""

    work: str | None
    sign: Sign
    part: Part
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Collision:
    """A name that now means several works. What was written before keeps its meaning."""

    name: str
    works: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pin:
    """An open point of a scope that now has an end: `code` of `work`, the last unit of `group`."""

    scope_id: int
    seq: int
    unit_id: int
    work: str
    group: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A unit that spoilers pointed at is gone: they point at `into` now, or at the open end of its group if None."""

    unit_id: int
    work: str
    code: str
    group: str | None
    into: int | None
    into_code: str | None


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything an import changes, or would change. `kept`: codes of units, by work, that the file does not have."""

    changes: tuple[Change, ...] = ()
    collisions: tuple[Collision, ...] = ()
    pins: tuple[Pin, ...] = ()
    merges: tuple[Merge, ...] = ()
    kept: Mapping[str, tuple[str, ...]] | None = None

    def __bool__(self) -> bool:
        return bool(self.changes or self.pins or self.merges)


def compare(before: Work | None, after: Work) -> tuple[Change, ...]:
    """The changes that make one work of the other."""
    if before is None:
        added = Change(after.id, Sign.ADDED, Part.WORK, after.title, after=after.kind)
        nothing = replace(after, units=(), aliases=(), groups=(), relations=())
        return (added, *_changes(nothing, after))
    return tuple(_changes(before, after))


def _changes(before: Work, after: Work) -> Iterator[Change]:
    yield from _values(before, after)
    yield from _sets(before, after, Part.ORIGIN, _origin(before), _origin(after))
    yield from _sets(before, after, Part.ALIAS, named(before), named(after))
    yield from _sets(before, after, Part.RELATION, _related(before), _related(after))
    yield from _groups(before, after)
    yield from _units(before, after)


def _values(before: Work, after: Work) -> Iterator[Change]:
    for part, old, new in (
        (Part.TITLE, before.title, after.title),
        (Part.KIND, str(before.kind), str(after.kind)),
        (Part.MEMBERSHIP, before.franchise or "", after.franchise or ""),
    ):
        if old != new:
            yield Change(after.id, Sign.CHANGED, part, "", old, new)


def named(work: Work) -> dict[str, str]:
    """A work's other names: as they are compared, and as they are shown."""
    return {normalise(alias): alias for alias in work.aliases}


def _origin(work: Work) -> dict[str, str]:
    return {source: f"{source} {value}" for source, value in work.origin.items()}


def _related(work: Work) -> dict[str, str]:
    return {f"{rel} {other}": f"{rel} {other}" for rel, other in work.relations}


def _sets(before: Work, after: Work, part: Part, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            yield Change(after.id, Sign.ADDED, part, new[key])
        elif key not in new:
            yield Change(before.id, Sign.REMOVED, part, old[key])
        elif old[key] != new[key]:
            yield Change(after.id, Sign.CHANGED, part, "", old[key], new[key])


def _groups(before: Work, after: Work) -> Iterator[Change]:
    old, new = {group.code: group for group in before.groups}, {group.code: group for group in after.groups}
    for code, group in new.items():
        if code not in old:
            yield Change(after.id, Sign.ADDED, Part.GROUP, code, after=_said(group))
        elif old[code] != group:
            yield Change(after.id, Sign.CHANGED, Part.GROUP, code, _said(old[code]), _said(group))
    for code in old.keys() - new.keys():
        yield Change(after.id, Sign.REMOVED, Part.GROUP, code)
    if old.keys() == new.keys() and [*old] != [*new]:
        yield Change(after.id, Sign.CHANGED, Part.ORDER, "groups", " ".join(old), " ".join(new))


def _said(group: Group) -> str:
    words = [group.title or "", f"{group.expected} units" if group.expected is not None else ""]
    return ", ".join([word for word in words if word] + ["complete" if group.complete else "not complete"])


def _units(before: Work, after: Work) -> Iterator[Change]:
    old, new = {unit.id: unit for unit in before.units}, {unit.id: unit for unit in after.units}
    for key, unit in new.items():
        if key not in old:
            yield Change(after.id, Sign.ADDED, Part.UNIT, unit.code, after=described(unit))
        elif (was := described(old[key])) != (now := described(unit)):
            yield Change(after.id, Sign.CHANGED, Part.UNIT, unit.code, was, now)
    for key, unit in old.items():
        if key not in new:
            yield Change(after.id, Sign.REMOVED, Part.UNIT, unit.code)
    was_order = [unit.id for unit in before.chain if unit.id in new and not new[unit.id].branch]
    now_order = [unit.id for unit in after.chain if unit.id in old and not old[unit.id].branch]
    if was_order != now_order:
        first = next(unit for unit, other in zip(now_order, was_order, strict=True) if unit != other)
        yield Change(after.id, Sign.CHANGED, Part.ORDER, "units", after=f"from {new[first].code} on")


def described(unit: Unit) -> str:
    """All that a unit says but its place in the chain."""
    words = [unit.code or "(whole)", f"in {unit.group}" if unit.group else ""]
    words += ["beside the chain"] if unit.branch else []
    words += [f"{region} {_moment(moment)}" for region, moment in sorted(unit.released.items())]
    words += [f"{source} {value}" for source, value in sorted(unit.ext.items())]
    return ", ".join([word for word in words if word] + ([repr(unit.title)] if unit.title else []))


def _moment(moment: datetime) -> str:
    """A date, with the time where one was given."""
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
