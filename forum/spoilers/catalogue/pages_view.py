"""What the pages of the catalogue draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from forum.accounts.views import AccountView
from forum.core.i18n import N_
from forum.spoilers.catalogue.lines import Shown, runs
from forum.spoilers.catalogue.queries_works import Entry
from forum.spoilers.model import EVERYWHERE, Kind, Relation, Unit, Work
from forum.web.languages import Language

KIND_NAMES: Final[Mapping[Kind, str]] = {
    Kind.TV: N_("Series"),
    Kind.FILM: N_("Film"),
    Kind.COMIC: N_("Comic"),
    Kind.BOOK: N_("Book"),
    Kind.GAME: N_("Game"),
    Kind.PODCAST: N_("Podcast"),
    Kind.OTHER: N_("Something else"),
}
RELATION_NAMES: Final[Mapping[Relation, str]] = {
    Relation.BASED_ON: N_("Based on"),
    Relation.FOLLOWS: N_("Follows"),
    Relation.CROSSES_OVER: N_("Crosses over with"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A work in the list."""

    id: str
    title: str
    kind_name: str
    franchise: str | None
    units: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """What `pages/catalogue.html` draws. `kept` is the query that keeps the language ("" or "?lang=de"); `cut`: more
    works are called so than are shown."""

    q: str
    items: tuple[Item, ...]
    next_href: str | None
    cut: bool
    lang: str | None
    kept: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part, or several that came out together: codes of the first and (of several) the last; dates by region."""

    first: str
    last: str
    released: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Parts that follow each other in one group."""

    group: str | None
    count: int
    expected: int | None
    complete: bool
    rows: tuple[PartRow, ...]


@dataclass(frozen=True, slots=True)
class ShowPage:
    """What `pages/catalogue_work.html` draws. `relations`: how, and the other works with id and title ("":
    nobody has catalogued it)."""

    id: str
    title: str
    kind_name: str
    franchise: str | None
    units: int
    aliases: tuple[str, ...]
    relations: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    origin: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    branch: tuple[PartRow, ...]
    kept: str
    saved: bool = False


@dataclass(frozen=True, slots=True)
class EditPage:
    """What `pages/catalogue_edit.html` draws. `fields` and `errors` by name of the field, "" where nothing is; the
    error of "" is the form's. `editor` saves without a site's key. `summary` lists the errors again, for the head of
    the page. `changes` None: nobody asked yet."""

    id: str | None
    title: str | None
    action: str
    back_href: str
    fields: Mapping[str, str]
    refused: bool
    errors: Mapping[str, str]
    summary: tuple[tuple[str, str], ...]
    changes: tuple[str, ...] | None
    kinds: tuple[tuple[str, str], ...]
    franchises: tuple[tuple[str, str], ...]
    seen: str
    editor: AccountView | None
    example: str = "S1E1..S1E13 | S1 | 2015-11-20"
    film_example: str = "GB 2016-04-29, US 2016-05-06"


def kept_query(lang: str | None) -> str:
    """The query that keeps the language a reader chose."""
    return f"?lang={lang}" if lang else ""


def item(entry: Entry, language: Language) -> Item:
    """A work in the list."""
    return Item(entry.id, entry.title, language.text(KIND_NAMES[entry.kind]), entry.franchise, entry.units)


def show_page(
    work: Work, language: Language, *, titles: Mapping[str, str], franchise: str | None, kept: str, saved: bool
) -> ShowPage:
    """The page of a work; `titles` are those of the works it has to do with."""
    return ShowPage(
        id=work.id,
        title=work.title,
        kind_name=language.text(KIND_NAMES[work.kind]),
        franchise=franchise,
        units=len(work.units),
        aliases=work.aliases,
        relations=_relations(work, language, titles),
        origin=tuple(sorted(work.origin.items())),
        sections=_sections(work),
        branch=_rows(unit for unit in work.units if unit.branch),
        kept=kept,
        saved=saved,
    )


def kinds(language: Language) -> tuple[tuple[str, str], ...]:
    """Every kind with its name."""
    return tuple((kind.value, language.text(name)) for kind, name in KIND_NAMES.items())


def _relations(
    work: Work, language: Language, titles: Mapping[str, str]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    found = {
        rel: tuple((other, titles.get(other, "")) for known, other in work.relations if known is rel)
        for rel in RELATION_NAMES
    }
    return tuple((language.text(RELATION_NAMES[rel]), others) for rel, others in found.items() if others)


def _sections(work: Work) -> tuple[Section, ...]:
    groups = {group.code: group for group in work.groups}
    sections = []
    for code, several in groupby(work.chain, key=lambda unit: unit.group):
        units = list(several)
        group = groups.get(code or "")
        expected, complete = (group.expected, group.complete) if group else (None, False)
        sections.append(Section(code, len(units), expected, complete, _rows(units)))
    return tuple(sections)


def _rows(units: Iterable[Unit]) -> tuple[PartRow, ...]:
    return tuple(_row(run) for run in runs(units))


def _row(run: Sequence[Shown]) -> PartRow:
    dates = tuple(
        ("" if region == EVERYWHERE else region, moment) for region, moment in sorted(run[0].released.items())
    )
    return PartRow(run[0].code, run[-1].code if len(run) > 1 else "", dates)
