"""Signing in by mail: a link and a code to an address, and what they do when they come back.

Whoever asks for mail gets the same answer for every address, and no account is looked up for it. What an address
opens is found out once somebody has proved that they read its mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from forum.accounts import policy, queries, queries_flow, queries_session
from forum.accounts.addresses import cap_key, check_email, email_key
from forum.accounts.flows import begin_flow
from forum.accounts.links import is_code, verify_link
from forum.accounts.mail.post import Letter, LetterKind, send_later
from forum.accounts.model import Account, Flow, FlowKind, Session
from forum.accounts.places import safe_next
from forum.accounts.service_people import (
    AGAIN,
    CONNECT,
    SIGN_IN,
    Arrival,
    Coming,
    Proof,
    arrive_in,
    begin_merge,
    decide,
    find_known,
    own_session,
    settle,
)
from forum.accounts.service_session import SIGN_IN_AGAIN, refresh
from forum.accounts.signin.service_finish import TooLate
from forum.core.capability import mac
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Conflict, FieldError, Forbidden, Invalid, SignInNeeded, TooManyRequests
from forum.runtime import Runtime

MAIL_TIME: Final = timedelta(minutes=10)
# Links that operators print are carried to their people by hand.
HANDED_TIME: Final = timedelta(minutes=60)
MOST_WRONG: Final = 5
# How much sign-in mail an address gets on the request of one network, and of all together: a stranger uses up their own
# network's share and not that of others.
NETWORK_CAPS: Final = ("3/15minutes", "10/day")
ADDRESS_CAPS: Final = ("12/15minutes", "40/day")
# How much mail one account may ask for, apart from what strangers ask for.
ACCOUNT_CAPS: Final = ("5/15minutes", "20/day")
CHANGED_PATH: Final = "/settings?done=1"
NO_ADDRESS: Final = N_("Your account has no e-mail address to send that to.")
TOO_MUCH_MAIL: Final = N_(
    "You have asked for a lot of mail in a short time, so nothing was sent this time. Please try again later."
)
OTHER_BROWSER: Final = N_(
    "Please open this in the browser where you asked for it, or type the code from the mail there."
)


async def begin_sign_in(rt: Runtime, address: str, network: str, *, next_path: str, locale: str) -> str:
    """Send a link and a code to an address, asked for from a network; returns the handle under which the code counts.

    Raises Invalid about "email". Where an address has had enough mail for now, nothing is sent and nothing tells so.
    """
    wanted = check_email(address)
    data = {"next": safe_next(next_path), "locale": locale}
    flow = begin_flow(rt, FlowKind.MAIL, MAIL_TIME, purpose=SIGN_IN, data=data)
    flow = flow._replace(email=wanted)
    counts = (
        ("mail-network", NETWORK_CAPS, _counted(rt, wanted, network)),
        ("mail-address", ADDRESS_CAPS, _counted(rt, wanted)),
    )
    if not await _wait(rt, counts):
        await _send(rt, flow, LetterKind.SIGN_IN)
    return flow.handle


async def begin_again(rt: Runtime, account: Account, session: Session, *, next_path: str, locale: str) -> str:
    """Send a link and a code to somebody who is signed in, so that they prove themselves anew. Raises Conflict
    ("no_address"), and TooManyRequests when nothing was sent."""
    if account.email is None or account.email_verified_at is None:
        raise Conflict("no_address", NO_ADDRESS)
    data = {"next": safe_next(next_path), "locale": locale}
    flow = begin_flow(rt, FlowKind.MAIL, MAIL_TIME, purpose=AGAIN, data=data)
    flow = flow._replace(email=account.email, account_id=account.id, session_id=session.id)
    await _require_calm(rt, (("mail-account", ACCOUNT_CAPS, str(account.id)),))
    await _send(rt, flow, LetterKind.SIGN_IN)
    return flow.handle


async def begin_email_change(rt: Runtime, account: Account, session: Session, address: str, *, locale: str = "") -> str:
    """Send a link and a code to a new address of an account, and word to the old one; returns the handle.

    The address is the account's once one of them is used in this same session. Raises Invalid about "email"
    ("bad_email", "same_email"), Forbidden ("sign_in_again"), and TooManyRequests when nothing was sent.
    """
    if not policy.is_fresh(session, rt.clock.now()):
        raise Forbidden("sign_in_again", SIGN_IN_AGAIN)
    wanted, known = check_email(address), account.email if account.email_verified_at is not None else None
    if known is not None and account.email_key == email_key(wanted):
        raise Invalid(errors=(FieldError("email", "same_email"),))
    data = {"next": CHANGED_PATH, "locale": locale or account.locale}
    flow = begin_flow(rt, FlowKind.MAIL, MAIL_TIME, purpose=CONNECT, data=data)
    flow = flow._replace(email=wanted, account_id=account.id, session_id=session.id)
    word = None
    if known is not None:
        word = Letter(LetterKind.EMAIL_CHANGE_ASKED, known, account.id, data["locale"], {"new": wanted})
    counts = (("mail-account", ACCOUNT_CAPS, str(account.id)), ("mail-change", ADDRESS_CAPS, _counted(rt, wanted)))
    await _require_calm(rt, counts)
    await _send(rt, flow, LetterKind.CHANGE_EMAIL, word)
    return flow.handle


async def _send(rt: Runtime, flow: Flow, kind: LetterKind, word: Letter | None = None) -> None:
    address = flow.email or ""
    locale = orjson.loads(flow.data)["locale"]
    letter = Letter(kind, address, flow.account_id, locale, {"flow": flow.handle})

    async def work(tx: Tx) -> None:
        await queries_flow.put_flow(tx, flow)
        await send_later(tx, rt, letter)
        if word is not None:
            await send_later(tx, rt, word)

    await rt.db.write(work)


def _counted(rt: Runtime, address: str, *network: str) -> str:
    # What counts is kept outside of the database for a day, perhaps on another machine: it need not know addresses.
    return mac(rt.settings.secret_key, "mail-address", cap_key(address), *network)


async def _wait(rt: Runtime, counts: tuple[tuple[str, tuple[str, str], str], ...]) -> int:
    """Count a letter in one place after the other, up to one where there were enough; the seconds to wait then."""
    for name, caps, who in counts:
        for cap in caps:
            if wait := await rt.limiter.wait(name, cap, who):
                return wait
    return 0


async def _require_calm(rt: Runtime, counts: tuple[tuple[str, tuple[str, str], str], ...]) -> None:
    """Who is signed in hears that nothing is sent: it tells nobody about others."""
    if wait := await _wait(rt, counts):
        raise TooManyRequests(detail=TOO_MUCH_MAIL, retry_after=wait)


async def begin_handed(tx: Tx, rt: Runtime, account: Account) -> str:
    """A link that an operator hands to an account's person; returns its flow's handle."""
    flow = begin_flow(rt, FlowKind.MAIL, HANDED_TIME, purpose=SIGN_IN, data={"next": "/", "locale": ""})
    await queries_flow.put_flow(tx, flow._replace(account_id=account.id))
    return flow.handle


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a link will do: `purpose`, for which address or (an operator's link) for whose account. `is_new`: there is
    no account yet, so a name is asked for. `is_here`: this browser may use it."""

    purpose: str
    address: str
    name: str
    is_new: bool
    is_here: bool


