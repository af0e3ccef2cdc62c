"""What somebody signs in with elsewhere: shown in their settings, connected from there, and disconnected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from forum.accounts.model import Account, Identity
from forum.accounts.present import local
from forum.accounts.providers.service_provider import load_providers
from forum.accounts.providers.trips import ticket
from forum.accounts.queries import find_account_locked
from forum.accounts.queries_identity import PROVIDER, SSO, delete_identity, find_identity, list_identities
from forum.accounts.queries_session import delete_vouched
from forum.accounts.service_people import CONNECT
from forum.accounts.service_ways import count_ways
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict, NotFound
from forum.runtime import Runtime
from forum.sites.service import directory

PAGE: Final = "/settings/sign-in"
LAST: Final = N_("This is the only way you can sign in, so it stays. Add a passkey or a verified e-mail address first.")


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A sign-in elsewhere: connected since a moment, or one that `connect_href` connects.

    `label` is how its person is called there ("" where nobody said). `fields` are those of the form that disconnects.
    """

    name: str
    label: str = ""
    since: datetime | None = None
    used: datetime | None = None
    connect_href: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


async def connections(rt: Runtime, account: Account) -> tuple[ConnectionView, ...]:
    """What an account signs in with elsewhere, and after it what it could connect."""
    providers = await load_providers(rt)
    async with rt.db.read(fresh=True) as tx:
        connected = await list_identities(tx, account.id)
    names = {(PROVIDER, provider.key): provider.name for provider in providers.values()}
    if any(identity.kind == SSO for identity in connected):
        names |= {(SSO, str(site.id)): site.name for site in (await directory(rt)).values()}
    there = {identity.issuer for identity in connected if identity.kind == PROVIDER}
    return (
        *(_connected(account, identity, names) for identity in connected),
        *(
            ConnectionView(provider.name, connect_href=_connect_href(rt, account, provider.key))
            for provider in providers.values()
            if provider.key not in there
        ),
    )


def _connected(account: Account, identity: Identity, names: Mapping[tuple[str, str], str]) -> ConnectionView:
    fields = {"kind": identity.kind, "issuer": identity.issuer, "subject": identity.subject}
    name = names.get((identity.kind, identity.issuer), identity.issuer)
    used_at = None if identity.used_at is None else local(account, identity.used_at)
    return ConnectionView(name, identity.label, local(account, identity.created_at), used_at, fields=fields)


def _connect_href(rt: Runtime, account: Account, key: str) -> str:
    proof = ticket(rt.settings.secret_key, account.id, key, rt.clock.now())
    return f"/auth/provider/{quote(key)}?" + urlencode(
        {"purpose": CONNECT, "next": f"{PAGE}?done=connected", "ticket": proof}
    )


async def disconnect(rt: Runtime, account: Account, kind: str, issuer: str, subject: str) -> None:
    """Sign in with one of an account's own identities no more; raises NotFound, or Conflict ("last_way_in") when there
    would be no way to sign in left."""

    async def work(tx: Tx) -> None:
        # Held, so that of the last two not both go at once.
        held = await find_account_locked(tx, account.id)
        found = await find_identity(tx, kind, issuer, subject)
        if held is None or found is None or found.account_id != account.id:
            raise NotFound()
        await delete_identity(tx, found)
        # What a publisher vouches for is no way of one's own; and where it is all there is, it stays.
        if await count_ways(tx, rt, held) == 0:
            raise Conflict("last_way_in", LAST)
        if kind == SSO:
            await delete_vouched(tx, account_id=account.id, site_id=int(found.issuer))

    await rt.db.write(work)
