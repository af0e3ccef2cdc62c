"""Who is asking, for everything people keep for themselves."""

from __future__ import annotations

from forum.accounts import queries as accounts
from forum.accounts.model import Account, State
from forum.accounts.service_session import SIGN_IN_NEEDED, find_account_actor
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import SignInNeeded
from forum.runtime import Runtime


async def get_person(tx: Tx, rt: Runtime, visitor: Visitor, site_id: int | None = None) -> Account:
    """The account of who asks, held against other writers of what is theirs: by a first-party session or one of a
    frame, which counts for its own site (None: for what belongs to no site). Raises SignInNeeded."""
    actor = await find_account_actor(tx, visitor, site_id, rt.clock.now())
    # An account that is being erased loses its sessions first: whoever waits for it finds that out here.
    if actor is None:
        raise SignInNeeded("session_ended" if visitor.signed_in else None, SIGN_IN_NEEDED)
    return await hold_account(tx, actor.id)


async def hold_account(tx: Tx, account_id: int) -> Account:
    """An account whose person is known already, held in the same way. Raises SignInNeeded."""
    account = await accounts.find_account_locked(tx, account_id)
    if account is None or account.state is not State.ACTIVE:
        raise SignInNeeded("session_ended", SIGN_IN_NEEDED)
    return account
