"""What a form would change, in sentences for editors. No title of a part is among them: those are spoilers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Final

from forum.core.i18n import N_
from forum.spoilers.catalogue.differences import Change, Diff, Part, Sign, described
from forum.spoilers.catalogue.drafts import DraftWork
from forum.spoilers.catalogue.lines import write_groups, write_units
from forum.spoilers.catalogue.pages_view import KIND_NAMES, RELATION_NAMES
from forum.spoilers.model import Group, Kind, Work
from forum.web.languages import Language

# Beyond these the rest is counted.
MOST_SHOWN: Final = 200
SENTENCES: Final[Mapping[tuple[Part, Sign], str]] = {
    (Part.FRANCHISE, Sign.ADDED): N_("New franchise: %(after)s"),
    (Part.WORK, Sign.ADDED): N_("New work: %(name)s"),
    (Part.TITLE, Sign.CHANGED): N_("Title: %(before)s → %(after)s"),
    (Part.KIND, Sign.CHANGED): N_("Kind: %(before)s → %(after)s"),
    (Part.MEMBERSHIP, Sign.CHANGED): N_("Franchise: %(before)s → %(after)s"),
    (Part.ALIAS, Sign.ADDED): N_("New name: %(name)s"),
    (Part.ALIAS, Sign.CHANGED): N_("Name: %(before)s → %(after)s"),
    (Part.ALIAS, Sign.REMOVED): N_("No longer a name: %(name)s"),
    (Part.RELATION, Sign.ADDED): N_("New relation: %(name)s"),
    (Part.RELATION, Sign.REMOVED): N_("No longer a relation: %(name)s"),
    (Part.GROUP, Sign.ADDED): N_("New group: %(after)s"),
    (Part.GROUP, Sign.CHANGED): N_("Group: %(before)s → %(after)s"),
    (Part.GROUP, Sign.REMOVED): N_("No longer a group: %(name)s"),
    (Part.UNIT, Sign.ADDED): N_("New part: %(after)s"),
    (Part.UNIT, Sign.CHANGED): N_("Part: %(before)s → %(after)s"),
    (Part.UNIT, Sign.REMOVED): N_("No longer a part: %(name)s"),
    (Part.ORDER, Sign.CHANGED): N_("The order changes."),
}
NEW_PART: Final = (Part.UNIT, Sign.ADDED)
SOMETHING: Final = N_("Something else changes: %(name)s")
COLLISION: Final = N_("“%(name)s” now means several works (%(works)s). Whoever writes it is asked which.")
PINNED: Final = N_("Spoilers that were open-ended now end at %(code)s: %(count)s")
COMPLETE, NOT_COMPLETE = N_("%(group)s, complete"), N_("%(group)s, not complete yet")
NONE, WHOLE = N_("none"), N_("the whole work")


def sentences(
    diff: Diff, draft: DraftWork, known: Work | None, franchises: Mapping[str, str], language: Language
) -> tuple[str, ...]:
    """The changes one by one, then what follows from them. `franchises`: titles by id, new ones included."""
    teller = _Teller(draft, known, franchises, language)
    everything = teller.tell_all(diff.changes)
    told = everything[:MOST_SHOWN]
    if len(everything) > MOST_SHOWN:
        more = len(everything) - MOST_SHOWN
        told.append(language.text(N_("and %(count)s more"), {"count": language.number(more)}))
    for collision in diff.collisions:
        told.append(language.text(COLLISION, {"name": collision.name, "works": ", ".join(collision.works)}))
    for code, count in sorted(Counter(pin.code for pin in diff.pins).items()):
        where = code or language.text(WHOLE)
        told.append(language.text(PINNED, {"code": where, "count": language.number(count)}))
    return tuple(told)


class _Teller:
    """Says changes of one work: its parts and groups as the form has them."""

    def __init__(self, draft: DraftWork, known: Work | None, franchises: Mapping[str, str], language: Language) -> None:
        self._draft = draft
        self._known = known
        self._franchises = franchises
        self._language = language
        self._ways: Mapping[Part, Callable[[Change], tuple[str, str, str]]] = {
            Part.KIND: self._kind,
            Part.MEMBERSHIP: self._membership,
            Part.RELATION: self._relation,
            Part.GROUP: self._group,
            Part.UNIT: self._unit,
        }
        self._now = {unit.code: unit for unit in draft.units}
        # A changed part may have another code now: what it was is known by its description.
        self._was = {described(unit): unit for unit in (known.units if known else ())}

    def tell_all(self, changes: Iterable[Change]) -> list[str]:
        """The changes as sentences; parts that are new together share one, as they share a line of the form."""
        told: list[str] = []
        for is_new_part, some in groupby(changes, lambda change: (change.part, change.sign) == NEW_PART):
            if not is_new_part:
                told += [self.tell(change) for change in some]
                continue
            units = [self._now[change.name] for change in some]
            told += [self._say(NEW_PART, after=self._line(line)) for line in write_units(units).split("\n")]
        return told

    def tell(self, change: Change) -> str:
        """One change as a sentence."""
        way = self._ways.get(change.part)
        name, before, after = way(change) if way else (change.name, change.before, change.after)
        return self._say((change.part, change.sign), name, before, after)

    def _say(self, what: tuple[Part, Sign], name: str = "", before: str = "", after: str = "") -> str:
        params = {"name": name, "before": before, "after": after}
        return self._language.text(SENTENCES.get(what, SOMETHING), params)

    def _line(self, line: str) -> str:
        """A line of the form, which is a bar where there is nothing to say."""
        return self._language.text(WHOLE) if line == "|" else line

    def _kind(self, change: Change) -> tuple[str, str, str]:
        before, after = (self._language.text(KIND_NAMES[Kind(kind)]) for kind in (change.before, change.after))
        return change.name, before, after

    def _membership(self, change: Change) -> tuple[str, str, str]:
        before, after = (
            self._franchises.get(key, key) or self._language.text(NONE) for key in (change.before, change.after)
        )
        return change.name, before, after

    def _relation(self, change: Change) -> tuple[str, str, str]:
        rel, _, other = change.name.partition(" ")
        names = {known.value: name for known, name in RELATION_NAMES.items()}
        return f"{self._language.text(names[rel])}: {other}", "", ""

    def _group(self, change: Change) -> tuple[str, str, str]:
        before = _first(write_groups([group]) for group in _groups_of(self._known) if group.code == change.name)
        after = _first(write_groups([group]) for group in self._draft.groups if group.code == change.name)
        return (
            change.name,
            self._state(before or change.name, change.before),
            self._state(after or change.name, change.after),
        )

    def _state(self, group: str, said: str) -> str:
        sentence = NOT_COMPLETE if said.endswith("not complete") else COMPLETE
        return self._language.text(sentence, {"group": group})

    def _unit(self, change: Change) -> tuple[str, str, str]:
        was = self._was.get(change.before)
        now = self._now.get(change.name)
        before, after = (self._line("" if unit is None else write_units([unit])) for unit in (was, now))
        return change.name or self._language.text(WHOLE), before, after


def _groups_of(work: Work | None) -> Iterable[Group]:
    return () if work is None else work.groups


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")
