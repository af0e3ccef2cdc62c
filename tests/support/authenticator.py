"""An authenticator in software: makes passkeys, and signs what a server asks for, honestly or (where told) not."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
_ES256: Final = -7


def encode(data: bytes) -> str:
    """Binary parts as browsers write them: base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """The reverse."""
    return base64.urlsafe_b64decode(f"{text}===")


@dataclass(slots=True)
class SoftPasskey:
    """A passkey that somebody holds. With `counts` off its counter stays 0, as that of most does."""

    rp_id: str
    user_handle: str
    counts: bool = True
    counter: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def public_key(self) -> bytes:
        """The public key in the form of COSE."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: _ES256, -1: 1, -2: x, -3: y})


@dataclass(slots=True)
class Browser:
    """A browser at one origin, with an authenticator in it."""

    origin: str
    flags: int = PRESENT | VERIFIED
    held: list[SoftPasskey] = field(default_factory=list)

    def make(self, options: dict[str, Any], *, counts: bool = True) -> dict[str, Any]:
        """What `navigator.credentials.create` gives, as JSON; the passkey is in `held` from then on."""
        excluded = {decode(one["id"]) for one in options["excludeCredentials"]}
        assert not excluded & {one.id for one in self.held}, "this authenticator has a passkey of theirs"
        made = SoftPasskey(options["rp"]["id"], options["user"]["id"], counts)
        self.held.append(made)
        return self.attest(made, options["challenge"])

    def attest(self, made: SoftPasskey, challenge: str, *, statement: dict[str, Any] | None = None) -> dict[str, Any]:
        """A new passkey, attested by nobody."""
        attested = bytes(16) + len(made.id).to_bytes(2, "big") + made.id + made.public_key()
        data = self._data(made, self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": statement or {}, "authData": data})
        said = self._said("webauthn.create", challenge)
        response = {
            "clientDataJSON": encode(said),
            "attestationObject": encode(attestation),
            "transports": ["internal", "hybrid", "telepathy"],
        }
        return {"id": encode(made.id), "type": "public-key", "response": response}

    def use(self, options: dict[str, Any], passkey: SoftPasskey | None = None) -> dict[str, Any]:
        """What `navigator.credentials.get` gives, as JSON: the passkey held last, unless another one is meant."""
        used = passkey or self.held[-1]
        used.counter += used.counts
        said = self._said("webauthn.get", options["challenge"])
        data = self._data(used, self.flags)
        signature = used.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encode(said),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": used.user_handle,
        }
        return {"id": encode(used.id), "type": "public-key", "response": response}

    def _said(self, kind: str, challenge: str) -> bytes:
        return orjson.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False})

    @staticmethod
    def _data(passkey: SoftPasskey, flags: int) -> bytes:
        host = hashlib.sha256(passkey.rp_id.encode()).digest()
        return host + bytes([flags]) + passkey.counter.to_bytes(4, "big")
