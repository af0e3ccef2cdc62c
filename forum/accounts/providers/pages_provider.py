"""The way to an identity provider and back, and the button in somebody's settings that disconnects one.

On the way back the browser comes from a page of another server: what it brings is believed only together with the note
that it took along (`forum.accounts.providers.Trip`), which is taken away whatever happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.agents import agent_label
from forum.accounts.arrivals import arrival_cookie
from forum.accounts.places import safe_next
from forum.accounts.providers.service_connection import PAGE as SETTINGS
from forum.accounts.providers.service_connection import disconnect
from forum.accounts.providers.service_provider import Answered, begin_trip, end_trip, get_provider, plan_trip
from forum.accounts.providers.trips import TRIP_TIME, Provider, Trip, seal, unseal
from forum.accounts.service_people import AGAIN, CONNECT, SIGN_IN, arrive
from forum.accounts.settings_pages import Home, at_home, language_of, to_sign_in
from forum.core.visitor import Visitor
from forum.errors import AftershowError, SignInNeeded
from forum.runtime import Runtime
from forum.web.headers import auth_headers
from forum.web.inputs import PageParams, read_form, read_query
from forum.web.limits import ACCOUNT
from forum.web.limits import SIGN_IN as SIGN_IN_RULE
from forum.web.pages import personal_page, see_other
from forum.web.visitors import flow_cookie_header, flow_cookie_name, visitor_of

Text = Annotated[str, StringConstraints(max_length=4000)]
FIELDS: Final = frozenset({"kind", "issuer", "subject"})


class Beginning(PageParams):
    """What a link to a provider says: what for, where to afterwards, and from whose settings it comes."""

    purpose: Text = SIGN_IN
    next: Text = "/"
    ticket: Text = ""


class Returning(PageParams):
    """What a provider puts into the address it sends a browser back to."""

    state: Text = ""
    code: Text = ""
    error: Text = ""
    iss: Text | None = None


@dataclass(frozen=True, slots=True)
class TroublePage:
    """What `pages/auth_trouble.html` draws: what was wrong, and where to go on."""

    title: str
    detail: str
    provider: str
    again_href: str
    back_href: str
    theme: str = "auto"


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of signing in elsewhere."""

    async def start(request: Request) -> Response:
        return await _start(rt, request)

    async def callback(request: Request) -> Response:
        return await _callback(rt, request)

    async def disconnecting(request: Request) -> Response:
        await rt.limiter.check(ACCOUNT, visitor_of(request, rt.settings))
        return await inside(request)

    inside = at_home(rt, _disconnect, path=SETTINGS, fresh=True)
    return [
        Route("/auth/provider/{key}", start, methods=["GET"]),
        Route("/auth/provider/{key}/callback", callback, methods=["GET"]),
        Route(f"{SETTINGS}/disconnect", disconnecting, methods=["POST"]),
    ]


async def _start(rt: Runtime, request: Request) -> Response:
    """GET /auth/provider/{key}: off to the provider. Links of other sites end at the page that offers it."""
    wanted = read_query(request, Beginning)
    next_path = safe_next(wanted.next)
    if request.headers.get("sec-fetch-site") == "cross-site":
        return see_other(to_sign_in(next_path))
    provider = await get_provider(rt, request.path_params["key"])
    visitor = visitor_of(request, rt.settings)
    try:
        await rt.limiter.check(SIGN_IN_RULE, visitor)
        trip = await plan_trip(rt, provider, visitor, purpose=wanted.purpose, next_path=next_path, ticket=wanted.ticket)
        location = await begin_trip(rt, provider, trip)
    except AftershowError as error:
        return _trouble(rt, request, provider, error, (wanted.purpose, next_path))
    cookie = flow_cookie_header(rt.settings, seal(rt.settings.secret_key, trip), int(TRIP_TIME.total_seconds()))
    return _hardened(rt, see_other(location, set_cookie=cookie))


async def _callback(rt: Runtime, request: Request) -> Response:
    """GET /auth/provider/{key}/callback: back from the provider."""
    provider = await get_provider(rt, request.path_params["key"])
    note = request.cookies.get(flow_cookie_name(rt.settings), "")
    trip = unseal(rt.settings.secret_key, note, rt.clock.now())
    try:
        visitor = visitor_of(request, rt.settings)
        await rt.limiter.check(SIGN_IN_RULE, visitor)
        response = await _let_in(rt, request, provider, trip, visitor)
    except AftershowError as error:
        way = (trip.purpose, trip.next) if trip is not None else (SIGN_IN, "/")
        response = _trouble(rt, request, provider, error, way)
    response.headers.append("set-cookie", flow_cookie_header(rt.settings, "", 0))
    return _hardened(rt, response)


async def _let_in(rt: Runtime, request: Request, provider: Provider, trip: Trip | None, visitor: Visitor) -> Response:
    said = read_query(request, Returning)
    answered = Answered(said.state, said.code, said.error, said.iss)
    proof = await end_trip(rt, provider, trip, answered, visitor)
    assert trip is not None
    arrival = await arrive(
        rt,
        proof,
        purpose=trip.purpose,
        next_path=trip.next,
        agent=agent_label(request.headers.get("user-agent", "")),
        visitor=visitor,
    )
    return see_other(arrival.location, set_cookie=arrival_cookie(rt.settings, arrival, request.cookies))


def _trouble(
    rt: Runtime, request: Request, provider: Provider, error: AftershowError, way: tuple[str, str]
) -> Response:
    """A page that says what was wrong and leads back; who only has to sign in (again) is sent to do that."""
    purpose, next_path = way
    if isinstance(error, SignInNeeded):
        return see_other(to_sign_in(next_path))
    if error.code == "sign_in_again":
        return see_other(to_sign_in(next_path, again=True))
    back = SETTINGS if purpose == CONNECT else to_sign_in(next_path, again=purpose == AGAIN)
    again = f"/auth/provider/{quote(provider.key)}?" + urlencode({"purpose": purpose, "next": next_path})
    language = language_of(None, request)
    page = TroublePage(
        title=language.text(error.title),
        detail=language.text(error.detail, error.params),
        provider=provider.name,
        again_href="" if purpose == CONNECT else again,
        back_href=back,
    )
    body = rt.renderer.page("pages/auth_trouble.html", page, language)
    headers = auth_headers(https=rt.settings.secure_cookies)
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    return personal_page(body, headers, error.status)


def _hardened(rt: Runtime, response: Response) -> Response:
    """With the headers of pages that talk to other servers' pages: nothing of the address travels on."""
    response.headers.update(auth_headers(https=rt.settings.secure_cookies))
    return response


async def _disconnect(home: Home) -> Response:
    """POST /settings/sign-in/disconnect: sign in with that no more."""
    given = await read_form(home.request, FIELDS)
    kind, issuer, subject = (given.get(name, "") for name in ("kind", "issuer", "subject"))
    await disconnect(home.rt, home.account, kind, issuer, subject)
    return see_other(f"{SETTINGS}?done=disconnected")
