"""Two accounts that were proved to be one person's: say what making them one means, and do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.settings_pages import Home, SettingsPage, at_home
from forum.people.service_merge import NEXT, find_offer, merge
from forum.runtime import Runtime
from forum.web.inputs import read_form
from forum.web.limits import ACCOUNT
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

PATH: Final = "/settings/merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePage(SettingsPage):
    """`other` is the name of the account that goes, `comments` how many it wrote, `email` its address where that is
    taken over ("": it is not). `flow` is what the form hands back."""

    flow: str
    other: str
    comments: int
    email: str


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address."""

    async def show(home: Home) -> Response:
        return await (merge_form if home.request.method == "POST" else merge_page)(home)

    return [Route(PATH, at_home(rt, show, path=NEXT), methods=["GET", "POST"])]


async def merge_page(home: Home) -> Response:
    """GET /settings/merge: nothing happens yet."""
    handle = home.request.query_params.get("flow", "")
    offer = await find_offer(home.rt, handle, home.account, home.session)
    page = MergePage(
        person=home.person,
        here=NEXT,
        theme=home.account.theme,
        flow=handle,
        other=offer.other.name,
        comments=offer.comments,
        email=(offer.other.email or "") if offer.gives_email else "",
    )
    return home.page("pages/settings_merge.html", page)


async def merge_form(home: Home) -> Response:
    """POST /settings/merge."""
    rt = home.rt
    await rt.limiter.check(ACCOUNT, visitor_of(home.request, rt.settings))
    values = await read_form(home.request, frozenset({"flow"}))
    offer = await merge(rt, values.get("flow", ""), home.account, home.session)
    return see_other(offer.next_path)
