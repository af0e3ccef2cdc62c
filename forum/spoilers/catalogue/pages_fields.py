"""What the editors' form holds: a work as lines of text, there and back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_line
from forum.errors import FieldError, Invalid
from forum.spoilers.catalogue.drafts import DraftUnit, DraftWork
from forum.spoilers.catalogue.lines import LineProblem, read_groups, read_units, write_groups, write_units
from forum.spoilers.catalogue.service_works import MOST_NAME, WORK_ID
from forum.spoilers.model import Group, Kind, Relation, Work
from forum.spoilers.names import normalise
from forum.web.languages import Language

T = TypeVar("T")
# The fields that say what the work is, in the order of the form.
WORK_FIELDS: Final = (
    *("title", "kind", "id", "franchise", "new_franchise", "aliases", "groups", "units", "branch"),
    *(relation.value for relation in Relation),
)
FORM_FIELDS: Final = frozenset({*WORK_FIELDS, "seen", "lang", "secret", "preview", "save"})
EMPTY: Final[Mapping[str, str]] = dict.fromkeys(WORK_FIELDS, "") | {"kind": Kind.TV.value}
# Longer than this with its lines a work fits into no form: the request has a limit.
MOST_TYPED: Final = 50_000
# An id that the address of the empty form has taken.
TAKEN: Final = "new"
_SEPARATOR: Final = re.compile(r"[,;\s]+")
ID_USED: Final = N_("“%(found)s” is the short name of another work. Correct that one, or choose another name.")
SENTENCES: Final[Mapping[str, str]] = {
    "bad_code": N_("Line %(line)s: “%(text)s” is no code. A code is short and has no space, “:”, “+” or “|”."),
    "bad_range": N_("Line %(line)s: “%(text)s” is no run of parts. Write it like S1E1..S1E13."),
    "bad_date": N_("Line %(line)s: “%(text)s” is no date. Write it like 2016-04-29 or GB 2016-04-29."),
    "bad_number": N_("Line %(line)s: “%(text)s” is no number of parts."),
    "too_many_parts": N_("Line %(line)s has more bars than a line can have: “%(text)s”."),
    "too_many_units": N_("These are more parts than a form takes. Let the operator import a file."),
    "twice": N_("Line %(line)s: “%(text)s” is there twice."),
    "in_order_too": N_("“%(text)s” is among the parts in order too."),
    "no_title": N_("Please give the title."),
    "bad_name": N_("A name has 1 to 200 characters: “%(text)s”."),
    "no_kind": N_("Please choose one of these."),
    "no_franchise": N_("That franchise is not there any more."),
    "franchise_known": N_("There is a franchise called “%(text)s” already: choose it from the list."),
    "no_id": N_("Small letters, digits and hyphens only. From this title none could be made."),
    "id_used": ID_USED,
    "no_work": N_("“%(text)s” is no short name of a work."),
}


class FormRefused(Invalid):
    """The form can't be taken as it is: `said` holds by field what is wrong, as (sentence, what fills it)."""

    def __init__(self, said: Mapping[str, tuple[str, Mapping[str, object]]]) -> None:
        super().__init__(errors=tuple(FieldError(name, "wrong_value") for name in said))
        self.said = said

    def sentences(self, language: Language) -> dict[str, str]:
        """What is wrong, by field."""
        return {name: language.text(sentence, params) for name, (sentence, params) in self.said.items()}


@dataclass(frozen=True, slots=True)
class Written:
    """A form, read: the work, and the titles of franchises (by id) that it adds."""

    work: DraftWork
    franchises: Mapping[str, str]


def fields_of(work: Work) -> dict[str, str]:
    """The form of a work that is there."""
    others = {rel: ", ".join(other for known, other in work.relations if known is rel) for rel in Relation}
    return {
        **EMPTY,
        "title": work.title,
        "kind": work.kind.value,
        "id": work.id,
        "franchise": work.franchise or "",
        "aliases": "\n".join(work.aliases),
        "groups": write_groups(work.groups),
        "units": write_units(work.chain),
        "branch": write_units(unit for unit in work.units if unit.branch),
        **{rel.value: others[rel] for rel in Relation},
    }


