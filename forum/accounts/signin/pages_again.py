"""Prove yourself once more: for what a session alone does not allow, by the ways that the account has."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import Account
from forum.accounts.providers.service_provider import list_providers_again
from forum.accounts.queries_identity import SSO, list_identities
from forum.accounts.queries_passkey import list_passkeys
from forum.accounts.service_people import AGAIN
from forum.accounts.service_session import require_account
from forum.accounts.service_ways import mail_lets_in
from forum.accounts.signin.pages_view import Caller, DoorPage, call
from forum.accounts.signin.service_mail import begin_again
from forum.errors import AftershowError
from forum.runtime import Runtime
from forum.web.limits import MAIL
from forum.web.problems import MENDABLE


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this page."""

    async def again(request: Request) -> Response:
        return await (send if request.method == "POST" else show)(rt, request)

    return [Route("/auth/again", again, methods=["GET", "POST"])]


async def show(rt: Runtime, request: Request) -> Response:
    """GET /auth/again: the ways in that the account has."""
    caller = await call(rt, request)
    if caller.account is None:
        return caller.go(caller.place("/auth"))
    return await _page(caller, caller.account)


async def _page(caller: Caller, account: Account, error: AftershowError | None = None) -> Response:
    rt = caller.rt
    async with rt.db.read(fresh=True) as tx:
        has_passkey = bool(await list_passkeys(tx, account.id))
        publishers = [found.label for found in await list_identities(tx, account.id) if found.kind == SSO]
    query = urlencode({"next": caller.next, "purpose": AGAIN})
    page = DoorPage(
        mail=mail_lets_in(rt, account),
        passkeys=has_passkey,
        providers=tuple(
            (name, f"/auth/provider/{quote(key)}?{query}") for key, name in await list_providers_again(rt, account)
        ),
        email=account.email or "",
        publisher=publishers[0] if publishers else "",
        errors=caller.said(error),
        **caller.common,
    )
    return caller.draw("pages/auth_again.html", page, error)


async def send(rt: Runtime, request: Request) -> Response:
    """POST /auth/again: mail to the account's own address."""
    caller = await call(rt, request)
    if caller.account is None:
        return caller.go(caller.place("/auth"))
    try:
        await rt.limiter.check(MAIL, caller.visitor)
        account, session = await require_account(rt, caller.visitor)
        handle = await begin_again(rt, account, session, next_path=caller.next, locale=caller.language.code)
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return await _page(caller, caller.account, error)
    return caller.go(caller.code_path(handle))
