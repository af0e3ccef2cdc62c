"""Putting drafts together with what the catalogue knows: pure, so that it can be shown before it is done.

Three ways. An import adds: what the file does not have stays. An editor's form is exact: what it does not say goes. A
merge is an import that may take away and reorder even what spoilers point at; these then point at the unit before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from forum.spoilers.catalogue.differences import Change, Collision, Diff, Merge, Part, Sign, compare, named
from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.matching import arrange, moved, number, pair_units
from forum.spoilers.catalogue.natural import natural
from forum.spoilers.catalogue.pinning import OpenPoint, pins_of
from forum.spoilers.model import Group, Relation, Unit, Work
from forum.spoilers.names import normalise

NewId = Callable[[], int]


class Mode(Enum):
    """What a draft's silence means, and how much it may do."""

    ADD = "add"
    EXACT = "exact"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue says, as far as a plan needs it.

    `works`: whole, by id; `matched`: for each draft's id the work it is. `names`: the works each compared name means.
    `referenced`: ids of units that scopes point at.
    """

    works: Mapping[str, Work] = field(default_factory=dict)
    matched: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    franchises: Mapping[str, str] = field(default_factory=dict)
    referenced: frozenset[int] = frozenset()
    open_points: tuple[OpenPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The works as they are to be, those of them that are not so yet, and what that changes."""

    after: tuple[Work, ...]
    differing: tuple[Work, ...]
    franchises: Mapping[str, str]
    diff: Diff


def plan_import(known: Known, catalogue: Catalogue, mode: Mode, new_id: NewId) -> Plan:
    """Put a checked catalogue together with what is known; raises CatalogueProblem where that may not be done."""
    franchises = {**known.franchises, **catalogue.franchises}
    changes = list(_franchise_changes(known, catalogue))
    merged = [_Merging(known, draft, mode, new_id).run() for draft in catalogue.works]
    for draft, one in zip(catalogue.works, merged, strict=True):
        if one.after.franchise is not None and one.after.franchise not in franchises:
            raise CatalogueProblem("franchise_unknown", draft.place, found=repr(one.after.franchise))
        changes += compare(known.works.get(one.after.id), one.after)
    after = {one.after.id: one.after for one in merged}
    diff = Diff(
        changes=tuple(changes),
        collisions=tuple(_collisions(known, after)),
        pins=tuple(pin for point in known.open_points for pin in pins_of(point, after.get(point.work_id))),
        merges=tuple(merge for one in merged for merge in one.merges),
        kept={one.after.id: one.kept for one in merged if one.kept},
    )
    changed = {change.work for change in changes}
    differing = tuple(work for work in after.values() if work.id in changed)
    return Plan(tuple(after.values()), differing, catalogue.franchises, diff)


def _franchise_changes(known: Known, catalogue: Catalogue) -> Iterable[Change]:
    for key, title in catalogue.franchises.items():
        if key not in known.franchises:
            yield Change(None, Sign.ADDED, Part.FRANCHISE, key, after=title)
        elif known.franchises[key] != title:
            yield Change(None, Sign.CHANGED, Part.FRANCHISE, key, known.franchises[key], title)


def _collisions(known: Known, after: Mapping[str, Work]) -> Iterable[Collision]:
    """Names that mean more works than before, and more than one."""
    meant: dict[str, set[str]] = {
        name: {work for work in works if work not in after} for name, works in known.names.items()
    }
    shown: dict[str, str] = {}
    for work in after.values():
        for name, display in {**named(work), normalise(work.title): work.title}.items():
            meant.setdefault(name, set()).add(work.id)
            shown[name] = min(display, shown.get(name, display), key=len)
    for name, works in sorted(meant.items()):
        if len(works) > 1 and works - known.names.get(name, frozenset()):
            yield Collision(shown.get(name, name), tuple(sorted(works)))


@dataclass(frozen=True, slots=True)
class _Merged:
    after: Work
    merges: tuple[Merge, ...]
    kept: tuple[str, ...]


