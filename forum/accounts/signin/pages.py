"""The door: the ways to sign in, mail and its code, and the way out."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.providers.service_provider import list_providers
from forum.accounts.service_ending import leave
from forum.accounts.service_people import SIGN_IN as SIGNING_IN
from forum.accounts.signin import pages_again, pages_link
from forum.accounts.signin.pages_view import Caller, CodePage, DoorPage, InsidePage, call
from forum.accounts.signin.service_mail import begin_sign_in, use_code
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.errors import AftershowError, Conflict
from forum.runtime import Runtime
from forum.web.limits import MAIL, SIGN_IN
from forum.web.problems import MENDABLE
from forum.web.visitors import main_cookie_header

NO_MAIL: Final = N_("This server sends no mail. Please sign in another way.")


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of signing in and out."""

    async def door(request: Request) -> Response:
        return await show_door(rt, request)

    async def email(request: Request) -> Response:
        return await send_mail(rt, request)

    async def code(request: Request) -> Response:
        return await (try_code if request.method == "POST" else ask_for_code)(rt, request)

    async def sign_out(request: Request) -> Response:
        return await go_out(rt, request)

    return [
        Route("/auth", door, methods=["GET"]),
        Route("/auth/email", email, methods=["POST"]),
        Route("/auth/code", code, methods=["GET", "POST"]),
        Route("/auth/sign-out", sign_out, methods=["POST"]),
        *pages_again.routes(rt),
        *pages_link.routes(rt),
    ]


async def show_door(rt: Runtime, request: Request) -> Response:
    """GET /auth: the ways in; for who is in already, the way on."""
    caller = await call(rt, request)
    if caller.account is not None and not caller.query.other:
        return caller.draw("pages/auth_inside.html", InsidePage(done=caller.query.done, **caller.common))
    return await _door(caller)


async def _door(caller: Caller, error: AftershowError | None = None) -> Response:
    query = urlencode({"next": caller.next, "purpose": SIGNING_IN})
    page = DoorPage(
        mail=caller.rt.mailer.can_send,
        providers=tuple(
            (name, f"/auth/provider/{quote(key)}?{query}") for key, name in await list_providers(caller.rt)
        ),
        email=caller.values.get("email", ""),
        out=caller.query.out and caller.account is None,
        errors=caller.said(error),
        **caller.common,
    )
    return caller.draw("pages/auth.html", page, error)


async def send_mail(rt: Runtime, request: Request) -> Response:
    """POST /auth/email: a link and a code to an address. The answer is the same for every address."""
    caller = await call(rt, request, frozenset({"email"}))
    try:
        await rt.limiter.check(MAIL, caller.visitor)
        if not rt.mailer.can_send:
            raise Conflict("no_mail", NO_MAIL)
        address = caller.values.get("email", "")
        handle = await begin_sign_in(
            rt, address, caller.visitor.network, next_path=caller.next, locale=caller.language.code
        )
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return await _door(caller, error)
    return caller.go(caller.code_path(handle))


async def ask_for_code(rt: Runtime, request: Request) -> Response:
    """GET /auth/code: mail is on its way. Looks nothing up."""
    caller = await call(rt, request)
    return _code(caller, caller.query.flow)


def _code(caller: Caller, handle: str, error: AftershowError | None = None) -> Response:
    page = CodePage(flow=handle, again=caller.account is not None, errors=caller.said(error), **caller.common)
    return caller.draw("pages/auth_code.html", page, error)


async def try_code(rt: Runtime, request: Request) -> Response:
    """POST /auth/code: the code of a mail."""
    caller = await call(rt, request, frozenset({"flow", "code"}))
    handle, code = caller.values.get("flow", "")[:100], caller.values.get("code", "")[:100]
    try:
        await rt.limiter.check(SIGN_IN, caller.visitor)
        arrival = await use_code(rt, handle, code, agent=caller.agent, visitor=caller.visitor)
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return _code(caller, handle, error)
    return caller.let_in(arrival)


async def go_out(rt: Runtime, request: Request) -> Response:
    """POST /auth/sign-out: end this browser's session, or (`everywhere`) all of its person."""
    caller = await call(rt, request, frozenset({"everywhere"}))
    await rt.limiter.check(SIGN_IN, caller.visitor)
    first_party = Visitor(caller.visitor.network, main=caller.visitor.main)
    await leave(rt, first_party, everywhere=caller.values.get("everywhere") == "1")
    return caller.go(caller.place("/auth", out="1"), set_cookie=main_cookie_header(rt.settings, "", 0))
