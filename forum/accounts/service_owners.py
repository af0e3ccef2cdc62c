"""Owners of the server: of those there are, one always stays."""

from __future__ import annotations

from forum.accounts import queries
from forum.accounts.model import Account, State
from forum.db import Tx


async def hold_with_owners(tx: Tx, account_id: int) -> tuple[Account | None, bool]:
    """An account, held against other writers, and whether it is the only owner that can sign in. All owners are held
    with it: of two who go at once, the second sees that the first has gone."""
    held = {account.id: account for account in await queries.list_with_owners_locked(tx, account_id)}
    owners = [account.id for account in held.values() if account.is_owner and account.state is State.ACTIVE]
    return held.get(account_id), owners == [account_id]