@dataclass(slots=True)
class _Merging:
    """One work on its way."""

    known: Known
    draft: DraftWork
    mode: Mode
    new_id: NewId
    before: Work | None = None
    id: str = ""

    def run(self) -> _Merged:
        """The work as it is to be."""
        self.id = self.known.matched.get(self.draft.id, self.draft.id)
        if not self.id:
            raise CatalogueProblem("id_needed", self.draft.place)
        self.before = self.known.works.get(self.id)
        old = self.before.units if self.before else ()
        paired = pair_units(old, self.draft.units)
        found = {unit.id for unit in paired if unit is not None}
        missing = [unit for unit in old if unit.id not in found]
        kept = missing if self.mode is Mode.ADD else []
        units = {unit.id: unit for unit in kept}
        beside = {unit.id for unit in kept if unit.branch}
        wanted: list[int] = []
        for draft, unit in zip(self.draft.units, paired, strict=True):
            new = self._unit(draft, unit)
            units[new.id] = new
            if draft.branch:
                beside.add(new.id)
            else:
                wanted.append(new.id)
        self._require_codes(kept, wanted, beside, units)
        chain = arrange(
            [unit.id for unit in old if not unit.branch and unit.id in units and unit.id not in beside],
            wanted,
            lambda key: natural(units[key].code),
        )
        self._require_order(old, chain, beside)
        merges = tuple(self._merges([] if self.mode is Mode.ADD else missing, old, chain, units))
        return _Merged(self._work(units, chain, beside), merges, tuple(unit.code for unit in kept))

    def _unit(self, draft: DraftUnit, unit: Unit | None) -> Unit:
        """The unit that is to be, its place not yet known."""
        new = Unit(
            id=self.new_id() if unit is None else unit.id,
            work_id=self.id,
            code=draft.code,
            ord=None,
            group=draft.group,
            title=draft.title,
            released=dict(sorted(draft.released.items())),
            ext=draft.ext,
        )
        if unit is None:
            return new
        new = replace(new, ext=dict(sorted({**unit.ext, **draft.ext}.items())))
        if self.mode is Mode.EXACT:
            return new
        return replace(
            new,
            group=draft.group or unit.group,
            title=draft.title or unit.title,
            released=dict(sorted({**unit.released, **draft.released}.items())),
        )

    def _require_codes(
        self, kept: Iterable[Unit], wanted: list[int], beside: set[int], units: Mapping[int, Unit]
    ) -> None:
        taken = {unit.code for unit in kept}
        ours = {unit.id for unit in kept}
        for key in (*wanted, *beside):
            if key not in ours and units[key].code in taken:
                raise CatalogueProblem("code_taken", self.draft.place, found=f"{self.id} {units[key].code}")

    def _require_order(self, old: Iterable[Unit], chain: list[int], beside: set[int]) -> None:
        """Without a merge, what a point means by "up to and including" stays."""
        if self.mode is Mode.MERGE:
            return
        was, there = [unit for unit in old if not unit.branch], set(chain)
        for unit in old:
            if unit.id in self.known.referenced and unit.id in (there if unit.branch else beside):
                raise CatalogueProblem("reordered", self.draft.place, found=f"{self.id} {unit.code}")
        astray = moved([unit.id for unit in was], chain, self.known.referenced)
        if astray is not None:
            code = next(unit.code for unit in was if unit.id == astray)
            raise CatalogueProblem("reordered", self.draft.place, found=f"{self.id} {code}")

    def _merges(
        self, gone: list[Unit], old: Iterable[Unit], chain: list[int], units: Mapping[int, Unit]
    ) -> Iterable[Merge]:
        """Where spoilers point that pointed at what is gone."""
        was = [unit.id for unit in old if not unit.branch]
        there = set(chain)
        for unit in gone:
            if unit.id not in self.known.referenced:
                continue
            if self.mode is not Mode.MERGE:
                raise CatalogueProblem("referenced", self.draft.place, found=f"{self.id} {unit.code}")
            into = None
            if not unit.branch:
                place = was.index(unit.id)
                # The first of all has nothing before it: then whoever has seen the next one has cleared it.
                near = (key for key in (*reversed(was[:place]), *was[place + 1 :]) if key in there)
                into = next(near, None)
            yield Merge(unit.id, self.id, unit.code, unit.group, into, None if into is None else units[into].code)

    def _work(self, units: Mapping[int, Unit], chain: list[int], beside: set[int]) -> Work:
        known = {unit.id: unit.ord for unit in (self.before.units if self.before else ()) if unit.ord is not None}
        places = number(chain, known)
        ordered = [replace(units[key], ord=places[key]) for key in chain]
        ordered += sorted((units[key] for key in beside), key=lambda unit: (natural(unit.code), unit.code))
        return replace(self._names(), units=tuple(ordered), groups=self._groups(ordered))

    def _names(self) -> Work:
        """The work without its units."""
        draft, before = self.draft, self.before
        if before is None and not draft.title:
            raise CatalogueProblem("title_needed", draft.place)
        title = before.title if before and ("title" in draft.guessed or not draft.title) else draft.title
        adds = self.mode is Mode.ADD or (self.mode is Mode.MERGE and draft.source is not None)
        others = [*before.aliases, before.title] if before and adds else []
        aliases: dict[str, str] = {}
        for name in [*others, *draft.aliases, draft.title]:
            if name and normalise(name) != normalise(title):
                aliases.setdefault(normalise(name), name)
        related = {*(before.relations if before and adds else ()), *self._relations()}
        return Work(
            id=self.id,
            kind=before.kind if before and "kind" in draft.guessed else draft.kind,
            title=title,
            franchise=draft.franchise or (before.franchise if before and self.mode is not Mode.EXACT else None),
            aliases=tuple(aliases[key] for key in sorted(aliases)),
            relations=tuple(sorted(related)),
            origin=dict(sorted({**(before.origin if before else {}), **draft.origin}.items())),
        )

    def _relations(self) -> Iterable[tuple[Relation, str]]:
        for rel, other in self.draft.relations:
            found = self.known.matched.get(other, other)
            if found != self.id:
                yield rel, found

    def _groups(self, units: Iterable[Unit]) -> tuple[Group, ...]:
        """The groups in the order of the chain; what has no unit yet follows."""
        units = list(units)
        before = {group.code: group for group in (self.before.groups if self.before else ())}
        draft = {group.code: group for group in self.draft.groups}
        named_by_units = [unit.group for unit in units if unit.group]
        others = {**draft, **(before if self.mode is Mode.ADD else {})}
        codes = dict.fromkeys([*named_by_units, *sorted(others, key=natural)])
        counts = Counter(unit.group for unit in units if unit.ord is not None)
        return tuple(self._group(draft.get(code, Group(code)), before.get(code), counts[code]) for code in codes)

    def _group(self, draft: Group, before: Group | None, units: int) -> Group:
        """A group that is complete when all it is expected to have is there."""
        if before is None or self.mode is Mode.EXACT:
            before = Group(draft.code)
        expected = draft.expected if draft.expected is not None else before.expected
        whole = expected is not None and units >= expected
        still = before.complete and (expected is None or whole)
        complete = units > 0 and (draft.complete or whole or still)
        return Group(draft.code, draft.title or before.title, expected, complete)
