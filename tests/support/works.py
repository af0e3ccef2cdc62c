"""A small catalogue as an import brings it, for tests of the pages and addresses that show or change it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from forum.db import Tx
from forum.runtime import Runtime
from forum.spoilers.catalogue.drafts import Catalogue, DraftUnit, DraftWork
from forum.spoilers.catalogue.service_catalogue import import_works
from forum.spoilers.model import Group, Kind, Point, Relation, Scope
from forum.spoilers.service import intern, works_of

# Titles of parts and of groups are spoilers: no answer and no page may hold one.
CANARY: Final = "Canaryword"


def day(text: str) -> datetime:
    """A date as the moment it begins in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def season(number: int, parts: int, released: str | None) -> list[DraftUnit]:
    """The episodes of a season that came out together, each with a title."""
    dates = {"*": day(released)} if released else {}
    return [
        DraftUnit(f"S{number}E{part}", f"S{number}", title=f"{CANARY} {number}.{part}", released=dates)
        for part in range(1, parts + 1)
    ]


JESSICA: Final = DraftWork(
    id="jessica-jones",
    kind=Kind.TV,
    title="Jessica Jones",
    franchise="mcu",
    aliases=("JJ", "Marvel’s Jessica Jones: The Series"),
    units=(*season(1, 13, "2015-11-20"), *season(2, 2, None), DraftUnit("special", branch=True, title=CANARY)),
    groups=(Group("S1", title=f"{CANARY} season", expected=13), Group("S2", expected=13)),
    relations=((Relation.BASED_ON, "alias-comic"), (Relation.CROSSES_OVER, "ca-civil-war")),
    origin={"tvmaze": "1369"},
)
FILM: Final = DraftWork(
    id="ca-civil-war",
    kind=Kind.FILM,
    title="Captain America: Civil War",
    franchise="mcu",
    aliases=("Civil War", "Cap 3"),
    units=(DraftUnit("", released={"GB": day("2016-04-29"), "US": day("2016-05-06")}),),
)
COMIC: Final = DraftWork(
    id="civil-war-2006",
    kind=Kind.COMIC,
    title="Civil War (2006 comic)",
    aliases=("Civil War", "Civil War comic"),
    units=tuple(DraftUnit(f"#{number}") for number in range(1, 8)),
)
CATALOGUE: Final = Catalogue((JESSICA, FILM, COMIC), {"mcu": "Marvel"})


async def bring(rt: Runtime, catalogue: Catalogue = CATALOGUE) -> None:
    """Import it."""
    await import_works(rt, catalogue)


async def point_at(rt: Runtime, work_id: str, code: str) -> None:
    """Let a spoiler point at a unit."""
    unit = (await works_of(rt, [work_id]))[work_id].unit(code)
    assert unit is not None

    async def write(tx: Tx) -> Any:
        return await intern(tx, rt, Scope.of([Point(work_id, unit)]))

    await rt.db.write(write)
