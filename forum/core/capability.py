"""Capabilities: what a browser holds instead of an account, and the tokens of sessions.

A capability is 256 unguessable bits and a signature, so that a made-up one is recognised without the database. The
database knows its hash and which guest of which site holds it. That of a session says besides whose it is, under the
same signature: not to open anything by it, but so that one person's sessions can be counted as one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token(secret: str) -> str:
    """A capability for a browser that has none."""
    return _signed(secret, secrets.token_hex(32))


def new_session_token(secret: str, account_id: int) -> str:
    """A capability for a session of this account."""
    return _signed(secret, f"{account_id}-{secrets.token_hex(32)}")


def account_named(token: str) -> str | None:
    """Whose session a genuine token was made for, or None for a guest's. Whether it still counts, it does not say."""
    account, is_session, _ = token.partition("-")
    return account if is_session else None


def derive_token(secret: str, *parts: str) -> str:
    """The capability that belongs to one request of a browser that has none yet.

    It depends on the client's own idempotency key, so when the first answer is lost, the repeated request gets the
    same capability instead of a comment that nobody can edit.
    """
    return _signed(secret, mac(secret, "capability", *parts))


def is_genuine(secret: str, token: str) -> bool:
    """Whether this server made the capability."""
    random, _, signature = token.partition(".")
    return hmac.compare_digest(signature.encode(), mac(secret, "signature", random).encode())


def hash_token(token: str) -> str:
    """How a capability is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signed(secret: str, random: str) -> str:
    return f"{random}.{mac(secret, 'signature', random)}"


def mac(secret: str, *parts: str) -> str:
    """What only this server can make of these parts, the first of which says what for: 64 hexadecimal digits."""
    message = "\x1f".join(parts).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
