"""How far somebody is, as the page of it draws it: a row for each work, what can be chosen, and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from forum.core.i18n import N_
from forum.people.model import NOWHERE, Known, Stand
from forum.spoilers.gazetteer import Gazetteer
from forum.spoilers.model import Kind, Seen, Unit, Work
from forum.spoilers.policy import first_release
from forum.web.languages import Language

AT: Final = f"{Seen.AT.value}:"
MIND_NO: Final[Mapping[Kind, str]] = {
    Kind.TV: N_("I don't mind spoilers from the series"),
    Kind.FILM: N_("I don't mind spoilers from the films"),
    Kind.COMIC: N_("I don't mind spoilers from the comics"),
    Kind.BOOK: N_("I don't mind spoilers from the books"),
    Kind.GAME: N_("I don't mind spoilers from the games"),
    Kind.PODCAST: N_("I don't mind spoilers from the podcasts"),
    Kind.OTHER: N_("I don't mind spoilers from anything else"),
}
FINISHED: Final = N_("Finished")


@dataclass(frozen=True, slots=True)
class Choice:
    """A part one can be at; `later`: it is not out yet."""

    value: str
    label: str
    later: bool = False


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A work and what is said of it: `value` is the choice that stands, `parts` are the parts by season, `ticks` what
    is beside the order (code, whether it is ticked). `lost` is a part that the catalogue does not know any more."""

    id: str
    title: str
    value: str
    parts: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    ticks: tuple[tuple[str, bool], ...] = ()
    lost: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule for all works of a kind in a franchise."""

    rule: str
    franchise: str
    label: str


def row_of(stand: Stand, work: Work | None, now: datetime, language: Language) -> WorkRow:
    """The row of a work; one that the catalogue does not know any more can only be forgotten."""
    value = f"{AT}{stand.unit}" if stand.state == Seen.AT else stand.state
    if work is None:
        return WorkRow(stand.work_id, stand.work_id, value, lost=stand.unit)
    known = stand.state != Seen.AT or any(unit.code == stand.unit for unit in work.chain)
    return WorkRow(
        id=work.id,
        title=work.title,
        value=value,
        parts=tuple(
            (group or "", tuple(_choice(unit, now, language) for unit in units))
            for group, units in groupby(work.chain, key=lambda unit: unit.group)
        ),
        ticks=tuple((unit.code, unit.code in stand.ticks) for unit in work.units if unit.branch),
        lost="" if known else stand.unit,
    )


def _choice(unit: Unit, now: datetime, language: Language) -> Choice:
    released = first_release(unit)
    label = unit.code or language.text(FINISHED)
    return Choice(f"{AT}{unit.code}", label, later=released is not None and released > now)


def rule_row(rule: str, franchises: Mapping[str, str], language: Language) -> RuleRow:
    """A rule in words."""
    franchise, _, kind = rule.rpartition("/")
    said = MIND_NO[Kind(kind)] if kind in set(Kind) else ""
    return RuleRow(rule, franchises.get(franchise, franchise), language.text(said))


def rules_to_add(names: Gazetteer, known: Known, titles: Mapping[str, str], language: Language) -> tuple[RuleRow, ...]:
    """The rules that one could give: for each kind of work in a franchise."""
    found = {f"{one.franchise}/{one.kind.value}" for one in names.works.values() if one.franchise is not None}
    rows = (rule_row(rule, titles, language) for rule in found - set(known.rules))
    return tuple(sorted(rows, key=lambda row: (row.franchise.casefold(), row.label)))


def in_order(known: Known, titles: Mapping[str, str]) -> list[Stand]:
    """What somebody said, by title."""
    return sorted(known.stands.values(), key=lambda stand: titles.get(stand.work_id, stand.work_id).casefold())


def stand_of(known: Known, work_id: str) -> Stand:
    """What somebody said of a work, which may be nothing."""
    return known.stands.get(work_id, NOWHERE)._replace(work_id=work_id)


def for_scripts(account_id: int, known: Known) -> dict[str, object]:
    """All of it as GET /api/v1/me says it, for the page's script."""
    stands: Iterable[Stand] = known.stands.values()
    return {
        "account": {"id": str(account_id)},
        "progress": {one.work_id: {"s": one.state, "u": one.unit} for one in stands if one.state},
        "ticks": {one.work_id: one.ticks for one in known.stands.values() if one.ticks},
        "rules": known.rules,
    }
