"""People with accounts, signed in without going through a page: for tests of what they may do then."""

from __future__ import annotations

from datetime import timedelta

import httpx

from forum.accounts import queries
from forum.accounts.model import FRESH, Account, Role
from forum.accounts.service_people import create_account
from forum.accounts.service_session import begin_embed, begin_main, require_account
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.sites.model import Site
from forum.web.visitors import embed_cookie_header, embed_cookie_name, main_cookie_header, main_cookie_name
from tests.support.app import House, Person

AGENT = "Firefox, Linux"


async def an_account(
    house: House, name: str, *, email: str | None = None, owner: bool = False, role: Role | None = None
) -> Account:
    """Make an account; its e-mail address counts as verified. `role` is that on the newsroom."""
    now = house.clock.now()

    async def work(tx: Tx) -> Account:
        new = await create_account(tx, house.rt, name, email=email, verified=email is not None, now=now)
        if owner:
            new = new._replace(is_owner=True)
            await queries.update_account(tx, new)
        if role is not None:
            await queries.set_role(tx, site_id=house.site.id, account_id=new.id, role=role, now=now)
        return new

    return await house.rt.db.write(work)


async def sign_in(house: House, person: Person, account: Account, *, fresh: bool = True) -> Person:
    """Give a browser a first-party session; not `fresh`, its person has proved who they are a while ago."""
    moment = house.clock.now() if fresh else house.clock.now() - FRESH - timedelta(minutes=1)
    begun = await house.rt.db.write(lambda tx: begin_main(tx, house.rt, account, moment, agent=AGENT))
    keep(person, main_cookie_header(house.rt.settings, begun.token, begun.seconds))
    return person


async def signed_in(
    house: House,
    name: str = "Edda",
    *,
    email: str | None = None,
    owner: bool = False,
    role: Role | None = None,
    fresh: bool = True,
) -> Person:
    """A browser whose person has a new account and a first-party session. Options as of `an_account` and `sign_in`."""
    account = await an_account(house, name, email=email, owner=owner, role=role)
    return await sign_in(house, await house.newcomer(name), account, fresh=fresh)


async def embedded(house: House, person: Person, *, site: Site | None = None) -> Person:
    """The frame on an article page in the same person's browser: it has a session of its own, and no other."""
    where = site or house.site
    account, parent = await require_account(house.rt, visitor(house, person))
    place = (where.id, where.origins[0])
    begun = await house.rt.db.write(
        lambda tx: begin_embed(tx, house.rt, account, house.clock.now(), where=place, parent=parent)
    )
    frame = await house.newcomer(person.name)
    keep(frame, embed_cookie_header(house.rt.settings, begun.token, begun.seconds))
    return frame


async def account_of(house: House, person: Person) -> Account:
    """Whose first-party session a browser has, as the account is now; raises SignInNeeded without one."""
    return (await require_account(house.rt, visitor(house, person)))[0]


def visitor(house: House, person: Person) -> Visitor:
    """A browser as the use cases see it."""
    main, embed = (cookie(house.rt.settings) for cookie in (main_cookie_name, embed_cookie_name))
    return Visitor(person.name, main=person.http.cookies.get(main), embed=person.http.cookies.get(embed))


def keep(person: Person, set_cookie: str) -> None:
    """Put a cookie into a browser, as an answer of the server would."""
    request = httpx.Request("GET", person.http.base_url)
    person.http.cookies.extract_cookies(httpx.Response(200, headers={"set-cookie": set_cookie}, request=request))
