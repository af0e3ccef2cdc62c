"""Where somebody is signed in: browsers, and comments on pages of sites, each with a way to end it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts import queries_session as queries
from forum.accounts.model import Kind, Session
from forum.accounts.policy import is_alive
from forum.accounts.present import local
from forum.accounts.service_ending import end_all, end_one, end_others
from forum.accounts.settings_pages import Home, SettingsPage, at_home
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.sites.service import directory
from forum.web.inputs import read_form
from forum.web.limits import ACCOUNT
from forum.web.pages import see_other
from forum.web.visitors import embed_cookie_header, main_cookie_header, visitor_of

PATH: Final = "/settings/sessions"
FIELDS: Final = frozenset({"session", "act"})
# What the address of the page says was done, and what the page says then.
DONE: Final[Mapping[str, str]] = {
    "one": N_("That one is signed out."),
    "others": N_("You are signed in only here now."),
}


@dataclass(frozen=True, slots=True)
class SessionView:
    """One row: a browser, or the comments on pages of a site (`site` is its name, `host` where, both "" otherwise)."""

    id: str
    agent: str
    site: str
    host: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPage(SettingsPage):
    """Everything that is signed in as this person, this browser first."""

    sessions: tuple[SessionView, ...]


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of the list."""

    async def show(home: Home) -> Response:
        return await (end_some if home.request.method == "POST" else list_page)(home)

    return [Route(PATH, at_home(rt, show, path=PATH), methods=["GET", "POST"])]


async def list_page(home: Home) -> Response:
    """GET /settings/sessions."""
    rt = home.rt
    now = rt.clock.now()
    async with rt.db.read(fresh=True) as tx:
        found = await queries.list_sessions(tx, account_id=home.account.id, now=now)
    names = {site.id: site.name for site in (await directory(rt)).values()}
    alive = [session for session in found if is_alive(session, home.account, now)]
    alive.sort(key=lambda session: session.id != home.session.id)
    views = tuple(_view(session, names, home) for session in alive)
    said = DONE.get(home.request.query_params.get("done", ""), "")
    page = SessionsPage(person=home.person, here=PATH, theme=home.account.theme, said=said, sessions=views)
    return home.page("pages/settings_sessions.html", page)


def _view(session: Session, names: Mapping[int, str], home: Home) -> SessionView:
    framed = session.kind is Kind.EMBED
    return SessionView(
        id=str(session.id),
        agent=session.agent,
        site=names.get(session.site_id or 0, "") if framed else "",
        host=session.origin.partition("://")[2] if framed else "",
        created_at=local(home.account, session.created_at),
        seen_at=local(home.account, session.seen_at),
        is_this=session.id == home.session.id,
    )


async def end_some(home: Home) -> Response:
    """POST /settings/sessions: end one (`session`), the others, or all (`act`)."""
    rt, request = home.rt, home.request
    values = await read_form(request, FIELDS)
    await rt.limiter.check(ACCOUNT, visitor_of(request, rt.settings))
    act = values.get("act", "one")
    if act == "everywhere":
        await end_all(rt, home.account.id)
        return _gone(rt)
    if act == "others":
        await end_others(rt, home.session)
        return see_other(f"{PATH}?done=others")
    if act != "one":
        raise Invalid(errors=(FieldError("act", "wrong_value"),))
    try:
        session_id = parse_id(values.get("session", ""))
    except ValueError as error:
        raise Invalid(errors=(FieldError("session", "wrong_value"),)) from error
    await end_one(rt, account_id=home.account.id, session_id=session_id)
    return _gone(rt) if session_id == home.session.id else see_other(f"{PATH}?done=one")


def _gone(rt: Runtime) -> Response:
    """This browser is signed out as well: its cookies go, and what its pages remember of it."""
    response = see_other("/auth?out=1", set_cookie=main_cookie_header(rt.settings, "", 0))
    response.headers.append("set-cookie", embed_cookie_header(rt.settings, "", 0))
    return response
