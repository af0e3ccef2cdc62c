"""A secret that is shown as its hash first: who began something proves at its end that it was them (RFC 7636, S256)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Final

# SHA-256 as unpadded base64url; and what a verifier may be. Patterns of whole texts, as schemas take them.
CHALLENGE: Final = "^[A-Za-z0-9_-]{43}$"
VERIFIER: Final = "^[A-Za-z0-9._~-]{43,128}$"


def challenge_of(verifier: str) -> str:
    """What a verifier looks like to others."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
