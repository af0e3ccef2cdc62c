"""Signing in elsewhere: which providers there are, the way there, what the way back proves."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

import structlog

from forum.accounts.model import Account, Identity
from forum.accounts.providers import client as provider_client
from forum.accounts.providers import queries_provider
from forum.accounts.providers.trips import (
    PROVIDERS_TAG,
    Misfit,
    Provider,
    ProviderKind,
    Trip,
    authorization_url,
    is_ticket,
    new_trip,
)
from forum.accounts.queries_identity import PROVIDER, list_identities
from forum.accounts.queries_passkey import list_passkeys
from forum.accounts.service_people import AGAIN, CONNECT, PURPOSES, SIGN_IN, Proof
from forum.accounts.service_session import require_account
from forum.accounts.service_ways import mail_lets_in
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import AftershowError, Conflict, Forbidden, NotFound
from forum.runtime import Runtime
from forum.web.cache import Made
from forum.web.egress import EgressError

log = structlog.get_logger(__name__)
_WEIGHT: Final = 2_000
DENIED: Final = "access_denied"


class ProviderTrouble(AftershowError):
    """A sign-in elsewhere came to nothing, and can be tried again.

    Codes: flow_lost (not begun in this browser, or too long ago), provider_denied (somebody said no there),
    provider_unreachable, provider_not_fresh (an old sign-in there), provider_unclear (its answer does not hold).
    """

    status = 502
    code = "provider_unclear"
    title = N_("Signing in there did not work")


class FlowLost(ProviderTrouble):
    """The way back does not belong to a way there of this browser."""

    status = 400
    code = "flow_lost"


class ProviderDenied(ProviderTrouble):
    """Somebody said no, or the provider did."""

    status = 403
    code = "provider_denied"


LOST: Final = N_("This sign-in was begun in another browser, or too long ago. Please begin again.")
SAID_NO: Final = N_("%(provider)s did not let you through, or you said no there. Nothing has happened here.")
UNREACHABLE: Final = N_("%(provider)s can't be reached at the moment. Try again in a while, or sign in another way.")
UNCLEAR: Final = N_("What %(provider)s answered can't be relied on, so it was not used. Try again, or another way.")
NOT_NOW: Final = N_("%(provider)s did not say that you signed in there just now. Please try another way.")
ANOTHER_WAY: Final = N_("This does not show that you signed in there just now. Please use another of your ways.")
BEGIN_HERE: Final = N_("Connecting a sign-in begins in your settings.")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a provider put into the address it sent the browser back to."""

    state: str
    code: str = ""
    error: str = ""
    issuer: str | None = None


async def load_providers(rt: Runtime) -> dict[str, Provider]:
    """Every provider by its key, kept until an operator changes one."""

    async def load() -> Made[dict[str, Provider]]:
        async with rt.db.read(fresh=True) as tx:
            found = {provider.key: provider for provider in await queries_provider.list_providers(tx)}
        return Made(found, frozenset({PROVIDERS_TAG}), weight=_WEIGHT * (len(found) + 1))

    return await rt.cache.get((PROVIDERS_TAG,), load)


async def list_providers(rt: Runtime) -> tuple[tuple[str, str], ...]:
    """(key, name) of every provider, for links to `/auth/provider/{key}?next=&purpose=`."""
    return tuple((provider.key, provider.name) for provider in (await load_providers(rt)).values())


async def list_providers_again(rt: Runtime, account: Account) -> tuple[tuple[str, str], ...]:
    """The same, of those by which an account can prove itself once more. Plain OAuth 2 never says when somebody signed
    in there, so it counts only where the account has nothing better."""
    async with rt.db.read(fresh=True) as tx:
        keys = {found.issuer for found in await list_identities(tx, account.id) if found.kind == PROVIDER}
        better = mail_lets_in(rt, account) or bool(await list_passkeys(tx, account.id))
    own = [provider for provider in (await load_providers(rt)).values() if provider.key in keys]
    dated = [provider for provider in own if provider.kind is ProviderKind.OIDC]
    return tuple((provider.key, provider.name) for provider in (dated if better or dated else own))


async def get_provider(rt: Runtime, key: str) -> Provider:
    """The provider with this key; raises NotFound."""
    found = (await load_providers(rt)).get(key)
    if found is None:
        raise NotFound()
    return found


def callback_url(rt: Runtime, key: str) -> str:
    """Where a provider sends people back to: the address that is registered there."""
    return f"{rt.settings.public_url}/auth/provider/{key}/callback"


