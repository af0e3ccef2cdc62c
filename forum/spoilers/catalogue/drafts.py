"""What somebody wants the catalogue to say: works as files and editors describe them, before they are matched.

A draft has no unit ids. What it holds is checked by `checking` beside it, and put together with what the catalogue
knows already by `forum.spoilers.catalogue.merging`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from forum.core.i18n import N_
from forum.errors import FieldError, Invalid
from forum.spoilers.model import Group, Kind, Relation

# What can be wrong with a catalogue, by code: a sentence that says what would be right.
PROBLEMS: Final[Mapping[str, str]] = {
    "bad_code": N_("A code has at most 40 characters, none of them white space, “:” or “+”, and is not “*”."),
    "bad_csv": N_("This is not a table of comma-separated values: %(found)s."),
    "bad_date": N_("Expected a date like 2016-04-29 or a moment like 2015-11-20T08:01:00Z, found %(found)s."),
    "bad_encoding": N_("This file is not UTF-8 text."),
    "bad_expected": N_("A group has between 1 and 30,000 units."),
    "bad_id": N_("The id of a work has 1 to 100 lower-case letters, digits and hyphens, and begins with no hyphen."),
    "bad_json": N_("This is not JSON: %(found)s."),
    "bad_kind": N_("Expected one of tv, film, comic, book, game, podcast, other; found %(found)s."),
    "bad_origin": N_("A source has a short name of small letters, and an id there of at most 100 characters."),
    "bad_region": N_("Expected a region like GB, or * for everywhere; found %(found)s."),
    "bad_relation": N_("Expected one of based_on, follows, crosses_over; found %(found)s."),
    "bad_text": N_("Expected a name of 1 to %(most)s characters."),
    "code_taken": N_("%(found)s is the code of a unit that the file does not have. Merging would drop that one."),
    "code_twice": N_("Two units of this work have the code %(found)s."),
    "expected_flag": N_("Expected true or false, found %(found)s."),
    "expected_list": N_("Expected a list, found %(found)s."),
    "expected_number": N_("Expected a whole number, found %(found)s."),
    "expected_object": N_("Expected an object, found %(found)s."),
    "expected_text": N_("Expected text, found %(found)s."),
    "franchise_unknown": N_("There is no franchise %(found)s here; give its title too."),
    "id_needed": N_("The file does not say which work this is: give it an id."),
    "id_taken": N_("There is another work %(found)s here. Give that id if it is this one, or a new one if it is not."),
    "id_twice": N_("There are two works with the id %(found)s."),
    "missing": N_("%(found)s is missing."),
    "not_there": N_("%(found)s is not in this file."),
    "nothing": N_("There is no work in this file."),
    "one_order": N_("This is another order of the same episodes. Bring the seasons themselves."),
    "origin_differs": N_("%(found)s is another work of that source in the catalogue."),
    "origin_twice": N_("%(found)s stands for two works of the catalogue."),
    "referenced": N_("Spoilers point at %(found)s: only a merge may take it away."),
    "reordered": N_("Spoilers point at %(found)s: only a merge may move units past it."),
    "series_order": N_("A series counts upwards, over at most 30,000 units."),
    "several_works": N_("There are several works in this file: %(found)s. Choose one."),
    "spoiler_in_name": N_("Spoilers can't be covered in the name of a work: leave them out."),
    "title_needed": N_("The file does not say what this work is called: give it a title."),
    "too_big": N_("This is more than %(most)s megabytes."),
    "too_many": N_("There may be at most %(most)s of these."),
    "unit_twice": N_("Two units of this work have the id %(found)s elsewhere."),
    "unknown_column": N_("Unknown column %(found)s."),
    "unknown_field": N_("Unknown field %(found)s."),
    "unknown_format": N_("The format cannot be told from the content: say which source it is from."),
    "unreadable": N_("This file cannot be read: %(found)s."),
    "unknown_version": N_("Expected the format fan-catalog/1, found %(found)s."),
}
# Fields that a reader of somebody else's data works out for want of better: what the catalogue says goes first.
GUESSED: Final = frozenset({"id", "title", "kind"})


class CatalogueProblem(Invalid):
    """A draft that cannot be taken: `code` is one of PROBLEMS, `place` says where ("works[0].units[3].code")."""

    def __init__(self, code: str, place: str = "", **params: object) -> None:
        super().__init__(code, PROBLEMS[code], errors=(FieldError(place, code),))
        self.params = params
        self.place = place


@dataclass(frozen=True, slots=True)
class DraftUnit:
    """A unit as somebody describes it. `ext` holds its ids elsewhere by source, `place` where it was described.

    `id` is set by those who have seen the catalogue's own: an editor who renames a unit.
    """

    code: str
    group: str | None = None
    branch: bool = False
    title: str | None = None
    released: Mapping[str, datetime] = field(default_factory=dict)
    ext: Mapping[str, str] = field(default_factory=dict)
    id: int | None = None
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class DraftWork:
    """A work as somebody describes it: `units` in the order of the chain, branch units anywhere among them.

    `groups` in their order; those only units name follow. `source` is whose data it is ("tvmaze"), None when it was
    written for this catalogue. `guessed` names fields (of GUESSED) that nobody said.
    """

    id: str
    kind: Kind
    title: str
    franchise: str | None = None
    aliases: tuple[str, ...] = ()
    units: tuple[DraftUnit, ...] = ()
    groups: tuple[Group, ...] = ()
    relations: tuple[tuple[Relation, str], ...] = ()
    origin: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    guessed: frozenset[str] = frozenset()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Works and franchises (id to title) to be brought into the catalogue."""

    works: tuple[DraftWork, ...]
    franchises: Mapping[str, str] = field(default_factory=dict)
