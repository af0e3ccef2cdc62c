"""Who may do what by their session and their role. One rule each, in words above the code."""

from __future__ import annotations

from datetime import datetime

from forum.accounts.model import (
    EMBED_ABSOLUTE,
    EMBED_SLIDING,
    FRESH,
    MAIN_ABSOLUTE,
    MAIN_SLIDING,
    Account,
    Actor,
    Kind,
    Role,
    Session,
    State,
)
from forum.core.decision import ALLOW, Decision, Deny


def expiry(kind: Kind, now: datetime, *, parent: Session | None = None) -> datetime:
    """When a session that begins now ends at the latest: not after the one it came from."""
    if kind is Kind.MAIN:
        return now + MAIN_ABSOLUTE
    latest = now + EMBED_ABSOLUTE
    return latest if parent is None else min(latest, parent.expires_at)


def is_alive(session: Session, account: Account, now: datetime) -> bool:
    """A session counts until it has not been used for long, or has reached its end, and only while its account does."""
    sliding = MAIN_SLIDING if session.kind is Kind.MAIN else EMBED_SLIDING
    return account.state is State.ACTIVE and now < session.expires_at and now < session.seen_at + sliding


def reaches(session: Session, site_id: int) -> bool:
    """A first-party session counts on every site, that of a frame on its own alone."""
    return session.kind is Kind.MAIN or session.site_id == site_id


def is_fresh(session: Session, now: datetime) -> bool:
    """Whether its person has proved who they are a short while ago."""
    return now < session.fresh_at + FRESH


def may_act_as(actor: Actor | None, role: Role) -> Decision:
    """What a role allows needs a first-party session of somebody who has it on that site, or of a server's owner."""
    if actor is None or actor.session is None:
        return Deny("sign_in_needed")
    if actor.session.kind is not Kind.MAIN:
        return Deny("not_in_a_frame")
    return ALLOW if actor.is_owner or actor.role.rank >= role.rank else Deny("not_allowed")
