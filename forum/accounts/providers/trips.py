"""Identity providers: what is known of one, the way of a person there and back, and what may be believed of the answer.

Pure. Somebody on the way carries a sealed note (`Trip`) in a cookie of their browser: what was begun, for which
provider, and the secrets that the answer has to fit. Nothing about it is stored here.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from forum.core.capability import mac
from forum.core.pkce import challenge_of

PROVIDERS_TAG: Final = "providers"
TRIP_TIME: Final = timedelta(minutes=10)
# Clocks differ. Older tokens than this were not made for this sign-in.
LEEWAY: Final = 60
MOST_SUBJECT: Final = 255
MOST_LABEL: Final = 100
# Of several, the first that is there: what people are called, as others see it.
_NAMES: Final = ("preferred_username", "nickname", "name", "given_name")
_AGAIN: Final = "again"


class ProviderKind(StrEnum):
    """How a provider says who somebody is: OpenID Connect by a signed token, OAuth 2 by an address that tells."""

    OIDC = "oidc"
    OAUTH2 = "oauth2"


@dataclass(frozen=True, slots=True)
class Details:
    """What an operator says of a provider that can't be discovered. Claims are paths with dots ("data.id")."""

    authorize_url: str = ""
    token_url: str = ""
    userinfo_url: str = ""
    subject_claim: str = "sub"
    name_claim: str = ""
    scopes: str = "openid profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A place to sign in. `issuer` is who vouches: the issuer of OpenID Connect, or the address that tells."""

    key: str
    name: str
    kind: ProviderKind
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    details: Details
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked, and how. `says_issuer`: its answers name it (RFC 9207)."""

    authorize: str
    token: str
    userinfo: str
    keys: str = ""
    algorithms: tuple[str, ...] = ()
    says_issuer: bool = False
    secret_in_form: bool = True


@dataclass(frozen=True, slots=True)
class Trip:
    """Somebody on the way to a provider and back. `account`: the only one for whom it counts, or 0 (whoever it is)."""

    provider: str
    purpose: str
    next: str
    state: str
    nonce: str
    verifier: str
    began: int
    account: int = 0


class Misfit(Exception):
    """An answer that does not fit what was asked. The code says where."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_trip(provider: str, purpose: str, next_path: str, *, now: datetime, account: int = 0) -> Trip:
    """Begin: three secrets of 256 bits, one each for the way, the token and the exchange."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Trip(provider, purpose, next_path, state, nonce, verifier, int(now.timestamp()), account)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def seal(secret: str, trip: Trip) -> str:
    """The note as a cookie carries it: readable for its browser, and nobody can change it."""
    payload = _base64(orjson.dumps(asdict(trip)))
    return f"{payload}.{mac(secret, 'provider-trip', payload)}"


def unseal(secret: str, text: str, now: datetime) -> Trip | None:
    """A note of ours that is not too old, or None."""
    payload, _, proof = text.partition(".")
    if not hmac.compare_digest(proof.encode(), mac(secret, "provider-trip", payload).encode()):
        return None
    trip = Trip(**orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    return trip if 0 <= now.timestamp() - trip.began < TRIP_TIME.total_seconds() else None


def ticket(secret: str, account_id: int, provider: str, now: datetime) -> str:
    """What the page of somebody's settings adds to its links: only a page of theirs can begin to connect a sign-in.

    Else a foreign page could connect the foreigner's own sign-in to the account of whoever looks at it.
    """
    until = str(int((now + timedelta(hours=1)).timestamp()))
    return f"{until}.{mac(secret, 'provider-connect', str(account_id), provider, until)}"


def is_ticket(secret: str, text: str, account_id: int, provider: str, now: datetime) -> bool:
    """Whether a ticket is this account's, for this provider, and not too old."""
    until, _, proof = text.partition(".")
    expected = mac(secret, "provider-connect", str(account_id), provider, until)
    return hmac.compare_digest(proof.encode(), expected.encode()) and now.timestamp() < int(until)


def is_protected(url: str, *, by: str) -> bool:
    """Whether an address is https, as every one of a provider's has to be. Plain http is for a whole provider on plain
    http, which only development lets through."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or parts.scheme == urlsplit(by).scheme == "http")


def authorization_url(provider: Provider, endpoints: Endpoints, trip: Trip, callback: str) -> str:
    """Where the browser is sent. A repeated proof asks for a sign-in that is made now."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "state": trip.state,
        "code_challenge": challenge_of(trip.verifier),
        "code_challenge_method": "S256",
    }
    if provider.details.scopes:
        asked["scope"] = provider.details.scopes
    if provider.kind is ProviderKind.OIDC:
        asked["nonce"] = trip.nonce
        if trip.purpose == _AGAIN:
            asked["max_age"] = "0"
    joint = "&" if urlsplit(endpoints.authorize).query else "?"
    return endpoints.authorize + joint + urlencode(asked)


def check_claims(claims: Mapping[str, Any], provider: Provider, trip: Trip, now: datetime) -> str:
    """Check what a signed token claims and return its subject; raises Misfit."""
    if claims.get("iss") != provider.issuer:
        raise Misfit("bad_issuer")
    _check_audience(claims, provider.client_id)
    _check_times(claims, trip, now.timestamp())
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), trip.nonce.encode()):
        raise Misfit("bad_nonce")
    return subject_of(claims, "sub")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise Misfit("bad_audience")
    party = claims.get("azp")
    if party != client_id and (party is not None or len(audiences) > 1):
        raise Misfit("bad_party")


def _check_times(claims: Mapping[str, Any], trip: Trip, now: float) -> None:
    expires, issued = _number(claims, "exp"), _number(claims, "iat")
    if expires is None or now >= expires + LEEWAY:
        raise Misfit("expired")
    if issued is None or not trip.began - LEEWAY <= issued <= now + LEEWAY:
        raise Misfit("bad_time")
    begins = _number(claims, "nbf")
    if begins is not None and begins > now + LEEWAY:
        raise Misfit("bad_time")
    signed_in = _number(claims, "auth_time")
    # Asked for `max_age`, a provider has to say when (OpenID Connect Core, 3.1.2.1). If it does not, it proves nothing.
    if trip.purpose == _AGAIN and (signed_in is None or signed_in < trip.began - LEEWAY):
        raise Misfit("not_fresh")


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit("bad_time")
    return value


def _at(said: Mapping[str, Any], path: str) -> Any:
    found: Any = said
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def subject_of(said: Mapping[str, Any], path: str) -> str:
    """Who somebody is there, for ever: text or a number of at most 255 visible characters; raises Misfit."""
    value = _at(said, path)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MOST_SUBJECT or not value.isprintable():
        raise Misfit("bad_subject")
    return value


def name_of(said: Mapping[str, Any], path: str = "") -> str:
    """How somebody is called there: a suggestion. Addresses of mail are left alone, also where they pose as names."""
    for candidate in (path,) if path else _NAMES:
        value = _at(said, candidate)
        if isinstance(value, str) and "@" not in value:
            visible = "".join(c for c in value if unicodedata.category(c)[0] != "C")
            name = " ".join(visible.split())[:MOST_LABEL].strip()
            if name:
                return name
    return ""
