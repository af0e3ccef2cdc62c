"""Capabilities: what a browser holds instead of an account.

A capability is 256 unguessable bits and a signature, so that a made-up one is recognised without the database. The
database knows its hash and which guest of which site holds it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token(secret: str) -> str:
    """A capability for a browser that has none."""
    return _signed(secret, secrets.token_hex(32))


def derive_token(secret: str, *parts: str) -> str:
    """The capability that belongs to one request of a browser that has none yet.

    It depends on the client's own idempotency key, so when the first answer is lost, the repeated request gets the
    same capability instead of a comment that nobody can edit.
    """
    return _signed(secret, _mac(secret, "capability", *parts))


def is_genuine(secret: str, token: str) -> bool:
    """Whether this server made the capability."""
    random, _, signature = token.partition(".")
    return hmac.compare_digest(signature.encode(), _mac(secret, "signature", random).encode())


def hash_token(token: str) -> str:
    """How a capability is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signed(secret: str, random: str) -> str:
    return f"{random}.{_mac(secret, 'signature', random)}"


def _mac(secret: str, *parts: str) -> str:
    message = "\x1f".join(parts).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