async def look_at_link(rt: Runtime, token: str, visitor: Visitor) -> Waiting:
    """What a link would do. Changes nothing, however often; raises NotFound when it counts no more."""
    async with rt.db.read(fresh=True) as tx:
        flow = await _find(tx, rt, verify_link(rt.settings, token))
        known = await find_known(tx, await _proof_of(tx, flow))
        here = flow.purpose == SIGN_IN or await _is_here(tx, rt, flow, visitor)
        is_new = known is None and flow.purpose == SIGN_IN
        return Waiting(flow.purpose, flow.email or "", "" if known is None else known.name, is_new, here)


async def _find(tx: Tx, rt: Runtime, handle: str | None) -> Flow:
    now = rt.clock.now()
    flow = None if handle is None else await queries_flow.find_flow(tx, handle, kind=FlowKind.MAIL, now=now)
    if flow is None:
        raise TooLate()
    return flow


async def _take(tx: Tx, rt: Runtime, handle: str | None) -> Flow:
    """The same, of two at once for one of them only; if this transaction fails, it still counts."""
    now = rt.clock.now()
    flow = None if handle is None else await queries_flow.take_flow(tx, handle, kind=FlowKind.MAIL, now=now)
    if flow is None:
        raise TooLate()
    return flow


async def _is_here(tx: Tx, rt: Runtime, flow: Flow, visitor: Visitor) -> bool:
    try:
        account, session = await own_session(tx, rt, visitor)
    except SignInNeeded:
        return False
    return (account.id, session.id) == (flow.account_id, flow.session_id)


