"""In how many ways somebody can sign in: nobody takes away the last one of their own, or has them without end."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from forum.accounts.model import Account, Identity
from forum.accounts.queries import find_account_locked
from forum.accounts.queries_identity import PROVIDER, insert_identity, list_identities
from forum.accounts.queries_passkey import list_passkeys
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict
from forum.runtime import Runtime

# Sign-ins elsewhere that an account can have before it can connect no more.
MOST_IDENTITIES: Final = 20
TOO_MANY: Final = N_("Your account has as many sign-ins elsewhere as it can have. Disconnect one first.")


async def add_identity(tx: Tx, account: Account, proved: Identity, now: datetime) -> None:
    """Let an account sign in with this too; raises Conflict where it has too many already."""
    held = await find_account_locked(tx, account.id)
    if held is None or len(await list_identities(tx, account.id)) >= MOST_IDENTITIES:
        raise Conflict("too_many_ways", TOO_MANY)
    await insert_identity(tx, proved._replace(account_id=account.id, created_at=now, used_at=now))


def mail_lets_in(rt: Runtime, account: Account) -> bool:
    """Whether an account can sign in by mail: its address is verified, and this server sends mail."""
    return account.email_verified_at is not None and rt.mailer.can_send


async def count_ways(tx: Tx, rt: Runtime, account: Account) -> int:
    """How many things an account can sign in by: mail, each passkey, each provider. What a publisher vouches for is
    no way of one's own, and does not count."""
    providers = sum(identity.kind == PROVIDER for identity in await list_identities(tx, account.id))
    return mail_lets_in(rt, account) + len(await list_passkeys(tx, account.id)) + providers
