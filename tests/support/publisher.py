"""A publisher that signs its readers in: its keys, and tokens as its own server would make them (good and bad ones).

The tokens are put together by hand, so that tests can write what no library would.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.app import NEWS, OURS, PUBLIC_URL, House, Person

ISSUER: Final = "https://login.news.example"
SSO: Final = "/api/v1/sites/newsroom/sso"
SSO_FORM: Final = "/embed/newsroom/sso"
SSO_HOME: Final = "/auth/sso/newsroom"
# What a browser adds when a page of the newsroom posts a form into the frame.
THEIRS: Final = {"origin": NEWS, "sec-fetch-site": "cross-site"}


def segment(value: object) -> str:
    """One part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(slots=True)
class Publisher:
    """The newsroom's own sign-in. `secret` (with HS256) or `key` (with EdDSA) is what its server signs with."""

    house: House
    algorithm: str = "EdDSA"
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public_key(self) -> str:
        """What the server knows of the key."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    async def set_up(self, **changes: Any) -> None:
        """Configure the newsroom with this key."""
        key = self.public_key if self.algorithm == "EdDSA" else self.secret
        given = {"sso_algorithm": self.algorithm, "sso_key": key, "sso_issuer": ISSUER, **changes}
        await self.house.change_site(**given)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says; a change to ... leaves a claim out."""
        now = int(self.house.clock.now().timestamp())
        good = {
            "iss": ISSUER,
            "aud": PUBLIC_URL,
            "sub": "reader-7",
            "name": "Edda",
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not ...}

    def sign(self, head: object, claims: object, *, algorithm: str | None = None, with_key: bytes | None = None) -> str:
        """A token with this header and these claims; `with_key` is what HMAC uses instead of the secret."""
        text = f"{segment(head)}.{segment(claims)}"
        if (algorithm or self.algorithm) == "EdDSA":
            return f"{text}.{segment(self.key.sign(text.encode()))}"
        made = hmac.new(with_key or self.secret.encode(), text.encode(), hashlib.sha256).digest()
        return f"{text}.{segment(made)}"

    def token(self, **changes: Any) -> str:
        """A token that differs from a good one in these claims."""
        return self.sign({"alg": self.algorithm, "typ": "JWT"}, self.claims(**changes))

    async def enter(self, frame: Person, token: str | None = None, **fields: Any) -> httpx.Response:
        """Sign a frame in as its script does, with a good token unless one is given."""
        sent = {"token": self.token() if token is None else token, **fields}
        return await frame.http.post(SSO, json=sent, headers=OURS)


async def a_publisher(house: House, algorithm: str = "EdDSA", **changes: Any) -> Publisher:
    """The newsroom signs its readers in."""
    publisher = Publisher(house, algorithm)
    await publisher.set_up(**changes)
    return publisher


def reason(answer: httpx.Response) -> str:
    """What was wrong with a token, or "" when it was good."""
    if answer.status_code == 200:
        return ""
    assert (answer.status_code, answer.json()["code"]) == (403, "sso_refused"), answer.text
    assert "set-cookie" not in answer.headers
    (error,) = answer.json()["errors"]
    assert error["loc"] == "token"
    return str(error["code"])
