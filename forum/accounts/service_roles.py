"""Roles at work: whether who is asking may do what a role allows, on one site or on any."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from forum.accounts import queries, queries_session
from forum.accounts.model import ACCOUNT, Actor, Role
from forum.accounts.policy import is_alive, may_act_as
from forum.accounts.service_session import SIGN_IN_NEEDED, identify
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Forbidden, SignInNeeded
from forum.runtime import Runtime

NOT_ALLOWED = N_("Your account may not do this here.")


def first_party(visitor: Visitor) -> Visitor:
    """A visitor reduced to the session of a first-party page: that of a frame has no such powers."""
    return replace(visitor, embed=None)


async def require_role(rt: Runtime, visitor: Visitor, site_id: int, role: Role) -> Actor:
    """Who is signed in, with at least this role on the site; raises SignInNeeded or Forbidden."""
    actor = await identify(rt, first_party(visitor), site_id)
    denied = may_act_as(actor, role)
    if actor is None:
        raise SignInNeeded(detail=SIGN_IN_NEEDED)
    if isinstance(denied, Deny):
        raise Forbidden(denied.code, NOT_ALLOWED)
    return actor


async def hold_role(tx: Tx, visitor: Visitor, site_id: int, role: Role, now: datetime) -> Actor:
    """Who decides something in this transaction, with at least this role on the site: neither their session ends nor is
    the role taken away before it is done. One statement. Raises SignInNeeded or Forbidden.

    (Who owns the server is not held: that this is taken away at the same moment comes after what they decided.)
    """
    found = None
    if visitor.main is not None:
        found = await queries_session.hold_session(tx, token=visitor.main, site_id=site_id)
    if found is None or not is_alive(found[1], found[0], now):
        raise SignInNeeded(detail=SIGN_IN_NEEDED)
    account, session, held = found
    actor = Actor(ACCOUNT, account.id, account, session, held)
    # A publisher vouches for people on its own site alone.
    if isinstance(may_act_as(actor, role), Deny) or session.site_id not in (None, site_id):
        raise Forbidden("not_allowed", NOT_ALLOWED)
    return actor


async def find_staff(rt: Runtime, visitor: Visitor, role: Role) -> Actor | None:
    """Who is signed in, if they have at least this role on any site: for what belongs to the whole server."""
    actor = await identify(rt, first_party(visitor))
    if actor is None or actor.is_owner:
        return actor
    if actor.session is None or actor.session.site_id is not None:
        return None  # a publisher vouches for people on its own site, and has no say in what all sites share
    async with rt.db.read(fresh=True) as tx:
        roles = await queries.list_roles(tx, actor.id)
    best = max(roles.values(), key=lambda found: found.rank, default=Role.READER)
    return replace(actor, role=best) if best.rank >= role.rank else None
