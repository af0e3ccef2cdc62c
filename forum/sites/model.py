"""A site: a publisher whose articles carry discussions."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

# Changes of any site drop the whole directory: sites are few and change seldom.
TAG = "sites"


@dataclass(frozen=True, slots=True)
class Site:
    """A site as operators configure it.

    `origins` are the only places whose articles have discussions here and that may frame them: as the operator wrote
    them, and in sites that are served (`forum.sites.origins.in_force`) with both spellings of each where `strip_www`
    treats `www.` as nothing. `guests` lets people write with just a name; `hold` keeps every new comment for a
    moderator. Spoilers expire `expiry_days` after the last release in `regions` (none named: in any), for readers who
    have said nothing about their progress; None: never.

    With `sso_algorithm` ("EdDSA" or "HS256") the publisher signs people in by tokens of `sso_issuer`: `sso_key` is the
    public key (PEM) or the shared secret, `sso_role` the highest role that a token may grant ("" for none).
    """

    id: int
    key: str
    name: str
    language: str
    origins: tuple[str, ...]
    guests: bool
    hold: bool
    strip_www: bool
    secret_hash: str
    created_at: datetime
    expiry_days: int | None = None
    regions: tuple[str, ...] = ()
    sso_algorithm: str = ""
    sso_key: str = ""
    sso_issuer: str = ""
    sso_role: str = ""


def new_secret() -> str:
    """A secret key for a site: shown once, kept only as a hash."""
    return f"as_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> str:
    """How a secret or token is stored. Random secrets of 256 bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
