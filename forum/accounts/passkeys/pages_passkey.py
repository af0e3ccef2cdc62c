"""The page of the ways to sign in: passkeys, mail, identity providers. Scripts are needed to add a passkey alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import Account, Passkey
from forum.accounts.passkeys.service_passkey import (
    MOST_NAME,
    MOST_PASSKEYS,
    list_passkeys,
    remove_passkey,
    rename_passkey,
)
from forum.accounts.policy import is_fresh
from forum.accounts.present import local
from forum.accounts.providers.service_connection import PAGE as PATH
from forum.accounts.providers.service_connection import ConnectionView, connections
from forum.accounts.service_ways import mail_lets_in
from forum.accounts.settings_pages import Home, SettingsPage, at_home, to_sign_in
from forum.core.i18n import N_
from forum.errors import Conflict, Invalid
from forum.runtime import Runtime
from forum.web.inputs import PageParams, read_form, read_query
from forum.web.limits import ACCOUNT
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

BAD_NAME: Final = N_("Please give the passkey a name of 1 to 60 characters.")
DONE: Final = {
    "added": N_("Your passkey is ready. You can sign in with it from now on."),
    "renamed": N_("The new name is saved."),
    "removed": N_("The passkey is removed. You may want to delete it on your device too."),
    "connected": N_("Connected. You can sign in that way from now on."),
    "disconnected": N_("Disconnected. That way of signing in is closed."),
}
Show = Callable[[Home], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class SignInQuery(PageParams):
    """What was done just now."""

    done: Annotated[str, Field(max_length=20)] = ""


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey in the list; `number` counts from 1, for what refers to it inside the page."""

    id: str
    number: int
    name: str
    created_at: datetime
    used_at: datetime | None
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(SettingsPage):
    """What the page draws. `email` is where mail lets its person in ("": nowhere), `sends_mail` whether this
    server sends any."""

    passkeys: tuple[PasskeyView, ...]
    email: str
    sends_mail: bool
    connections: tuple[ConnectionView, ...]
    fresh: bool
    again_href: str
    may_add: bool
    most: int = MOST_PASSKEYS
    most_name: int = MOST_NAME


def routes(rt: Runtime) -> list[BaseRoute]:
    """The page and its forms."""

    def form(
        act: Callable[[Home], Awaitable[Response]], *, fresh: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        inside = at_home(rt, act, path=PATH, fresh=fresh)

        async def endpoint(request: Request) -> Response:
            await rt.limiter.check(ACCOUNT, visitor_of(request, rt.settings))
            await request.body()  # too long a one is refused whoever sends it
            return await inside(request)

        return endpoint

    return [
        Route(PATH, at_home(rt, show, path=PATH), methods=["GET"]),
        Route("/settings/passkeys/{id}/rename", form(rename), methods=["POST"]),
        Route("/settings/passkeys/{id}/remove", form(remove, fresh=True), methods=["POST"]),
    ]


async def show(home: Home) -> Response:
    """GET /settings/sign-in."""
    query = read_query(home.request, SignInQuery)
    return await _page(home, said=DONE.get(query.done, ""))


async def _page(home: Home, *, said: str = "", error: str = "", status: int = 200) -> Response:
    passkeys = await list_passkeys(home.rt, home.account)
    page = SignInPage(
        person=home.person,
        here=PATH,
        theme=home.account.theme,
        said=said,
        error=error,
        passkeys=tuple(_view(home.account, passkey, number) for number, passkey in enumerate(passkeys, 1)),
        email=home.account.email or "" if mail_lets_in(home.rt, home.account) else "",
        sends_mail=home.rt.mailer.can_send,
        connections=await connections(home.rt, home.account),
        fresh=is_fresh(home.session, home.rt.clock.now()),
        again_href=to_sign_in(PATH, again=True),
        may_add=len(passkeys) < MOST_PASSKEYS,
    )
    return home.page("pages/settings_sign_in.html", page, status=status)


def _view(account: Account, passkey: Passkey, number: int) -> PasskeyView:
    used_at = None if passkey.used_at is None else local(account, passkey.used_at)
    made_at = local(account, passkey.created_at)
    return PasskeyView(passkey.id, number, passkey.name, made_at, used_at, backed_up=passkey.backed_up)


async def rename(home: Home) -> Response:
    """POST /settings/passkeys/{id}/rename."""
    values = await read_form(home.request, frozenset({"name"}))
    try:
        await rename_passkey(home.rt, home.account, home.request.path_params["id"], values.get("name", ""))
    except Invalid as error:
        return await _page(home, error=BAD_NAME, status=error.status)
    return see_other(f"{PATH}?done=renamed")


async def remove(home: Home) -> Response:
    """POST /settings/passkeys/{id}/remove."""
    try:
        await remove_passkey(home.rt, home.account, home.request.path_params["id"])
    except Conflict as error:
        return await _page(home, error=error.detail, status=error.status)
    return see_other(f"{PATH}?done=removed")
