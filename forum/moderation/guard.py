"""The one gate of everything below /mod and /api/v1/mod: who is asking, what they may do on which site, and how fresh
their proof is. Whoever may not do something here is told that there is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import ACCOUNT, Account, Actor, Kind, Role
from forum.accounts.policy import is_alive, is_fresh
from forum.accounts.service_session import SIGN_IN_AGAIN, SIGN_IN_NEEDED
from forum.comments.review.queries_people import find_holder
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.errors import Forbidden, NotFound, SignInNeeded
from forum.moderation.given_back import give_back
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import directory
from forum.web.inputs import require_plain_query
from forum.web.limits import MODERATE
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

NOTHING: Final = N_("There is nothing here that you may moderate.")
SAFE: Final = ("GET", "HEAD")
# What of an address is remembered while somebody signs in.
KEPT: Final = ("site", "queue")
_NAME: Final = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who is signed in on a first-party page, with the sites they have a say on and their role on each (at least
    "trusted"; the owner of a server is an administrator on all)."""

    account: Account
    actor: Actor
    visitor: Visitor
    roles: Mapping[int, Role]

    def role_on(self, site_id: int) -> Role | None:
        """Their role on a site, None where they have no say."""
        return self.roles.get(site_id)

    def may(self, site_id: int, role: Role) -> bool:
        """Whether they are at least this on a site."""
        held = self.roles.get(site_id)
        return held is not None and held.rank >= role.rank

    def is_fresh(self, now: datetime) -> bool:
        """Whether they have proved who they are a short while ago."""
        return self.actor.session is not None and is_fresh(self.actor.session, now)


Handler = Callable[[Runtime, Request, Moderator], Awaitable[Response]]


def guarded(
    rt: Runtime,
    handler: Handler,
    *,
    role: Role = Role.MODERATOR,
    fresh: bool = False,
    gives_back: Callable[[Runtime, Request], Awaitable[Response]] = give_back,
) -> Callable[[Request], Awaitable[Response]]:
    """A page for people with this role on any site; `fresh`: shortly after they have proved who they are. `gives_back`
    answers a form of somebody whose session has ended: with what they sent, and nothing else."""

    async def endpoint(request: Request) -> Response:
        await rt.limiter.check(MODERATE, visitor_of(request, rt.settings))
        require_plain_query(request)
        try:
            try:
                moderator = await _admit(rt, request, role, fresh=fresh)
            except Forbidden:
                return _elsewhere("/auth/again", request)
            return await handler(rt, request, moderator)
        except SignInNeeded:
            # Also where a session ends between the look at it and the work.
            return await (_to_sign_in if request.method in SAFE else gives_back)(rt, request)

    # What a test of all routes looks for.
    endpoint.guarded_for = role  # type: ignore[attr-defined]
    return endpoint


def guarded_api(
    handler: Handler, *, role: Role = Role.MODERATOR, fresh: bool = False
) -> Callable[[Runtime, Request], Awaitable[Response]]:
    """The same for an operation of the API: 401 for nobody, 404 for everybody else, 403 "sign_in_again"."""

    async def endpoint(rt: Runtime, request: Request) -> Response:
        await rt.limiter.check(MODERATE, visitor_of(request, rt.settings))
        require_plain_query(request)
        return await handler(rt, request, await _admit(rt, request, role, fresh=fresh))

    # The description of the API calls its operations by these.
    endpoint.__name__ = handler.__name__
    endpoint.guarded_for = role  # type: ignore[attr-defined]
    return endpoint


async def _to_sign_in(rt: Runtime, request: Request) -> Response:
    return _elsewhere("/auth", request)


def _elsewhere(path: str, request: Request) -> Response:
    """To where one proves oneself, and back. A form that was sent is lost at that, so its page asks before."""
    kept = {name: value for name in KEPT if _NAME.fullmatch(value := request.query_params.get(name, ""))}
    back = request.url.path + (f"?{urlencode(kept)}" if kept else "") if request.method in SAFE else "/mod"
    return see_other(f"{path}?{urlencode({'next': back})}")


async def _admit(rt: Runtime, request: Request, role: Role, *, fresh: bool) -> Moderator:
    found = await find_moderator(rt, visitor_of(request, rt.settings))
    if found is None:
        raise SignInNeeded(detail=SIGN_IN_NEEDED)
    if not any(held.rank >= role.rank for held in found.roles.values()):
        raise NotFound(detail=NOTHING)
    if fresh:
        require_fresh(rt, found)
    return found


async def find_moderator(rt: Runtime, visitor: Visitor) -> Moderator | None:
    """Who is signed in on a first-party page, with whatever say they have; one statement. None: nobody. Where they are
    suspended or banned themselves they have none."""
    now = rt.clock.now()
    if visitor.main is None:
        return None
    async with rt.db.read(fresh=True) as tx:
        found = await find_holder(tx, token=visitor.main, now=now)
    if found is None or found[1].kind is not Kind.MAIN or not is_alive(found[1], found[0], now):
        return None
    account, session, roles = found
    actor = Actor(ACCOUNT, account.id, account, session)
    sites = {site.id for site in (await directory(rt)).values()}
    if actor.is_owner:
        roles = dict.fromkeys(sites, Role.ADMIN)
    # A publisher vouches for people on its own site alone.
    only = session.site_id
    held = {
        site_id: role
        for site_id, role in roles.items()
        if role.rank >= Role.TRUSTED.rank and site_id in sites and only in (None, site_id)
    }
    return Moderator(account, actor, visitor, held)


def require_fresh(rt: Runtime, moderator: Moderator) -> None:
    """Raise Forbidden "sign_in_again" unless they have proved who they are a short while ago."""
    if not moderator.is_fresh(rt.clock.now()):
        raise Forbidden("sign_in_again", SIGN_IN_AGAIN)


def require_on(moderator: Moderator, site_id: int, role: Role = Role.MODERATOR) -> None:
    """Raise NotFound unless they are at least this on a site."""
    if not moderator.may(site_id, role):
        raise NotFound(detail=NOTHING)


async def mod_site(rt: Runtime, moderator: Moderator, key: str, role: Role = Role.MODERATOR) -> Site:
    """The site with this key; raises NotFound for one where they are not at least this, as if there was none."""
    site = (await directory(rt)).get(key)
    if site is None:
        raise NotFound(detail=NOTHING)
    require_on(moderator, site.id, role)
    return site


async def sites_of(rt: Runtime, moderator: Moderator, role: Role = Role.TRUSTED) -> list[Site]:
    """The sites on which they are at least this, by name."""
    mine = [site for site in (await directory(rt)).values() if moderator.may(site.id, role)]
    return sorted(mine, key=lambda site: (site.name.casefold(), site.key))
