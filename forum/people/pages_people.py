"""GET and POST /settings/people: whom one mutes, and which discussions one follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import ACCOUNT as ACCOUNT_KIND
from forum.accounts.present import hue_of, profile_path
from forum.accounts.settings_pages import Home, SettingsPage, at_home
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import FieldError, Invalid
from forum.people.model import Followed, Muted
from forum.people.service_follow import follow, list_followed
from forum.people.service_mute import hear_again, list_muted
from forum.runtime import Runtime
from forum.web.inputs import read_form
from forum.web.limits import ACCOUNT
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

PATH: Final = "/settings/people"
FIELDS: Final = frozenset({"muted", "followed"})
DONE: Final = {
    "muted": N_("You see their comments again."),
    "followed": N_("You do not follow that discussion any more."),
}


@dataclass(frozen=True, slots=True)
class MutedView:
    """Somebody muted: `handle` is what they are named by in the form; a guest has no page and no colour."""

    handle: str
    name: str
    url: str | None
    hue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(SettingsPage):
    """What `pages/settings_people.html` draws."""

    muted: tuple[MutedView, ...]
    followed: tuple[Followed, ...]


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this page."""

    async def show(home: Home) -> Response:
        return await (stop if home.request.method == "POST" else lists)(home)

    return [Route(PATH, at_home(rt, show, path=PATH), methods=["GET", "POST"])]


async def lists(home: Home) -> Response:
    """GET /settings/people."""
    muted = await list_muted(home.rt, home.account)
    page = PeoplePage(
        person=home.person,
        here=PATH,
        theme=home.account.theme,
        said=DONE.get(home.request.query_params.get("done", ""), ""),
        muted=tuple(_view(handle, one) for handle, one in muted),
        followed=tuple(await list_followed(home.rt, home.account)),
    )
    return home.page("pages/settings_people.html", page)


def _view(handle: str, one: Muted) -> MutedView:
    url = profile_path(one.name) if one.kind == ACCOUNT_KIND else None
    return MutedView(handle, one.name, url, hue_of(one.id))


async def stop(home: Home) -> Response:
    """POST /settings/people: unmute (`muted`) or unfollow (`followed`); what was not so stays so."""
    values = await read_form(home.request, FIELDS)
    visitor = visitor_of(home.request, home.rt.settings)
    await home.rt.limiter.check(ACCOUNT, visitor)
    if "muted" in values:
        await hear_again(home.rt, home.account, values["muted"])
        return see_other(f"{PATH}?done=muted")
    try:
        discussion_id = parse_id(values.get("followed", ""))
    except ValueError as error:
        raise Invalid(errors=(FieldError("followed", "wrong_value"),)) from error
    await follow(home.rt, visitor, discussion_id, on=False)
    return see_other(f"{PATH}?done=followed")
