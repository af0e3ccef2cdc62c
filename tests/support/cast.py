"""A handful of works that tests of spoilers speak about, as they stood early in 2016 and as they came out since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Final

from forum.spoilers.gazetteer import Gazetteer, Named
from forum.spoilers.model import EVERYWHERE, Group, Kind, Relation, Unit, Work

NOW: Final = datetime(2016, 1, 18, 12, tzinfo=UTC)
_IDS = count(1)


def day(text: str) -> datetime:
    """A date as the moment it begins in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def series(work_id: str, title: str, seasons: dict[str, tuple[int, str, bool]], *aliases: str) -> Work:
    """A series: for each season how many episodes, when they came out ("": unknown) and whether that is all of it."""
    units = [
        Unit(next(_IDS), work_id, f"{code}E{n}", place, code, released={EVERYWHERE: day(out)} if out else {})
        for place, (code, n, out) in enumerate(
            ((code, n, out) for code, (length, out, _) in seasons.items() for n in range(1, length + 1)), 1
        )
    ]
    groups = tuple(Group(code, complete=complete) for code, (_, _, complete) in seasons.items())
    relations = ((Relation.BASED_ON, "alias-comic"),) if work_id == "jessica-jones" else ()
    return Work(work_id, Kind.TV, title, "mcu", aliases, tuple(units), groups, relations)


def comic(work_id: str, title: str, last: int, *aliases: str, franchise: str | None = "mcu") -> Work:
    """A comic with issues from 1 on, none of them dated."""
    units = tuple(Unit(next(_IDS), work_id, f"#{n}", n * 10) for n in range(1, last + 1))
    return Work(work_id, Kind.COMIC, title, franchise, aliases, units)


def film(work_id: str, title: str, released: dict[str, str], *aliases: str, franchise: str | None = "mcu") -> Work:
    """A film, with its releases by region."""
    moments = {region: day(text) for region, text in released.items()}
    return Work(work_id, Kind.FILM, title, franchise, aliases, (Unit(next(_IDS), work_id, "", 1, released=moments),))


def with_special(work: Work, code: str, out: str = "") -> Work:
    """The same with a unit beside the chain."""
    special = Unit(next(_IDS), work.id, code, None, released={EVERYWHERE: day(out)} if out else {})
    return Work(
        work.id,
        work.kind,
        work.title,
        work.franchise,
        work.aliases,
        (*work.units, special),
        work.groups,
        work.relations,
    )


JONES: Final = with_special(
    series(
        "jessica-jones",
        "Jessica Jones",
        {"S1": (13, "2015-11-20", True), "S2": (13, "2018-03-08", True), "S3": (2, "2019-06-14", False)},
        "JJ",
        "Marvel's Jessica Jones",
    ),
    "SP1",
    "2016-02-01",
)
CAGE: Final = series("luke-cage", "Luke Cage", {"S1": (13, "2016-09-30", True)}, "Marvel's Luke Cage")
DEFENDERS: Final = Work("the-defenders", Kind.TV, "The Defenders", "mcu")
ALIAS: Final = comic("alias-comic", "Alias", 28)
CIVIL_WAR: Final = comic("civil-war-2006", "Civil War (2006 comic)", 7, "Civil War", "Civil War comic")
CAP_3: Final = film(
    "ca-civil-war", "Captain America: Civil War", {"GB": "2016-04-29", "US": "2016-05-06"}, "Civil War", "Cap 3"
)
# Of other worlds, with names that make trouble.
SPYING: Final = Work("alias-tv", Kind.TV, "Alias", None, (), CAGE.units[:0])
CLOAK: Final = series("cloak-and-dagger", "Cloak & Dagger", {"S1": (10, "2018-06-07", True)})
SEASON: Final = film("season-of-the-witch", "Season of the Witch", {"US": "2011-01-07"}, franchise=None)
APOLLO: Final = film("apollo-13", "Apollo 13", {"US": "1995-06-30"}, franchise=None)
ODYSSEY: Final = film("2001-film", "2001: A Space Odyssey", {"US": "1968-04-03"}, "2001", franchise=None)
RED_WHITE: Final = comic("rw", "Red + White; and Blue", 3, franchise=None)
TITANS: Final = comic("titans", "進撃の巨人", 34, "Attack on Titan", franchise=None)
WHO: Final = series("doctor-who-2005", "Doctor Who", {"S1": (13, "2005-03-26", True)}, "DW")
OLD_WHO: Final = series("doctor-who-1963", "Doctor Who (1963)", {"S14": (6, "1976-09-04", True)}, "Doctor Who", "DW")

WORKS: Final = {
    work.id: work
    for work in (
        *(JONES, CAGE, DEFENDERS, ALIAS, CIVIL_WAR, CAP_3, SPYING, CLOAK, SEASON, APOLLO, ODYSSEY, RED_WHITE, TITANS),
        *(WHO, OLD_WHO),
    )
}


def names_of(works: Iterable[Work]) -> Gazetteer:
    """The gazetteer of some works."""
    return Gazetteer.of(1, [Named(w.id, w.kind, w.title, w.franchise, w.aliases) for w in works])
