"""A publisher signs its own reader in: by a token of its key, into a frame on its own pages, and into the settings of
people who have no other way to get there.

Who they are is the site together with the token's subject. An e-mail address in a token counts for nothing, and no
account is ever found by one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog

from forum.accounts import queries as accounts
from forum.accounts import queries_identity as identities
from forum.accounts.frames import queries_sso as queries
from forum.accounts.frames.service_handoff import Entered, Place
from forum.accounts.frames.sso_tokens import LEEWAY, Claims, SsoProblem, read_token
from forum.accounts.model import Account, Identity, Role, State
from forum.accounts.queries_session import find_session
from forum.accounts.service_ending import end_sent
from forum.accounts.service_people import DISABLED, OTHER_PERSON, create_account, free_name
from forum.accounts.service_roles import first_party
from forum.accounts.service_session import ANYWHERE, Begun, begin_embed, begin_main, find_account_actor
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import ConstraintViolated, Tx
from forum.errors import FieldError, Forbidden, Invalid
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.limits import SIGN_IN

log = structlog.get_logger(__name__)
OWN_WAY: Final = N_("Sign in with one of your own ways.")
T = TypeVar("T")
Work = Callable[[Tx, Runtime, "Reader", Claims, datetime], Awaitable[T]]
REFUSED: Final = N_("The page around these comments wanted to sign you in, and that did not work.")
# People who come for the first time at the same moment may want the same name.
MOST_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who comes from a publisher's page: where, and with the sessions that are replaced."""

    place: Place
    visitor: Visitor


def refused(site: Site, code: str) -> Forbidden:
    """The refusal of a token; the reason helps who makes the tokens, and gives nothing away."""
    log.warning("publisher's token refused", site=site.key, reason=code)
    return Forbidden("sso_refused", REFUSED, errors=(FieldError("token", code),))


async def enter_by_token(rt: Runtime, visitor: Visitor, place: Place, token: str) -> Entered:
    """A frame's session for the person a token names; raises Forbidden("sso_refused", with the reason on "token") or
    ("account_disabled")."""
    return await _by_token(rt, Reader(place, visitor), token, _enter)


async def go_home_by_token(rt: Runtime, visitor: Visitor, place: Place, token: str, *, agent: str) -> Begun:
    """A first-party session for the person a token names, who has nothing else to get one by. Raises Forbidden as
    `enter_by_token` does, ("own_way_in") for everybody else, and ("other_person") where a browser is seen to be signed
    in as another."""

    async def work(tx: Tx, rt: Runtime, reader: Reader, claims: Claims, now: datetime) -> Begun:
        return await _go_home(tx, rt, reader, claims, (agent, now))

    return await _by_token(rt, Reader(place, visitor), token, work)


async def _by_token(rt: Runtime, reader: Reader, token: str, work: Work[T]) -> T:
    place, visitor = reader.place, reader.visitor
    await rt.limiter.check(SIGN_IN, visitor)
    now = rt.clock.now()
    try:
        claims = read_token(place.site, token, audience=rt.settings.public_url, now=now.timestamp())
    except SsoProblem as problem:
        raise refused(place.site, problem.code) from None
    for _ in range(MOST_TRIES - 1):
        try:
            return await rt.db.write(lambda tx: work(tx, rt, reader, claims, now))
        except (ConstraintViolated, Invalid):
            continue  # another newcomer took the name, or is the same person: seen at the next try
    return await rt.db.write(lambda tx: work(tx, rt, reader, claims, now))


async def _enter(tx: Tx, rt: Runtime, reader: Reader, claims: Claims, now: datetime) -> Entered:
    account, role = await _recognise(tx, rt, reader.place.site, claims, now)
    await end_sent(tx, reader.visitor.embed)
    where = (reader.place.site.id, reader.place.origin)
    return Entered(account, role, await begin_embed(tx, rt, account, now, where=where, parent=None))


async def _go_home(tx: Tx, rt: Runtime, reader: Reader, claims: Claims, how: tuple[str, datetime]) -> Begun:
    site, (agent, now) = reader.place.site, how
    account, _ = await _recognise(tx, rt, site, claims, now)
    present = await find_account_actor(tx, first_party(reader.visitor), ANYWHERE, now)
    if present is not None and present.id != account.id:
        raise Forbidden("other_person", OTHER_PERSON)
    await end_sent(tx, reader.visitor.main)
    begun = await begin_main(tx, rt, account, now, agent=agent, voucher=site.id)
    # Such a session counts only while nobody else says who its person is: here as whenever it is used.
    if await find_session(tx, token=begun.token, site_id=ANYWHERE) is None:
        raise Forbidden("own_way_in", OWN_WAY)
    return begun


async def _recognise(tx: Tx, rt: Runtime, site: Site, claims: Claims, now: datetime) -> tuple[Account, Role]:
    """The account that a token names, and its role on the site. The token counts no more."""
    until = datetime.fromtimestamp(claims.exp, UTC) + timedelta(seconds=LEEWAY)
    if not await queries.use_token(tx, site_id=site.id, jti=claims.jti, expires_at=until):
        raise refused(site, "used")
    account = await _account(tx, rt, site, claims, now)
    if account.state is not State.ACTIVE:
        raise Forbidden("account_disabled", DISABLED)
    return account, await _role(tx, site, account, claims.role, now)


async def _account(tx: Tx, rt: Runtime, site: Site, claims: Claims, now: datetime) -> Account:
    """The person's account. It keeps its name, whatever the publisher calls them by now: it is theirs to change."""
    who = (identities.SSO, str(site.id), claims.subject)
    known = await identities.find_identity(tx, *who)
    if known is not None:
        found = await accounts.find_account(tx, known.account_id)
        if found is None:
            raise refused(site, "gone")
        await identities.mark_identity_used(tx, known, label=site.name, now=now)
        return found
    name = await free_name(tx, claims.name)
    new = await create_account(tx, rt, name, email=None, verified=False, now=now)
    await identities.insert_identity(tx, Identity(*who, new.id, site.name, now, now))
    return new


async def _role(tx: Tx, site: Site, account: Account, said: Role | None, now: datetime) -> Role:
    """What they are on the site from now on. A token says nothing about those an operator put above its reach."""
    has = (await accounts.list_roles(tx, account.id)).get(site.id, Role.READER)
    if said is None or said is has or has.rank > Role(site.sso_role).rank:
        return has
    await accounts.set_role(tx, site_id=site.id, account_id=account.id, role=said, now=now)
    return said
