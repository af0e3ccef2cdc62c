"""Signed tokens of identity providers: which algorithms count, which key fits, whether the signature is right. Pure."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from forum.accounts.providers.trips import Misfit
from forum.core.lazy import lazy

if TYPE_CHECKING:
    from joserfc import errors, jwk, jws, jwt
else:
    # Megabytes of cryptography: a server without providers does without.
    errors, jwk, jws, jwt = (lazy(f"joserfc.{name}") for name in ("errors", "jwk", "jws", "jwt"))

# Of the asymmetric ones, all that are sound. Neither "none" nor anything with a shared secret is ever one of them.
_KEY_TYPES: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
_MOST_KEYS: Final = 50
# 2048 bits of modulus in base64url.
_SHORTEST_MODULUS: Final = 342


class UnknownKey(Misfit):
    """Signed by a key that is not in this set: the provider may have a new one."""


def usable(algorithms: Collection[object]) -> tuple[str, ...]:
    """Those of a provider's algorithms that count here."""
    return tuple(name for name in _KEY_TYPES if name in algorithms)


def read_token(token: str, keys: Mapping[str, Any], algorithms: Collection[str]) -> dict[str, Any]:
    """The claims of a token whose signature is right; raises Misfit, or UnknownKey where other keys may help."""
    try:
        header = jws.extract_compact(token.encode("ascii"), registry=_only(*_KEY_TYPES)).headers()
    except (errors.JoseError, ValueError, TypeError) as error:
        raise Misfit("bad_token") from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in _KEY_TYPES:
        raise Misfit("bad_algorithm")
    fitting = list(_fitting(keys, algorithm, kid))
    if not fitting:
        raise UnknownKey("unknown_key")
    for key in fitting:
        claims = _claims(token, key, algorithm)
        if claims is not None:
            return claims
    raise UnknownKey("bad_signature") if kid is None else Misfit("bad_signature")


def _claims(token: str, key: jwk.Key, algorithm: str) -> dict[str, Any] | None:
    try:
        with warnings.catch_warnings():
            # The older name of Ed25519's algorithm is what providers still say.
            warnings.simplefilter("ignore", errors.SecurityWarning)
            return jwt.decode(token, key, registry=_only(algorithm)).claims
    except (errors.JoseError, ValueError, TypeError):
        return None


def _only(*algorithms: str) -> jws.JWSRegistry:
    return jws.JWSRegistry(algorithms=list(algorithms), strict_check_header=False)


def _fitting(keys: Mapping[str, Any], algorithm: str, kid: object) -> Iterator[jwk.Key]:
    listed = keys.get("keys")
    for data in listed[:_MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(data, dict) or data.get("kty") != _KEY_TYPES[algorithm]:
            continue
        if data.get("use", "sig") != "sig" or data.get("alg", algorithm) != algorithm:
            continue
        if (kid is not None and data.get("kid") != kid) or len(str(data.get("n", "n" * 999))) < _SHORTEST_MODULUS:
            continue
        # What is private has no place in a published set, and is not needed to check.
        public = {name: value for name, value in data.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "oth")}
        try:
            yield jwk.JWKRegistry.import_key(public)
        except (errors.JoseError, ValueError, TypeError):
            continue
