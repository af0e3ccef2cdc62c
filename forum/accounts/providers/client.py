"""Talking to identity providers: what they publish about themselves, the exchange of a code, who somebody is.

What they publish is kept for an hour. Everything they send is bounded in bytes and time by the outbound client, and
read with suspicion here: what does not fit raises Misfit, what could not be had raises EgressError.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson

from forum.accounts.providers.id_tokens import UnknownKey, read_token, usable
from forum.accounts.providers.trips import (
    PROVIDERS_TAG,
    Details,
    Endpoints,
    Misfit,
    Provider,
    ProviderKind,
    Trip,
    check_claims,
    is_protected,
    name_of,
    subject_of,
)
from forum.runtime import Runtime
from forum.web.cache import Made
from forum.web.egress import EgressError

DISCOVERY: Final = "/.well-known/openid-configuration"
PUBLISHED_SECONDS: Final = 3600
# A key that nobody knows is looked for again, but not more often than this.
NEW_KEYS_SECONDS: Final = 60
# A provider that could not be discovered is asked again in the next span of so many seconds.
RETRY_SECONDS: Final = 60
# Seconds for each question; somebody waits.
PATIENCE: Final = 8.0
_WEIGHT: Final = 100_000
_OK: Final = 200
_MOST_ALGORITHMS: Final = 50
_MOST_TOKEN: Final = 16_000


async def endpoints_of(rt: Runtime, provider: Provider) -> Endpoints:
    """Where a provider is asked; raises Misfit and EgressError."""
    if provider.kind is ProviderKind.OAUTH2:
        return _given(rt, provider)

    async def discover() -> dict[str, Any]:
        return await _get(rt, provider.issuer.rstrip("/") + DISCOVERY)

    key = ("discovery", provider.key, provider.issuer)

    async def attempt() -> Made[dict[str, Any] | Misfit | EgressError]:
        try:
            said = await _kept(rt, key, PUBLISHED_SECONDS, discover)
        except (Misfit, EgressError) as error:
            return Made(error.with_traceback(None), frozenset({PROVIDERS_TAG}))
        return Made(said, frozenset())

    # Nobody makes this server ask one that does not answer more often than this.
    published = await rt.cache.get((*key, "tried", _span(rt, RETRY_SECONDS)), attempt)
    if isinstance(published, Misfit | EgressError):
        raise published.with_traceback(None)
    return _published(rt, provider, published)


def _given(rt: Runtime, provider: Provider) -> Endpoints:
    said: Details = provider.details
    _check_protected(rt, said.userinfo_url, said.authorize_url, said.token_url, said.userinfo_url)
    return Endpoints(authorize=said.authorize_url, token=said.token_url, userinfo=said.userinfo_url)


def _published(rt: Runtime, provider: Provider, said: Mapping[str, Any]) -> Endpoints:
    """What a discovery document says. It has to be of the issuer that was asked for, to the letter."""
    if said.get("issuer") != provider.issuer:
        raise Misfit("other_issuer")
    needed = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    userinfo = said.get("userinfo_endpoint") or ""
    _check_protected(rt, provider.issuer, *needed, *([userinfo] if userinfo else []))
    authorize, token, keys = (str(url) for url in needed)
    algorithms = usable(_listed(said, "id_token_signing_alg_values_supported") or ["RS256"])
    if not algorithms:
        raise Misfit("no_algorithm")
    methods = _listed(said, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Endpoints(
        authorize=authorize,
        token=token,
        userinfo=str(userinfo),
        keys=keys,
        algorithms=algorithms,
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        secret_in_form="client_secret_basic" not in methods,
    )


def _listed(said: Mapping[str, Any], name: str) -> list[str]:
    values = said.get(name)
    if not isinstance(values, list):
        return []
    return [value for value in values[:_MOST_ALGORITHMS] if isinstance(value, str)]


def _check_protected(rt: Runtime, by: str, *urls: object) -> None:
    """Every address is https; a whole provider on plain http is let through in development alone."""
    if not (by.startswith("https:") or rt.settings.egress_local):
        raise Misfit("not_https")
    if not all(isinstance(url, str) and is_protected(url, by=by) for url in urls):
        raise Misfit("not_https")


async def _kept(
    rt: Runtime, key: tuple[str, ...], seconds: int, make: Callable[[], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """Something published, kept for the rest of a span of so many seconds."""

    async def made() -> Made[dict[str, Any]]:
        return Made(await make(), frozenset({PROVIDERS_TAG}), weight=_WEIGHT)

    return await rt.cache.get((*key, seconds, _span(rt, seconds)), made)


def _span(rt: Runtime, seconds: int) -> int:
    return int(rt.clock.now().timestamp()) // seconds


async def _get(rt: Runtime, url: str, **headers: str) -> dict[str, Any]:
    answer = await rt.egress.ask(url, headers=headers, timeout=PATIENCE)
    if answer.status != _OK:
        raise Misfit(f"status_{answer.status}")
    return _object(answer.body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Misfit("bad_json") from error
    if not isinstance(said, dict):
        raise Misfit("bad_json")
    return said


async def exchange(rt: Runtime, provider: Provider, code: str, verifier: str, callback: str) -> dict[str, Any]:
    """Give a code for tokens; raises Misfit ("code_refused" and others) and EgressError."""
    endpoints = await endpoints_of(rt, provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    headers: dict[str, str] = {}
    if provider.client_secret and not endpoints.secret_in_form:
        headers["Authorization"] = _basic(provider)
    else:
        form["client_id"] = provider.client_id
        if provider.client_secret:
            form["client_secret"] = provider.client_secret
    answer = await rt.egress.ask(endpoints.token, form=form, headers=headers, timeout=PATIENCE)
    if answer.status != _OK:
        raise Misfit("code_refused")
    said = _object(answer.body)
    if "error" in said:  # some refuse with status 200
        raise Misfit("code_refused")
    return said


def _basic(provider: Provider) -> str:
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")


async def who(rt: Runtime, provider: Provider, trip: Trip, tokens: Mapping[str, Any]) -> tuple[str, str]:
    """(subject, name) of whoever the tokens are about; the name may be "". Raises Misfit and EgressError."""
    if provider.kind is ProviderKind.OAUTH2:
        said = await _get(rt, provider.details.userinfo_url, Authorization=_bearer(tokens))
        return subject_of(said, provider.details.subject_claim), name_of(said, provider.details.name_claim)
    claims = await _read(rt, provider, tokens.get("id_token"))
    subject = check_claims(claims, provider, trip, rt.clock.now())
    return subject, name_of(claims) or await _told_name(rt, provider, tokens, subject)


async def _read(rt: Runtime, provider: Provider, token: object) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > _MOST_TOKEN:
        raise Misfit("bad_token")
    endpoints = await endpoints_of(rt, provider)

    async def fetch() -> dict[str, Any]:
        return await _get(rt, endpoints.keys)

    key = ("keys", provider.key, endpoints.keys)
    try:
        return read_token(token, await _kept(rt, key, PUBLISHED_SECONDS, fetch), endpoints.algorithms)
    except UnknownKey:
        return read_token(token, await _kept(rt, key, NEW_KEYS_SECONDS, fetch), endpoints.algorithms)


def _bearer(tokens: Mapping[str, Any]) -> str:
    token = tokens.get("access_token")
    if not isinstance(token, str) or not (token.isascii() and token.isprintable()) or len(token) > _MOST_TOKEN:
        raise Misfit("bad_token")
    return f"Bearer {token}"


async def _told_name(rt: Runtime, provider: Provider, tokens: Mapping[str, Any], subject: str) -> str:
    """The name that the userinfo address tells. It only saves typing, so whatever goes wrong here stops nobody."""
    endpoints = await endpoints_of(rt, provider)
    if not endpoints.userinfo:
        return ""
    try:
        said = await _get(rt, endpoints.userinfo, Authorization=_bearer(tokens))
    except (Misfit, EgressError):
        return ""
    return name_of(said) if said.get("sub") == subject else ""
