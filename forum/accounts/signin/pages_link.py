"""Links that let somebody in: from a mail, from an operator, from a server's first start; and the name of a new person.

Mail scanners follow links, so looking at one changes nothing: its page has a form, and the form acts.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.arrivals import finished_cookie, is_finishing
from forum.accounts.service_people import FINISH_PATH, Coming
from forum.accounts.service_people import SIGN_IN as SIGNING_IN
from forum.accounts.signin.pages_view import Caller, LinkPage, NamePage, call
from forum.accounts.signin.service_finish import TooLate, finish, get_finishing
from forum.accounts.signin.service_first import become_owner, look_at_first
from forum.accounts.signin.service_mail import look_at_link, use_link
from forum.errors import AftershowError
from forum.runtime import Runtime
from forum.web.limits import SIGN_IN
from forum.web.problems import MENDABLE


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of links and names."""

    async def link(request: Request) -> Response:
        return await (follow_link if request.method == "POST" else show_link)(rt, request)

    async def finishing(request: Request) -> Response:
        return await (take_name if request.method == "POST" else ask_for_name)(rt, request)

    async def first(request: Request) -> Response:
        return await (take_first if request.method == "POST" else show_first)(rt, request)

    return [
        Route("/auth/link/{token}", link, methods=["GET", "POST"]),
        Route(FINISH_PATH, finishing, methods=["GET", "POST"]),
        Route("/auth/first/{token}", first, methods=["GET", "POST"]),
    ]


async def show_link(rt: Runtime, request: Request) -> Response:
    """GET /auth/link/{token}: what the link will do, and the button that does it."""
    return await _link(await call(rt, request))


async def _link(caller: Caller, error: AftershowError | None = None) -> Response:
    token = caller.request.path_params["token"]
    waiting = await look_at_link(caller.rt, token, caller.visitor)
    page = LinkPage(
        action=f"/auth/link/{quote(token)}",
        purpose=waiting.purpose,
        address=waiting.address,
        called=waiting.name,
        is_new=waiting.is_new,
        is_here=waiting.is_here,
        name=caller.values.get("name", ""),
        errors=caller.said(error),
        **caller.common,
    )
    return caller.draw("pages/auth_link.html", page, error)


async def follow_link(rt: Runtime, request: Request) -> Response:
    """POST /auth/link/{token}: do it."""
    caller = await call(rt, request, frozenset({"name"}))
    try:
        await rt.limiter.check(SIGN_IN, caller.visitor)
        arrival = await use_link(
            rt,
            request.path_params["token"],
            name=caller.values.get("name", ""),
            agent=caller.agent,
            visitor=caller.visitor,
        )
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return await _link(caller, error)
    return caller.let_in(arrival)


async def ask_for_name(rt: Runtime, request: Request) -> Response:
    """GET /auth/finish: somebody new has proved who they are, and says how they want to be called."""
    caller = await call(rt, request)
    _require_own(caller, caller.query.flow)
    found = await get_finishing(rt, caller.query.flow)
    return _name(caller, caller.query.flow, found.proof.suggested_name)


def _require_own(caller: Caller, handle: str) -> None:
    """The flow counts in the browser that it began in; anywhere else there is none."""
    if not is_finishing(caller.rt.settings, caller.request.cookies, handle):
        raise TooLate()


def _name(caller: Caller, handle: str, name: str, error: AftershowError | None = None) -> Response:
    page = NamePage(action=FINISH_PATH, flow=handle, name=name, errors=caller.said(error), **caller.common)
    return caller.draw("pages/auth_name.html", page, error)


async def take_name(rt: Runtime, request: Request) -> Response:
    """POST /auth/finish: make the account."""
    caller = await call(rt, request, frozenset({"flow", "name"}))
    handle, name = caller.values.get("flow", "")[:100], caller.values.get("name", "")
    try:
        await rt.limiter.check(SIGN_IN, caller.visitor)
        _require_own(caller, handle)
        arrival = await finish(rt, handle, name, agent=caller.agent, visitor=caller.visitor)
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return _name(caller, handle, name, error)
    response = caller.let_in(arrival)
    response.headers.append("set-cookie", finished_cookie(rt.settings, request.cookies, handle))
    return response


async def show_first(rt: Runtime, request: Request) -> Response:
    """GET /auth/first/{token}: this server has no owner yet."""
    caller = await call(rt, request)
    await look_at_first(rt, request.path_params["token"])
    return _first(caller)


def _first(caller: Caller, error: AftershowError | None = None) -> Response:
    page = NamePage(
        action=f"/auth/first/{quote(caller.request.path_params['token'])}",
        name=caller.values.get("name", ""),
        email=caller.values.get("email", ""),
        first=True,
        mail=caller.rt.mailer.can_send,
        errors=caller.said(error),
        **caller.common,
    )
    return caller.draw("pages/auth_name.html", page, error)


async def take_first(rt: Runtime, request: Request) -> Response:
    """POST /auth/first/{token}: the first owner."""
    caller = await call(rt, request, frozenset({"name", "email"}))
    try:
        await rt.limiter.check(SIGN_IN, caller.visitor)
        arrival = await become_owner(
            rt,
            request.path_params["token"],
            Coming(SIGNING_IN, "/settings", caller.agent, caller.visitor),
            name=caller.values.get("name", ""),
            email=caller.values.get("email", ""),
            locale=caller.language.code,
        )
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return _first(caller, error)
    return caller.let_in(arrival)