def fits(fields: Mapping[str, str]) -> bool:
    """Whether a form can bring these fields back: as bytes, each line with both characters of its end."""
    return sum(len(value.encode()) + value.count("\n") for value in fields.values()) <= MOST_TYPED


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the form, but for the key."""
    return {**EMPTY, **{name: values[name] for name in WORK_FIELDS if name in values}}


def read_form_of(values: Mapping[str, str], known: Work | None, franchises: Mapping[str, str]) -> Written:
    """The work that a form describes; raises FormRefused. `known` is the work as it is now, None for a new one.

    `franchises` are those there are. What the form does not show stays as it is: titles of parts, ids elsewhere.
    """
    return _Reading(typed(values), known, franchises).read()


@dataclass(slots=True)
class _Reading:
    """One reading of a form: goes on after a mistake, so that all of them can be mended at once."""

    fields: Mapping[str, str]
    known: Work | None
    franchises: Mapping[str, str]
    said: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)

    def refuse(self, name: str, code: str, text: str = "", line: int = 0) -> None:
        shown = text[:MOST_NAME]
        self.said.setdefault(name, (SENTENCES[code], {"text": shown, "found": shown, "line": line}))

    def read(self) -> Written:
        title = self.title()
        franchise, new = self.franchise()
        work = DraftWork(
            id=self.id(title),
            kind=self.kind(),
            title=title,
            franchise=franchise,
            aliases=self.aliases(),
            units=self.units(),
            groups=self.groups(),
            relations=tuple(pair for relation in Relation for pair in self.relations(relation)),
            origin={} if self.known is None else self.known.origin,
        )
        if self.said:
            raise FormRefused({name: self.said[name] for name in WORK_FIELDS if name in self.said})
        return Written(work, new)

    def title(self) -> str:
        if not self.fields["title"].strip():
            self.refuse("title", "no_title")
            return ""
        return self.name("title", self.fields["title"])

    def name(self, loc: str, text: str) -> str:
        try:
            return clean_line(text, MOST_NAME)
        except TextProblem:
            self.refuse(loc, "bad_name", text.strip())
            return ""

    def kind(self) -> Kind:
        try:
            return Kind(self.fields["kind"])
        except ValueError:
            self.refuse("kind", "no_kind")
            return Kind.OTHER

    def id(self, title: str) -> str:
        if self.known is not None:
            return self.known.id
        found = self.fields["id"].strip() or slug(title)
        if not WORK_ID.fullmatch(found):
            if title:
                self.refuse("id", "no_id")
        elif found == TAKEN:
            self.refuse("id", "id_used", found)
        return found

    def franchise(self) -> tuple[str | None, Mapping[str, str]]:
        """The franchise's id, and its title where it is new."""
        chosen, wanted = self.fields["franchise"], self.fields["new_franchise"]
        if not wanted.strip():
            if chosen and chosen not in self.franchises:
                self.refuse("franchise", "no_franchise")
            return chosen or None, {}
        title = self.name("new_franchise", wanted)
        digest = hashlib.sha256(normalise(title).encode()).hexdigest()[:12]
        found = slug(title) or f"franchise-{digest}"
        if found in self.franchises and normalise(self.franchises[found]) != normalise(title):
            self.refuse("new_franchise", "franchise_known", self.franchises[found])
        return found, {} if found in self.franchises else {found: title}

    def aliases(self) -> tuple[str, ...]:
        lines = [line for line in self.fields["aliases"].splitlines() if line.strip()]
        names = {normalise(name): name for name in reversed([self.name("aliases", line) for line in lines])}
        return tuple(reversed(names.values()))

    def groups(self) -> tuple[Group, ...]:
        known = {} if self.known is None else {group.code: group for group in self.known.groups}
        read = self.lines("groups", read_groups)
        return tuple(_group(group, known.get(group.code)) for group in read)

    def units(self) -> tuple[DraftUnit, ...]:
        chain = self.lines("units", read_units)
        branch = self.lines("branch", read_units)
        both = {unit.code for unit in chain} & {unit.code for unit in branch}
        if both:
            self.refuse("branch", "in_order_too", min(both))
        marked = [replace(unit, place="units") for unit in chain]
        marked += [replace(unit, place="branch", branch=True) for unit in branch]
        known = {} if self.known is None else {unit.code: unit for unit in self.known.units}
        return tuple(
            replace(unit, id=known[unit.code].id, title=known[unit.code].title) if unit.code in known else unit
            for unit in marked
        )

    def lines(self, name: str, read: Callable[[str], tuple[T, ...]]) -> tuple[T, ...]:
        try:
            return read(self.fields[name])
        except LineProblem as problem:
            self.refuse(name, problem.code, problem.text, problem.line)
            return ()

    def relations(self, relation: Relation) -> list[tuple[Relation, str]]:
        ids = dict.fromkeys(part for part in _SEPARATOR.split(self.fields[relation.value]) if part)
        for other in ids:
            if not WORK_ID.fullmatch(other):
                self.refuse(relation.value, "no_work", other)
        return [(relation, other) for other in ids]


def _group(read: Group, known: Group | None) -> Group:
    """A group as it was typed, with what the form does not show. A number says by itself when it is complete."""
    if known is None:
        return read
    return replace(known, expected=read.expected, complete=known.complete and read.expected is None)


def slug(title: str) -> str:
    """An id made from a title; "" where the title has no letters that an id may have."""
    return re.sub("[^a-z0-9]+", "-", normalise(title)).strip("-")[:100].rstrip("-")
