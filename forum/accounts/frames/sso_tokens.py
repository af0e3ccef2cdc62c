"""Publishers' tokens: compact JWS (RFC 7515) whose algorithm and key the site fixes, never the token. Pure.

A token says who somebody is on the publisher's own site, to this server alone, for five minutes at most, once.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson

from forum.accounts.model import Role
from forum.core.lazy import lazy
from forum.core.text import is_unwanted
from forum.sites.model import Site

if TYPE_CHECKING:
    from joserfc import errors, jwk, jws
else:
    # Megabytes of cryptography: a server whose publishers sign nobody in does without.
    errors, jwk, jws = (lazy(f"joserfc.{name}") for name in ("errors", "jwk", "jws"))

EDDSA: Final = "EdDSA"
HS256: Final = "HS256"
ALGORITHMS: Final = (EDDSA, HS256)
LEAST_SECRET: Final = 32  # bytes
MOST_CHARACTERS: Final = 4096
MOST_SECONDS: Final = 300
# Clocks differ by so much.
LEEWAY: Final = 30
MOST_SUBJECT: Final = 255
JTI_LENGTH: Final = range(8, 201)
# A key's name is let through and never looked at. Anything else (a key, a place to fetch one, "crit") is refused.
_HEADER: Final = frozenset({"alg", "typ", "kid"})
_MOST_NAME: Final = 200


class SsoProblem(ValueError):
    """A token or a key that is not good enough; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says that counts: who (`subject`), how to call them, at most one role, and when it ends to be
    good (`exp`, in seconds since 1970)."""

    subject: str
    name: str
    jti: str
    exp: float
    role: Role | None


@cache
def _only(algorithm: str) -> jws.JWSRegistry:
    """What knows one algorithm. (The library warns of the name "EdDSA", which publishers' libraries write all the
    same.)"""

    class Only(jws.JWSRegistry):
        def get_alg(self, name: str) -> Any:
            if name != algorithm:
                raise errors.UnsupportedAlgorithmError(name)
            return self.algorithms[name]

    return Only(algorithms=[algorithm])


def verifying_key(algorithm: str, text: str) -> jwk.OKPKey | jwk.OctKey:
    """A site's key, ready to verify with; raises SsoProblem("bad_key"): an Ed25519 public key in PEM, or a secret of
    32 bytes or more."""
    if algorithm == HS256 and len(text.encode()) >= LEAST_SECRET:
        return jwk.OctKey.import_key(text.encode())
    if algorithm != EDDSA:
        raise SsoProblem("bad_key")
    try:
        key = jwk.OKPKey.import_key(text)
    except (errors.JoseError, ValueError, TypeError) as error:
        raise SsoProblem("bad_key") from error
    if key.is_private or key.curve_name != "Ed25519":
        raise SsoProblem("bad_key")
    return key


def read_token(site: Site, token: str, *, audience: str, now: float) -> Claims:
    """What a token of this site says; raises SsoProblem for one that does not count.

    `audience` is this server's public address, `now` seconds since 1970. That a token counts once, the database says.
    """
    said = _verified(site, token)
    _check_parties(said, site, audience)
    _check_times(said, now)
    role = said.get("role")
    return Claims(
        subject=_text(said, "sub", range(1, MOST_SUBJECT + 1)),
        name=_text(said, "name", range(1, _MOST_NAME + 1)),
        jti=_text(said, "jti", JTI_LENGTH),
        exp=said["exp"],
        role=None if role is None else _role(site, role),
    )


def _verified(site: Site, token: str) -> Mapping[str, Any]:
    if not site.sso_algorithm:
        _refuse("not_set_up")
    if len(token) > MOST_CHARACTERS or not token.isascii() or token.count(".") != 2:
        _refuse("malformed")
    head = _json(token.partition(".")[0])
    if head.get("alg") != site.sso_algorithm or not set(head) <= _HEADER:
        _refuse("bad_header")
    if str(head.get("typ", "JWT")).upper() != "JWT":
        _refuse("bad_header")
    key = verifying_key(site.sso_algorithm, site.sso_key)
    try:
        signed = jws.deserialize_compact(token, key, registry=_only(site.sso_algorithm))
    except (errors.JoseError, ValueError, TypeError):
        _refuse("bad_signature")
    return _object(signed.payload or b"")


def _json(segment: str) -> Mapping[str, Any]:
    try:
        decoded = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        _refuse("malformed")
    return _object(decoded)


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        _refuse("malformed")
    if not isinstance(found, dict):
        _refuse("malformed")
    return found


def _check_parties(said: Mapping[str, Any], site: Site, audience: str) -> None:
    if said.get("iss") != site.sso_issuer:
        _refuse("wrong_issuer")
    if said.get("aud") not in (audience, [audience]):
        _refuse("wrong_audience")


def _check_times(said: Mapping[str, Any], now: float) -> None:
    begins, ends = _moment(said, "iat"), _moment(said, "exp")
    if not 0 < ends - begins <= MOST_SECONDS:
        _refuse("lives_too_long")
    if begins > now + LEEWAY or ("nbf" in said and _moment(said, "nbf") > now + LEEWAY):
        _refuse("not_yet")
    if ends <= now - LEEWAY:
        _refuse("expired")


def _moment(said: Mapping[str, Any], name: str) -> float:
    found = said.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        _refuse(f"bad_{name}")
    return found


def _text(said: Mapping[str, Any], name: str, lengths: range) -> str:
    found = said.get(name)
    if not isinstance(found, str) or len(found) not in lengths:
        _refuse(f"bad_{name}")
    if name != "name" and any(is_unwanted(character) for character in found):
        _refuse(f"bad_{name}")
    return found


def _role(site: Site, said: object) -> Role:
    """A role that the site's key may grant. Nobody becomes an owner by a token: that is no role."""
    role = next((role for role in Role if role.value == said), None)
    if role is None or not site.sso_role or role.rank > Role(site.sso_role).rank:
        _refuse("role_not_allowed")
    return role


def _refuse(code: str) -> NoReturn:
    raise SsoProblem(code)
