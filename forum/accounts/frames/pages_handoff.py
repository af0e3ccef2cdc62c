"""The window that a frame opens: it asks whether to comment there as who is signed in here, and hands over a code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.frames.service_handoff import Offer, Place, offer, place_of
from forum.accounts.links import shown_code
from forum.accounts.model import Account, Session
from forum.accounts.present import account_view
from forum.accounts.service_session import require_account
from forum.accounts.settings_pages import language_of, to_sign_in
from forum.accounts.views import AccountView
from forum.core.pkce import CHALLENGE
from forum.errors import SignInNeeded
from forum.runtime import Runtime
from forum.sites.service import get_site
from forum.web.headers import auth_headers
from forum.web.inputs import PageParams, parse, read_form
from forum.web.limits import SIGN_IN
from forum.web.pages import personal_page, see_other
from forum.web.visitors import visitor_of

FIELDS = frozenset({"site", "origin", "challenge"})


class HandoffQuery(PageParams):
    """Which frame asks. The challenge is the SHA-256 of what only that frame knows."""

    site: Annotated[str, Field(max_length=40)]
    origin: Annotated[str, Field(max_length=300)]
    challenge: Annotated[str, Field(pattern=CHALLENGE)]


@dataclass(frozen=True, slots=True)
class HandoffPage:
    """What both pages draw. `host` is where the comments stand; `another` leads to signing in as somebody else."""

    person: AccountView
    site: str
    site_name: str
    origin: str
    host: str
    challenge: str
    another: str
    theme: str
    code: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A frame's question to somebody who is signed in."""

    rt: Runtime
    request: Request
    place: Place
    challenge: str
    account: Account
    session: Session

    def page(self, template: str, made: Offer | None = None) -> Response:
        """One of the two pages, in the person's language."""
        rt, place = self.rt, self.place
        page = HandoffPage(
            person=account_view(self.account),
            site=place.site.key,
            site_name=place.site.name,
            origin=place.origin,
            host=place.host,
            challenge=self.challenge,
            another=f"{to_sign_in(_address(self.request))}&other=1",
            theme=self.account.theme,
        )
        if made is not None:
            page = replace(page, code=made.code, short=shown_code(made.short))
        body = rt.renderer.page(template, page, language_of(self.account, self.request))
        return personal_page(body, auth_headers(https=rt.settings.secure_cookies))


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this window."""

    async def handoff(request: Request) -> Response:
        return await (hand_over if request.method == "POST" else ask)(rt, request)

    return [Route("/auth/handoff", handoff, methods=["GET", "POST"])]


def _address(request: Request) -> str:
    query = request.url.query
    return f"/auth/handoff?{query}" if query else "/auth/handoff"


async def _asked(rt: Runtime, request: Request, query: HandoffQuery) -> Asked:
    place = place_of(await get_site(rt, query.site), query.origin)
    account, session = await require_account(rt, visitor_of(request, rt.settings))
    return Asked(rt, request, place, query.challenge, account, session)


async def ask(rt: Runtime, request: Request) -> Response:
    """GET /auth/handoff: "Comment on HOST as NAME?" Who is not signed in does that first, and comes back."""
    query = parse(HandoffQuery, dict(request.query_params))
    try:
        asked = await _asked(rt, request, query)
    except SignInNeeded:
        return see_other(to_sign_in(_address(request)))
    return asked.page("pages/auth_handoff.html")


async def hand_over(rt: Runtime, request: Request) -> Response:
    """POST /auth/handoff: yes. The page holds the code for its script, and a short one for people."""
    query = parse(HandoffQuery, await read_form(request, FIELDS))
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(SIGN_IN, visitor)
    try:
        asked = await _asked(rt, request, query)
    except SignInNeeded:
        return see_other(to_sign_in(f"/auth/handoff?{urlencode(query.model_dump())}"))
    made = await offer(rt, asked.session, asked.place, asked.challenge)
    return asked.page("pages/auth_handed.html", made)