async def begin_trip(rt: Runtime, provider: Provider, trip: Trip) -> str:
    """The address at the provider where somebody signs in; raises ProviderTrouble."""
    try:
        endpoints = await provider_client.endpoints_of(rt, provider)
    except (Misfit, EgressError) as error:
        raise _trouble(provider, error) from error
    return authorization_url(provider, endpoints, trip, callback_url(rt, provider.key))


async def plan_trip(
    rt: Runtime, provider: Provider, visitor: Visitor, *, purpose: str, next_path: str, ticket: str
) -> Trip:
    """What somebody begins. To connect a sign-in asks for a fresh one here, and for a ticket of one's own settings.

    Raises SignInNeeded, and Forbidden ("sign_in_again", "begin_in_settings", "another_way").
    """
    now = rt.clock.now()
    if purpose == AGAIN and provider.kind is ProviderKind.OAUTH2:
        account, _ = await require_account(rt, visitor)
        if provider.key not in dict(await list_providers_again(rt, account)):
            raise Forbidden("another_way", ANOTHER_WAY)
        return new_trip(provider.key, AGAIN, next_path, now=now, account=account.id)
    if purpose != CONNECT:
        purpose = purpose if purpose in PURPOSES else SIGN_IN
        return new_trip(provider.key, purpose, next_path, now=now)
    account, _ = await require_account(rt, visitor, fresh=True)
    if not is_ticket(rt.settings.secret_key, ticket, account.id, provider.key, now):
        raise Forbidden("begin_in_settings", BEGIN_HERE)
    return new_trip(provider.key, CONNECT, next_path, now=now, account=account.id)


async def end_trip(rt: Runtime, provider: Provider, trip: Trip | None, answered: Answered, visitor: Visitor) -> Proof:
    """What somebody has proved who comes back; raises ProviderTrouble, SignInNeeded and Forbidden."""
    if trip is None or trip.provider != provider.key or not _same(trip.state, answered.state):
        raise FlowLost(detail=LOST)
    if trip.account and (await require_account(rt, visitor))[0].id != trip.account:
        raise FlowLost(detail=LOST)  # somebody else has signed in meanwhile
    try:
        await _check_issuer(rt, provider, answered.issuer)
        if answered.error == DENIED:
            raise ProviderDenied(detail=SAID_NO, provider=provider.name)
        if answered.error or not answered.code:
            raise Misfit("no_code")
        callback = callback_url(rt, provider.key)
        tokens = await provider_client.exchange(rt, provider, answered.code, trip.verifier, callback)
        subject, name = await provider_client.who(rt, provider, trip, tokens)
    except (Misfit, EgressError) as error:
        raise _trouble(provider, error) from error
    now = rt.clock.now()
    identity = Identity(PROVIDER, provider.key, subject, 0, name, now, now)
    return Proof(identity=identity, suggested_name=name)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))


async def _check_issuer(rt: Runtime, provider: Provider, said: str | None) -> None:
    """An answer that names its issuer names the one that was asked; one that always does has to (RFC 9207)."""
    if provider.kind is ProviderKind.OAUTH2:
        return
    endpoints = await provider_client.endpoints_of(rt, provider)
    if said != provider.issuer and (said is not None or endpoints.says_issuer):
        raise Misfit("mixed_up")


def _trouble(provider: Provider, error: Misfit | EgressError) -> ProviderTrouble:
    """Tell the operator what was wrong, and the person that something was."""
    log.warning("sign-in elsewhere failed", provider=provider.key, reason=error.code)
    if error.code == "not_fresh":
        return ProviderTrouble("provider_not_fresh", NOT_NOW, provider=provider.name)
    if isinstance(error, EgressError):
        return ProviderTrouble("provider_unreachable", UNREACHABLE, provider=provider.name)
    return ProviderTrouble("provider_unclear", UNCLEAR, provider=provider.name)


class OtherIssuer(Conflict):
    """A key stands for one issuer: people are known by what that one calls them."""

    code = "other_issuer"

    def __init__(self, key: str) -> None:
        stands = f"{key} stands for another issuer, whom people are known by. Remove it first, or take another key."
        super().__init__(detail=stands)


async def keep_provider(rt: Runtime, new: Provider) -> bool:
    """Add a provider, or change its name, client and addresses; whether it is new. Raises OtherIssuer."""

    async def work(tx: Tx) -> bool:
        before = {provider.key: provider for provider in await queries_provider.list_providers(tx)}.get(new.key)
        if before is not None and (before.kind, before.issuer) != (new.kind, new.issuer):
            raise OtherIssuer(new.key)
        await queries_provider.put_provider(tx, new)
        return before is None

    return await rt.db.write(work)
