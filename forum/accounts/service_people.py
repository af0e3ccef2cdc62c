"""Accounts: make one, name it, and let somebody in who has proved who they are.

Every way to sign in ends in `arrive`: a mail link, a passkey, an identity provider. What they prove differs, what
follows from it does not.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

from forum.accounts import policy, queries, queries_flow, queries_identity
from forum.accounts.addresses import email_key
from forum.accounts.flows import begin_flow
from forum.accounts.model import Account, FlowKind, Identity, Session, State
from forum.accounts.names import MAX_NAME_LENGTH, check_account_name, name_key
from forum.accounts.places import safe_next
from forum.accounts.service_ending import end_sent
from forum.accounts.service_session import (
    ANYWHERE,
    SIGN_IN_AGAIN,
    SIGN_IN_NEEDED,
    Begun,
    begin_main,
    find_account_actor,
    refresh,
)
from forum.accounts.service_ways import add_identity
from forum.core.i18n import N_
from forum.core.text import TextProblem
from forum.core.visitor import Visitor
from forum.db import ConstraintViolated, Tx
from forum.errors import FieldError, Forbidden, Invalid, SignInNeeded
from forum.runtime import Runtime

T = TypeVar("T")
SIGN_IN: Final = "sign_in"
AGAIN: Final = "again"
CONNECT: Final = "connect"
PURPOSES: Final = (SIGN_IN, AGAIN, CONNECT)
# What a flow is for that ends in two accounts becoming one.
MERGE: Final = "merge"
FINISH_PATH: Final = "/auth/finish"
FINISH_TIME: Final = timedelta(minutes=15)
# Pages that are drawn for signed-in people alone, and tell the browser's other pages so.
_PERSONAL: Final = ("/auth", "/settings")
# Names of one kind that are tried before one is made up.
_MOST_TRIED: Final = 20
_FALLBACK: Final = "Viewer"

DISABLED: Final = N_("This account is switched off. Whoever runs this site can say why.")
OTHER_PERSON: Final = N_("That belongs to another account than the one you are signed in with.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody has just proved: that an account is theirs (a passkey), that they are somebody elsewhere
    (`identity`, whose `account_id` counts for nothing), or that they read the mail of an address."""

    account: Account | None = None
    identity: Identity | None = None
    email: str | None = None
    suggested_name: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where to go on, and the session that has begun or has a new token: its cookie goes along. `finish` is the flow of
    somebody who lacks a name: it counts only in the browser that is given its handle as a cookie too, so that nobody
    finishes for another what that one has proved."""

    begun: Begun | None
    location: str
    finish: str | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Who comes, what for, and where they want to go on to. `agent`: a few words about their browser."""

    purpose: str
    next_path: str
    agent: str
    visitor: Visitor


async def arrive(rt: Runtime, proof: Proof, *, purpose: str, next_path: str, agent: str, visitor: Visitor) -> Arrival:
    """Let somebody in who has proved who they are.

    "sign_in": a new session, or the page that asks a new person for a name. "again": the session that is there counts
    as fresh, under a new token. "connect": what was proved is one more way into the account that is signed in.

    Raises Forbidden ("account_disabled", "other_person", "sign_in_again") and SignInNeeded.
    """
    coming = Coming(purpose, safe_next(next_path), agent, visitor)

    async def work(tx: Tx) -> Arrival:
        return await arrive_in(tx, rt, proof, coming)

    return await decide(rt, work)


