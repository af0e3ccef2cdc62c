"""What a server and an authenticator say to each other about passkeys (WebAuthn). Knows nothing of the database.

A passkey is bound to the host of our public address, and to a user handle: the id of the account that it was made for.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from forum.accounts.model import Account, Passkey
from forum.core.lazy import lazy

if TYPE_CHECKING:
    import webauthn
else:
    # Some megabytes, with the cryptography below it: a server whose people use no passkeys does without.
    webauthn = lazy("webauthn")

# What the browser sends back: the JSON form of a credential.
Credential = Mapping[str, Any]
SERVER_NAME: Final = "Aftershow"
CHALLENGE_BYTES: Final = 32
_ID_BYTES: Final = 8
_LARGEST_ID: Final = 2**63 - 1
# How long a browser should wait for its person, in milliseconds.
PATIENCE: Final = 120_000


class Unproven(Exception):
    """What was sent proves nothing. Why, is for the log of somebody who looks for it, not for who sent it."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that an authenticator has just made; texts are unpadded base64url."""

    id: str
    public_key: str
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A passkey has been used: its counter, and whether its provider keeps a copy of it."""

    sign_count: int
    backed_up: bool


def new_challenge() -> str:
    """What an authenticator has to sign, as unpadded base64url."""
    return webauthn.helpers.bytes_to_base64url(secrets.token_bytes(CHALLENGE_BYTES))


def options_to_make(origin: str, account: Account, known: Iterable[Passkey], challenge: str) -> dict[str, Any]:
    """What to ask an authenticator for that shall make a passkey: one that is found without typing a name first.
    It need not say who made it, and those that hold one of `known` make none."""
    options = webauthn.generate_registration_options(
        rp_id=_host(origin),
        rp_name=SERVER_NAME,
        user_name=account.name,
        user_id=account.id.to_bytes(_ID_BYTES, "big"),
        challenge=webauthn.helpers.base64url_to_bytes(challenge),
        timeout=PATIENCE,
        authenticator_selection=webauthn.helpers.structs.AuthenticatorSelectionCriteria(
            resident_key=webauthn.helpers.structs.ResidentKeyRequirement.REQUIRED,
            user_verification=webauthn.helpers.structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_described(passkey) for passkey in known],
    )
    return webauthn.helpers.options_to_json_dict(options)


def options_to_use(origin: str, challenge: str) -> dict[str, Any]:
    """What to ask an authenticator for that shall sign somebody in: nobody says before who that is."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(origin),
        challenge=webauthn.helpers.base64url_to_bytes(challenge),
        timeout=PATIENCE,
        user_verification=webauthn.helpers.structs.UserVerificationRequirement.PREFERRED,
    )
    return webauthn.helpers.options_to_json_dict(options)


def check_made(origin: str, credential: Credential, challenge: str) -> NewKey:
    """The passkey that a browser says was made for this challenge; raises Unproven."""
    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=webauthn.helpers.base64url_to_bytes(challenge),
            expected_rp_id=_host(origin),
            expected_origin=origin,
        )
        # A key that nothing can be checked with later is refused now.
        webauthn.helpers.decoded_public_key_to_cryptography(
            webauthn.helpers.decode_credential_public_key(made.credential_public_key)
        )
    except Exception as error:  # a stranger's bytes may make the library trip over anything
        raise Unproven from error
    # The id that was signed, and the one that stands beside it.
    if webauthn.helpers.bytes_to_base64url(made.credential_id) != credential["id"]:
        raise Unproven
    public_key = webauthn.helpers.bytes_to_base64url(made.credential_public_key)
    return NewKey(credential["id"], public_key, made.sign_count, made.credential_backed_up)


def check_used(origin: str, credential: Credential, challenge: str, passkey: Passkey) -> Use:
    """Whether a passkey has signed this challenge, with a counter that goes on; raises Unproven."""
    try:
        used = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=webauthn.helpers.base64url_to_bytes(challenge),
            expected_rp_id=_host(origin),
            expected_origin=origin,
            credential_public_key=webauthn.helpers.base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
        )
    except Exception as error:  # a stranger's bytes may make the library trip over anything
        raise Unproven from error
    return Use(used.new_sign_count, used.credential_backed_up)


def account_meant(credential: Credential) -> int | None:
    """The account that a passkey says it was made for; None where it says nothing we have told it."""
    handle = credential["response"].get("userHandle")
    try:
        said = webauthn.helpers.base64url_to_bytes(handle or "")
    except ValueError:
        return None
    meant = int.from_bytes(said, "big")
    return meant if len(said) == _ID_BYTES and meant <= _LARGEST_ID else None


def transports_of(credential: Credential) -> str:
    """How an authenticator can be reached, as far as the words are known, separated by spaces."""
    known = {transport.value for transport in webauthn.helpers.structs.AuthenticatorTransport}
    return " ".join(sorted(known.intersection(credential["response"].get("transports") or ())))


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def _described(passkey: Passkey) -> webauthn.helpers.structs.PublicKeyCredentialDescriptor:
    ways = [webauthn.helpers.structs.AuthenticatorTransport(word) for word in passkey.transports.split()]
    return webauthn.helpers.structs.PublicKeyCredentialDescriptor(
        id=webauthn.helpers.base64url_to_bytes(passkey.id), transports=ways or None
    )
