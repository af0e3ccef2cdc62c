"""The first owner of a server: a link that the server prints when it starts, and whoever opens it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from forum.accounts import queries, queries_flow
from forum.accounts.addresses import check_email
from forum.accounts.flows import begin_flow
from forum.accounts.model import Account, Flow, FlowKind
from forum.accounts.service_people import SIGN_IN, Arrival, Coming, create_account, decide, enter
from forum.accounts.signin.service_finish import TooLate
from forum.accounts.signin.service_mail import begin_email_change
from forum.core.capability import hash_token
from forum.db import Tx
from forum.errors import AftershowError
from forum.runtime import Runtime

FIRST_TIME: Final = timedelta(minutes=60)
# There is one such link at a time: a server that starts anew prints another, and the one before counts no more.
_HANDLE: Final = "first"


async def first_link(rt: Runtime) -> str | None:
    """A link by which somebody becomes this server's owner, or None when it has one."""
    token = secrets.token_hex(32)
    flow = begin_flow(rt, FlowKind.FIRST, FIRST_TIME, purpose=SIGN_IN)
    flow = flow._replace(handle=_HANDLE, code_hash=hash_token(token))

    async def work(tx: Tx) -> bool:
        if await queries.has_owner(tx):
            return False
        await queries_flow.put_flow(tx, flow)
        return True

    return f"{rt.settings.public_origin}/auth/first/{token}" if await rt.db.write(work) else None


async def look_at_first(rt: Runtime, token: str) -> None:
    """Raises NotFound when the link counts no more."""
    async with rt.db.read(fresh=True) as tx:
        await _find(tx, rt, token)


async def _find(tx: Tx, rt: Runtime, token: str) -> Flow:
    flow = await queries_flow.find_flow(tx, _HANDLE, kind=FlowKind.FIRST, now=rt.clock.now())
    if flow is None or not hmac.compare_digest(flow.code_hash, hash_token(token)) or await queries.has_owner(tx):
        raise TooLate()
    return flow


async def become_owner(rt: Runtime, token: str, coming: Coming, *, name: str, email: str, locale: str) -> Arrival:
    """Make the account of a server's first owner and let them in.

    Their address ("" for none) is not theirs before they have shown that they read its mail: one that was mistyped must
    open nothing to whoever has it. So they go on to where the code of that mail is typed. Raises NotFound, or Invalid
    about "name" or "email": then the link still counts.
    """
    address = check_email(email) if email.strip() else None

    async def work(tx: Tx) -> tuple[Account, Arrival]:
        await _find(tx, rt, token)
        if await queries_flow.take_flow(tx, _HANDLE, kind=FlowKind.FIRST, now=rt.clock.now()) is None:
            raise TooLate()
        account = await create_account(tx, rt, name, email=None, verified=False, now=rt.clock.now())
        owner = account._replace(is_owner=True)
        await queries.update_account(tx, owner)
        return owner, await enter(tx, rt, owner, coming)

    owner, arrival = await decide(rt, work)
    if address is None or arrival.begun is None or not rt.mailer.can_send:
        return arrival
    try:
        handle = await begin_email_change(rt, owner, arrival.begun.session, address, locale=locale)
    except AftershowError:
        return arrival  # the server has its owner, who can give an address at any time
    return replace(arrival, location="/auth/code?" + urlencode({"flow": handle, "next": coming.next_path}))