async def decide(rt: Runtime, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Run `work`, and once more when another writer took the name or address in between: it sees that then."""
    try:
        return await rt.db.write(work)
    except ConstraintViolated:
        return await rt.db.write(work)


async def arrive_in(tx: Tx, rt: Runtime, proof: Proof, coming: Coming) -> Arrival:
    """`arrive`, as a part of a larger transaction."""
    if coming.purpose == SIGN_IN:
        return await _sign_in(tx, rt, proof, coming)
    account, session = await own_session(tx, rt, coming.visitor)
    if coming.purpose == CONNECT:
        return await _connect(tx, rt, proof, coming, (account, session))
    known = await find_known(tx, proof)
    if known is None or known.id != account.id:
        raise Forbidden("other_person", OTHER_PERSON)
    return Arrival(await refresh(tx, rt, session, rt.clock.now()), coming.next_path)


async def own_session(tx: Tx, rt: Runtime, visitor: Visitor) -> tuple[Account, Session]:
    """The first-party session of a browser inside a transaction; raises SignInNeeded."""
    first_party = Visitor(visitor.network, main=visitor.main)
    actor = await find_account_actor(tx, first_party, ANYWHERE, rt.clock.now())
    if actor is None or actor.account is None or actor.session is None:
        raise SignInNeeded(detail=SIGN_IN_NEEDED)
    return actor.account, actor.session


async def find_known(tx: Tx, proof: Proof) -> Account | None:
    """Whose account a proof opens, as it is now."""
    if proof.identity is not None:
        kind, issuer, subject = proof.identity[:3]
        found = await queries_identity.find_identity(tx, kind, issuer, subject)
        return None if found is None else await queries.find_account(tx, found.account_id)
    if proof.email is not None:
        return await queries.find_account_by_email(tx, email_key(proof.email))
    return None if proof.account is None else await queries.find_account(tx, proof.account.id)


async def _sign_in(tx: Tx, rt: Runtime, proof: Proof, coming: Coming) -> Arrival:
    known = await find_known(tx, proof)
    if known is not None:
        if proof.email is not None and known.email_verified_at is None:
            known = await _verify(tx, known, rt.clock.now())
        if (used := proof.identity) is not None:
            await queries_identity.mark_identity_used(tx, used, label=used.label, now=rt.clock.now())
        return await enter(tx, rt, known, coming)
    if proof.identity is None and proof.email is None:
        raise SignInNeeded(detail=SIGN_IN_NEEDED)  # an authenticator remembers an account that is gone
    handle = await _begin_finish(tx, rt, proof, coming)
    return Arrival(None, FINISH_PATH + "?" + urlencode({"flow": handle}), handle)


async def _verify(tx: Tx, account: Account, now: datetime) -> Account:
    """An operator gave the account an address, and now its reader is here."""
    found = await queries.find_account_locked(tx, account.id)
    changed = (found or account)._replace(email_verified_at=now)
    await queries.update_account(tx, changed)
    return changed


async def enter(tx: Tx, rt: Runtime, account: Account, coming: Coming) -> Arrival:
    """A new session for an account; the one that this browser had ends. Raises Forbidden ("account_disabled")."""
    if account.state is not State.ACTIVE:
        raise Forbidden("account_disabled", DISABLED)
    await end_sent(tx, coming.visitor.main)
    begun = await begin_main(tx, rt, account, rt.clock.now(), agent=coming.agent)
    return Arrival(begun, after_sign_in(coming.next_path))


def after_sign_in(next_path: str) -> str:
    """Where a new session goes first. Public pages don't know who reads them, so a page of ours notes it before."""
    if next_path.split("?")[0].startswith(_PERSONAL):
        return next_path
    return "/auth?" + urlencode({"done": "1", "next": next_path})


async def _connect(tx: Tx, rt: Runtime, proof: Proof, coming: Coming, who: tuple[Account, Session]) -> Arrival:
    account, session = who
    if not policy.is_fresh(session, rt.clock.now()):
        raise Forbidden("sign_in_again", SIGN_IN_AGAIN)
    known = await find_known(tx, proof)
    if known is not None and known.id != account.id:
        return await begin_merge(tx, rt, session, known, coming.next_path)
    if known is None and proof.identity is not None:
        await add_identity(tx, account, proof.identity, rt.clock.now())
    return Arrival(None, coming.next_path)


async def begin_merge(tx: Tx, rt: Runtime, session: Session, other: Account, next_path: str) -> Arrival:
    """Somebody who is signed in has proved that another account is theirs too: offer to make them one."""
    data = {"other": str(other.id), "next": next_path}
    flow = begin_flow(rt, FlowKind.FINISH, FINISH_TIME, purpose=MERGE, data=data)
    await queries_flow.put_flow(tx, flow._replace(account_id=session.account_id, session_id=session.id))
    return Arrival(None, "/settings/merge?" + urlencode({"flow": flow.handle}))


# A new person: what they proved waits until they have said how they want to be called.


async def _begin_finish(tx: Tx, rt: Runtime, proof: Proof, coming: Coming) -> str:
    identity = None if proof.identity is None else [*proof.identity[:3], proof.identity.label]
    data = {"identity": identity, "name": proof.suggested_name[:MAX_NAME_LENGTH], "next": coming.next_path}
    flow = begin_flow(rt, FlowKind.FINISH, FINISH_TIME, purpose=SIGN_IN, data=data)
    await queries_flow.put_flow(tx, flow._replace(email=proof.email))
    return flow.handle


async def settle(tx: Tx, rt: Runtime, proof: Proof, name: str, coming: Coming) -> Arrival:
    """Let somebody in, making their account first where there is none."""
    if await find_known(tx, proof) is None:
        now = rt.clock.now()
        account = await create_account(tx, rt, name, email=proof.email, verified=proof.email is not None, now=now)
        if proof.identity is not None:
            await add_identity(tx, account, proof.identity, now)
    return await _sign_in(tx, rt, proof, coming)


# Accounts and their names.


async def create_account(
    tx: Tx, rt: Runtime, name: str, *, email: str | None, verified: bool, now: datetime
) -> Account:
    """A new account. `email` has come through `check_email`.

    Raises Invalid about "name" (see `checked_name`) or "email" ("email_taken"), and ConstraintViolated when somebody
    else takes either in the same moment (`decide` tries again then).
    """
    called = checked_name(name)
    key = None if email is None else email_key(email)
    await _require_free(tx, called)
    if key is not None and await queries.find_account_by_email(tx, key) is not None:
        raise Invalid(errors=(FieldError("email", "email_taken"),))
    new = Account(
        id=rt.ids.next(),
        name=called,
        skeleton=name_key(called),
        email=email,
        email_key=key,
        email_verified_at=now if verified and email is not None else None,
        locale="",
        time_zone="",
        theme="auto",
        is_owner=False,
        state=State.ACTIVE,
        notify="",
        erase_texts=None,
        joining_id=None,
        created_at=now,
    )
    await queries.insert_account(tx, new)
    return new


async def rename(tx: Tx, account: Account, name: str) -> Account:
    """Call an account differently. Raises as `create_account` does; its own name in another spelling is free."""
    called = checked_name(name)
    await _require_free(tx, called, but=account.id)
    changed = account._replace(name=called, skeleton=name_key(called))
    await queries.update_account(tx, changed)
    return changed


def checked_name(name: str) -> str:
    """The name as it will be shown; raises Invalid on "name" with name_empty, name_too_long, bad_character,
    name_unusable, name_reserved or spoiler_in_title."""
    try:
        return check_account_name(name)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("name", problem.code),)) from None


async def _require_free(tx: Tx, name: str, *, but: int | None = None) -> None:
    found = await queries.find_account_named(tx, name_key(name))
    if found is not None and found.id != but:
        raise Invalid(errors=(FieldError("name", "name_taken"),))


async def free_name(tx: Tx, wanted: str) -> str:
    """A name like `wanted` that may be used and that nobody has: itself, with a number, or at last one made up."""
    try:
        base = check_account_name(wanted[:MAX_NAME_LENGTH])
    except TextProblem:
        base = _FALLBACK
    stem = base[: MAX_NAME_LENGTH - len(" 00")].rstrip()
    for name in (base, *(f"{stem} {number}" for number in range(2, _MOST_TRIED))):
        if await queries.find_account_named(tx, name_key(name)) is None:
            return name
    return f"{stem[:20].rstrip()} {secrets.randbelow(10**12)}"