async def _proof_of(tx: Tx, flow: Flow) -> Proof:
    if flow.email is None and flow.account_id is not None:
        return Proof(account=await queries.find_account(tx, flow.account_id))
    return Proof(email=flow.email)


async def use_link(rt: Runtime, token: str, *, name: str, agent: str, visitor: Visitor) -> Arrival:
    """Let in whoever has a link; `name` is how a new person wants to be called.

    Raises NotFound, Invalid about "name", and what `arrive` raises: then the link still counts.
    """
    handle = verify_link(rt.settings, token)

    async def work(tx: Tx) -> Arrival:
        flow = await _take(tx, rt, handle)
        coming = _coming(flow, agent, visitor)
        if flow.purpose != SIGN_IN:
            return await _act(tx, rt, flow, coming)
        return await settle(tx, rt, await _proof_of(tx, flow), name, coming)

    return await decide(rt, work)


async def use_code(rt: Runtime, handle: str, code: str, *, agent: str, visitor: Visitor) -> Arrival:
    """Let in whoever types the code of a mail. After a few wrong ones it counts no more.

    Raises Invalid ("wrong_code" on "code") for a wrong one as for one that is too old, and what `arrive` raises.
    """

    async def work(tx: Tx) -> Arrival | None:
        # Counted first: of many who try at once, each waits here for the one before.
        tried = await queries_flow.miss(tx, handle, kind=FlowKind.MAIL)
        flow = await queries_flow.find_flow(tx, handle, kind=FlowKind.MAIL, now=rt.clock.now())
        if flow is None or not is_code(rt.settings, handle, code):
            if flow is not None and tried >= MOST_WRONG:
                await queries_flow.drop_flow(tx, handle)
            return None
        await queries_flow.drop_flow(tx, handle)
        return await _act(tx, rt, flow, _coming(flow, agent, visitor))

    arrival = await decide(rt, work)
    if arrival is None:
        raise Invalid(errors=(FieldError("code", "wrong_code"),))
    return arrival


def _coming(flow: Flow, agent: str, visitor: Visitor) -> Coming:
    return Coming(flow.purpose, orjson.loads(flow.data)["next"], agent, visitor)


async def _act(tx: Tx, rt: Runtime, flow: Flow, coming: Coming) -> Arrival:
    if flow.purpose != SIGN_IN and not await _is_here(tx, rt, flow, coming.visitor):
        raise Forbidden("other_browser", OTHER_BROWSER)
    if flow.purpose == CONNECT:
        return await _change_email(tx, rt, flow, coming)
    return await arrive_in(tx, rt, await _proof_of(tx, flow), coming)


async def _change_email(tx: Tx, rt: Runtime, flow: Flow, coming: Coming) -> Arrival:
    """The new address is theirs. Every other session ends, this one goes on under a new token, both addresses hear."""
    account, session = await own_session(tx, rt, coming.visitor)
    address, now = flow.email or "", rt.clock.now()
    other = await queries.find_account_by_email(tx, email_key(address))
    if other is not None and other.id != account.id:
        return await begin_merge(tx, rt, session, other, coming.next_path)
    before = await queries.find_account_locked(tx, account.id) or account
    changed = before._replace(email=address, email_key=email_key(address), email_verified_at=now)
    await queries.update_account(tx, changed)
    await queries_flow.drop_flows_of(tx, account.id)
    await queries_session.delete_sessions(tx, account_id=account.id, keep=session.id)
    old = [before.email] if before.email and before.email_verified_at is not None else []
    locale = orjson.loads(flow.data)["locale"]
    for told in dict.fromkeys((address, *old)):
        await send_later(tx, rt, Letter(LetterKind.EMAIL_CHANGED, told, account.id, locale, {"new": address}))
    return Arrival(await refresh(tx, rt, session, now), coming.next_path)
