"""Works, discussions that assume some of them, and what browser tests of spoilers look for."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, Request

from forum.articles.model import Gate
from forum.articles.service import locate
from forum.demo import content
from forum.sites.service import get_site
from forum.spoilers.catalogue.drafts import Catalogue, DraftUnit, DraftWork
from forum.spoilers.model import Group, Kind
from forum.spoilers.service_warned import Statement, state_warning
from tests.browser.stage import Stage
from tests.support.works import COMIC, FILM, JESSICA, bring, season

LUKE = DraftWork(
    id="luke-cage",
    kind=Kind.TV,
    title="Luke Cage",
    franchise="mcu",
    units=(*season(1, 13, "2016-09-30"), *season(2, 2, "2099-01-01"), DraftUnit("outtakes", branch=True)),
    groups=(Group("S1", expected=13), Group("S2", expected=2)),
)
FINISHED = "jessica-jones:S1E13"
LABEL = "Jessica Jones S1E13"


def fill_catalogue(stage: Stage) -> None:
    """Bring the works, once for a stage."""
    stage.server.run(bring(stage.app.rt, Catalogue((JESSICA, FILM, COMIC, LUKE), {"mcu": "Marvel"})))


def discuss(stage: Stage, name: str, *, assumes: str = FINISHED, gate: Gate = Gate.ASK) -> tuple[str, str]:
    """A discussion of all four works: the address of its article, and of the document inside an embed of it."""
    url = stage.page(name)

    async def work() -> None:
        ref = locate(await get_site(stage.app.rt, content.SITE_KEY), url)
        works = ("jessica-jones", "luke-cage", "civil-war-2006", "ca-civil-war")
        await state_warning(stage.app.rt, ref, Statement(tuple(assumes.split()), works, gate))

    stage.server.run(work())
    return url, stage.frame(url)


def follow(page: Page, path: str = "/api/v1/reveals") -> list[Request]:
    """The requests to an address, from now on."""
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request) if path in request.url else None)
    return seen


def sent(request: Request) -> Any:
    """The JSON that a request carries."""
    return request.post_data_json


def cover(page: Page, label: str = LABEL) -> Locator:
    """The covers with a label."""
    return page.get_by_role("group", name=f"Spoiler: {label}", exact=True)


def far(page: Page, title: str = "Jessica Jones") -> Locator:
    """The row of the bar about a work."""
    return page.get_by_role("group", name=title, exact=True)
