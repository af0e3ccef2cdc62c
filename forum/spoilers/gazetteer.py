"""Every name in the catalogue, in memory: what a word may mean before anybody asks the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forum.spoilers.labels import parse_label
from forum.spoilers.model import Kind, Scope
from forum.spoilers.names import normalise
from forum.spoilers.scopes import label_of


@dataclass(frozen=True, slots=True)
class Named:
    """A work with all it is called."""

    id: str
    kind: Kind
    title: str
    franchise: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All works by id, their titles, and the ids of the works that go by a name. Make one with `Gazetteer.of`."""

    revision: int
    works: Mapping[str, Named]
    titles: Mapping[str, str]
    by_name: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, revision: int, works: Iterable[Named]) -> Gazetteer:
        """The gazetteer of these works, as they stand at a revision of the catalogue."""
        by_id = {work.id: work for work in works}
        names: dict[str, dict[str, None]] = defaultdict(dict)
        for work in by_id.values():
            for name in (work.title, *work.aliases):
                names[normalise(name)][work.id] = None
        names.pop("", None)
        titles = {work.id: work.title for work in by_id.values()}
        return cls(revision, by_id, titles, {name: tuple(ids) for name, ids in names.items()})

    def called(self, norm: str) -> tuple[str, ...]:
        """The ids of the works with this normalised name."""
        return self.by_name.get(norm, ())

    def has(self, work_id: str) -> bool:
        """Whether there is a work with this id."""
        return work_id in self.works

    def knows(self, text: str, *, prefer: Sequence[str] = ()) -> bool:
        """Whether a text in brackets is a label: whether it names a work, or a unit where the discussion has works."""
        parsed = parse_label(text, self)
        return parsed is not None and (parsed.names_works or (bool(prefer) and parsed.is_units))

    def label(self, scope: Scope) -> str:
        """A scope as people read it (see `forum.spoilers.scopes.label_of`)."""
        return label_of(scope, self.titles)

    def franchises(self, work_ids: Iterable[str]) -> frozenset[str]:
        """The franchises these works belong to."""
        found = (self.works[key].franchise for key in work_ids if key in self.works)
        return frozenset(franchise for franchise in found if franchise is not None)
