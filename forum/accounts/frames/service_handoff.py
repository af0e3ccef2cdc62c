"""Hand-off: a first-party session gives a frame on a publisher's page one of its own.

The frame keeps a verifier to itself and shows only its hash (the challenge) to the window it opens. What that window
brings back is a code, and a code counts only together with the verifier, once, for the site and the origin it was made
for, and while the session it came from is alive.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from forum.accounts import policy
from forum.accounts import queries as accounts
from forum.accounts import queries_flow as flows
from forum.accounts import queries_session as sessions
from forum.accounts.flows import begin_flow
from forum.accounts.links import ALPHABET, CODE_LENGTH, typed_code
from forum.accounts.model import Account, Flow, FlowKind, Role, Session
from forum.accounts.service_ending import end_sent
from forum.accounts.service_session import Begun, begin_embed
from forum.core.i18n import N_
from forum.core.pkce import challenge_of
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Forbidden, NotFound
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.limits import SIGN_IN

# The code that scripts carry from window to window; and the short one for people, who need longer.
CODE_LIFETIME: Final = timedelta(seconds=60)
SHORT_LIFETIME: Final = timedelta(minutes=5)
MOST_TRIES: Final = 5
REFUSED: Final = N_("That code does not count any more. Please sign in once more from the comments.")
NOT_THEIRS: Final = N_("This site does not show its comments there.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame stands: the site whose comments it shows, and the origin of the page around it."""

    site: Site
    origin: str

    @property
    def host(self) -> str:
        """The origin as people know it."""
        return self.origin.partition("://")[2]


@dataclass(frozen=True, slots=True)
class Offer:
    """The two codes, either of which counts once: a long one for the script, a short one to paste."""

    code: str
    short: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a frame says to have been offered."""

    place: Place
    code: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Who a frame is signed in as, what they are on its site, and its new session."""

    account: Account
    role: Role
    begun: Begun


def place_of(site: Site, origin: str) -> Place:
    """Where a frame may stand; raises NotFound for an origin that is not one of the site's."""
    if origin not in site.origins:
        raise NotFound("origin_not_allowed", NOT_THEIRS)
    return Place(site, origin)


def _handle(challenge: str) -> str:
    return f"handoff:{_hash(challenge)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def offer(rt: Runtime, session: Session, place: Place, challenge: str) -> Offer:
    """Let the frame that holds this challenge's verifier have a session that ends with this one."""
    made = Offer(secrets.token_urlsafe(32), "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)))
    data = {"origin": place.origin, "short": _hash(made.short)}
    flow = begin_flow(rt, FlowKind.HANDOFF, SHORT_LIFETIME, purpose="embed", data=data)._replace(
        handle=_handle(challenge),
        code_hash=_hash(made.code),
        account_id=session.account_id,
        session_id=session.id,
        site_id=place.site.id,
    )

    async def work(tx: Tx) -> None:
        await flows.put_flow(tx, flow)

    await rt.db.write(work)
    return made


async def redeem(rt: Runtime, visitor: Visitor, claim: Claim) -> Entered:
    """The frame's session, for its code and verifier; raises Forbidden("handoff_refused"), whatever was wrong."""
    await rt.limiter.check(SIGN_IN, visitor)
    now = rt.clock.now()

    async def work(tx: Tx) -> Entered | None:
        flow = await _take(tx, claim, now)
        found = None if flow is None else await _parent(tx, flow, now)
        if found is None:
            return None
        await end_sent(tx, visitor.embed)
        return await _enter(tx, rt, claim.place, found, now)

    # A wrong code is counted, so the refusal comes after what was written.
    entered = await rt.db.write(work)
    if entered is None:
        raise Forbidden("handoff_refused", REFUSED)
    return entered


async def _take(tx: Tx, claim: Claim, now: datetime) -> Flow | None:
    """The flow, finished, if the claim fits it. Every try is counted before it is looked at: of many at the same
    moment, a few are."""
    handle = _handle(challenge_of(claim.verifier))
    tries = await flows.miss(tx, handle, kind=FlowKind.HANDOFF)
    flow = await flows.find_flow(tx, handle, kind=FlowKind.HANDOFF, now=now)
    if flow is None:
        return None
    if tries <= MOST_TRIES and _fits(flow, claim, now):
        return await flows.take_flow(tx, handle, kind=FlowKind.HANDOFF, now=now)
    if tries >= MOST_TRIES:
        await flows.drop_flow(tx, handle)
    return None


def _fits(flow: Flow, claim: Claim, now: datetime) -> bool:
    known = orjson.loads(flow.data)
    is_long = hmac.compare_digest(_hash(claim.code), flow.code_hash) and now < flow.created_at + CODE_LIFETIME
    is_short = hmac.compare_digest(_hash(typed_code(claim.code)), known["short"])
    site, origin = claim.place.site, claim.place.origin
    is_place = flow.site_id == site.id and known["origin"] == origin and origin in site.origins
    return is_place and (is_long or is_short)


async def _parent(tx: Tx, flow: Flow, now: datetime) -> tuple[Account, Session] | None:
    """The session that made the offer and its person, if both are alive."""
    if flow.account_id is None:
        return None
    account = await accounts.find_account(tx, flow.account_id)
    alive = await sessions.list_sessions(tx, account_id=flow.account_id, now=now)
    parent = next((session for session in alive if session.id == flow.session_id), None)
    if account is None or parent is None or not policy.is_alive(parent, account, now):
        return None
    return account, parent


async def _enter(tx: Tx, rt: Runtime, place: Place, who: tuple[Account, Session], now: datetime) -> Entered:
    account, parent = who
    where = (place.site.id, place.origin)
    begun = await begin_embed(tx, rt, account, now, where=where, parent=parent)
    roles = await accounts.list_roles(tx, account.id)
    return Entered(account, roles.get(place.site.id, Role.READER), begun)
